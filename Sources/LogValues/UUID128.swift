/// A UUID (RFC 9562) as two words, written in canonical lower case with dashes.
///
/// Foundation's type writes upper case, reads one spelling only, and costs an import.
@usableFromInline
package struct UUID128: Hashable, Comparable, Sendable, CustomStringConvertible {
    @usableFromInline package let high: UInt64
    @usableFromInline package let low: UInt64

    @inlinable
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Version 4 from 128 random bits: version and variant bits are set here.
    @inlinable
    package init(random high: UInt64, _ low: UInt64) {
        self.high = high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        self.low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    }

    @inlinable
    package static func == (left: UUID128, right: UUID128) -> Bool { left.high == right.high && left.low == right.low }

    @inlinable
    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.high)
        hasher.combine(self.low)
    }

    @inlinable
    package static func < (left: UUID128, right: UUID128) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }

    @usableFromInline package var description: String {
        var text: [UInt8] = []
        self.append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The size of the canonical text, in bytes.
    package static let textSize = 36

    /// Appends the canonical text.
    package func append(to bytes: inout [UInt8]) {
        bytes.append(upTo: Self.textSize) { self.append(to: &$0) }
    }

    /// Appends the canonical text, 36 bytes: lower case, dashes after 8, 12, 16 and 20 digits.
    package func append(to output: inout OutputSpan<UInt8>) {
        let second = HexadecimalLanes.digits(of: UInt32(truncatingIfNeeded: self.high))
        let third = HexadecimalLanes.digits(of: UInt32(truncatingIfNeeded: self.low >> 32))
        output.append(bigEndian: HexadecimalLanes.digits(of: UInt32(truncatingIfNeeded: self.high >> 32)))
        output.append(Self.dash)
        output.append(bigEndian: UInt32(truncatingIfNeeded: second >> 32))
        output.append(Self.dash)
        output.append(bigEndian: UInt32(truncatingIfNeeded: second))
        output.append(Self.dash)
        output.append(bigEndian: UInt32(truncatingIfNeeded: third >> 32))
        output.append(Self.dash)
        output.append(bigEndian: UInt32(truncatingIfNeeded: third))
        output.append(bigEndian: HexadecimalLanes.digits(of: UInt32(truncatingIfNeeded: self.low)))
    }
}

// MARK: - Reading

extension UUID128 {
    /// Reads the canonical text and nothing else: 36 bytes, lower case, dashes in their places.
    package init?(canonical text: Bytes) {
        guard text.count == Self.textSize, text[8] == Self.dash, text[13] == Self.dash, text[18] == Self.dash,
            text[23] == Self.dash
        else { return nil }
        // Eight digits at a time and without branches: digits are random, and one by one half of the branches on them
        // were predicted wrong.
        guard let first = HexadecimalLanes(text, at: 0).value,
            let second = HexadecimalLanes(text, at: 9, and: 14).value,
            let third = HexadecimalLanes(text, at: 19, and: 24).value, let fourth = HexadecimalLanes(text, at: 28).value
        else { return nil }
        self.init(
            high: UInt64(first) << 32 | UInt64(second),
            low: UInt64(third) << 32 | UInt64(fourth)
        )
    }

    private static var dash: UInt8 { UInt8(ascii: "-") }

    /// Reads the canonical text and nothing else.
    package init?(canonical text: String) {
        self.init(canonical: text.utf8Span.span)
    }

    /// Reads the spellings that clients use: any case, dashes anywhere or nowhere, braces, `urn:` and `uuid:`.
    ///
    /// These are the spellings of Python's `uuid.UUID(text)` without the accidents of its `int(text, 16)` (a sign,
    /// blanks, `0x`, `_`, digits beyond ASCII). Any version and variant pass.
    package init?(lenient text: some Collection<UInt8>) {
        // The longest spelling worth reading: every digit with a dash, and both prefixes. Longer texts are refused
        // early.
        guard text.count <= 128 else { return nil }
        var rest = Array(text)
        for prefix in ["urn:", "uuid:"] {
            rest = Self.removing(Array(prefix.utf8), from: rest)
        }
        var digits = rest[...]
        while let first = digits.first, Self.isBrace(first) { digits.removeFirst() }
        while let last = digits.last, Self.isBrace(last) { digits.removeLast() }
        var words: (UInt64, UInt64) = (0, 0)
        var count = 0
        for byte in digits where byte != UInt8(ascii: "-") {
            guard count < 32, let value = Hexadecimal.value(byte) else { return nil }
            if count < 16 {
                words.0 = words.0 << 4 | UInt64(value)
            } else {
                words.1 = words.1 << 4 | UInt64(value)
            }
            count += 1
        }
        guard count == 32 else { return nil }
        self.init(high: words.0, low: words.1)
    }

    /// Reads any of the spellings, the canonical one, which most are in, first.
    package init?(anySpelling text: Bytes) {
        guard let uuid = UUID128(canonical: text) ?? UUID128(lenient: Array(text)) else { return nil }
        self = uuid
    }

    private static func isBrace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}")
    }

    /// Removes every occurrence from left to right, as Python's `str.replace(pattern, "")` does.
    private static func removing(_ pattern: [UInt8], from text: [UInt8]) -> [UInt8] {
        var kept: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index...].starts(with: pattern) {
                index += pattern.count
            } else {
                kept.append(text[index])
                index += 1
            }
        }
        return kept
    }
}
