/// Base64 (RFC 4648), strict: one spelling for each value.
package enum Base64: Sendable {
    /// The alphabet of section 4, with padding: notes, verifier keys, proofs, handshakes.
    case standard
    /// The alphabet of section 5, without padding: hashes and salts in the log, and whatever stands in a cookie or URL.
    case url

    private static let standardDigits: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    private static let urlDigits: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    private static let padding = UInt8(ascii: "=")

    /// Characters that `byteCount` bytes become.
    package func length(ofBytes byteCount: Int) -> Int {
        switch self {
        case .standard: (byteCount + 2) / 3 * 4
        case .url: Self.digitCount(ofBytes: byteCount)
        }
    }

    private static func digitCount(ofBytes byteCount: Int) -> Int { (byteCount * 8 + 5) / 6 }
}

// MARK: - Writing

extension Base64 {
    package func append(_ bytes: Bytes, to text: inout [UInt8]) {
        text.append(upTo: self.length(ofBytes: bytes.count)) { self.append(bytes, to: &$0) }
    }

    package func encode(_ bytes: Bytes) -> String {
        var text: [UInt8] = []
        self.append(bytes, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    package func encode(_ bytes: [UInt8]) -> String { self.encode(bytes.span) }

    /// Appends ``length(ofBytes:)`` characters.
    ///
    /// Three bytes are taken at a time: digit by digit took 4% of verifying a log.
    package func append(_ bytes: Bytes, to text: inout OutputSpan<UInt8>) {
        let digits = (self == .url ? Self.urlDigits : Self.standardDigits).bytes
        // There are 64 digits, and six bits lead to each.
        func digit(_ bits: UInt32) -> UInt32 { UInt32(unsafe digits[unchecked: Int(bits & 63)]) }
        let whole = bytes.count / 3 * 3
        var at = 0
        while at < whole {
            let bits = UInt32(bytes[at]) << 16 | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2])
            text.append(
                bigEndian: digit(bits >> 18) << 24 | digit(bits >> 12) << 16 | digit(bits >> 6) << 8 | digit(bits)
            )
            at += 3
        }
        guard at < bytes.count else { return }
        let isPair = at + 1 < bytes.count
        let bits = UInt32(bytes[at]) << 16 | (isPair ? UInt32(bytes[at + 1]) << 8 : 0)
        text.append(UInt8(digit(bits >> 18)))
        text.append(UInt8(digit(bits >> 12)))
        if isPair { text.append(UInt8(digit(bits >> 6))) }
        guard self == .standard else { return }
        text.append(repeating: Self.padding, count: isPair ? 1 : 2)
    }
}

// MARK: - Reading

extension Base64 {
    /// Whether a character stands for six bits in this alphabet.
    package func isDigit(_ character: UInt8) -> Bool {
        Self.values[Int(character)] & self.refused.rawValue == 0
    }

    private var refused: Trait { self == .url ? .notURL : .notStandard }

    /// Decodes into `bytes`, which must have the exact size that `text` stands for.
    ///
    /// - Returns: Whether `text` is the one spelling of some value of that size.
    package func decode(_ text: Bytes, into bytes: inout MutableSpan<UInt8>) -> Bool {
        guard text.count == self.length(ofBytes: bytes.count) else { return false }
        let digits = text.extracting(..<Self.digitCount(ofBytes: bytes.count))
        for place in digits.count..<text.count where text[place] != Self.padding { return false }
        // What is left over must be zeros, or else two texts would mean the same bytes.
        return Self.decode(digits: digits, into: &bytes, refusing: self.refused) == 0
    }

    /// The bytes that `text` stands for.
    ///
    /// - Returns: Nil if there are characters outside the alphabet, if the padding is missing or too long, or if bits that
    ///   belong to no byte are set: otherwise two texts would mean the same bytes.
    package func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        let text = Array(text)
        var bytes = [UInt8](repeating: 0, count: Self.withoutPadding(text.span).count * 3 / 4)
        var target = bytes.mutableSpan
        return self.decode(text.span, into: &target) ? bytes : nil
    }

    /// Decodes either alphabet, or both mixed, with any padding or none, and does not look at the spare bits.
    ///
    /// - Returns: How many bytes the text stands for, or nil if it is no base64 or has more bytes than `target`.
    package static func decodeLeniently(_ text: Bytes, into target: inout MutableSpan<UInt8>) -> Int? {
        let digits = self.withoutPadding(text)
        let size = digits.count * 3 / 4
        guard digits.count % 4 != 1, size <= target.count else { return nil }
        return self.decode(digits: digits, into: &target, refusing: .notADigit) == nil ? nil : size
    }

    @_lifetime(copy text)
    private static func withoutPadding(_ text: Bytes) -> Bytes {
        var count = text.count
        while count > 0, text[count - 1] == self.padding { count -= 1 }
        return text.extracting(..<count)
    }

    /// Decodes digits, for whose bytes `bytes` has room.
    ///
    /// - Returns: The bits that belong to no byte; nil if one of the digits is refused.
    private static func decode(
        digits: Bytes,
        into bytes: inout MutableSpan<UInt8>,
        refusing refused: Trait
    ) -> UInt32? {
        let values = self.values.span
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        var written = 0
        var seen: UInt16 = 0
        for place in digits.indices {
            // The table has an entry for every byte.
            let digit = unsafe values[unchecked: Int(digits[place])]
            seen |= digit
            bits = bits << 6 | UInt32(digit & 63)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes[written] = UInt8(truncatingIfNeeded: bits >> bitCount)
                written += 1
            }
        }
        return seen & refused.rawValue == 0 ? bits & (1 << bitCount - 1) : nil
    }

    /// What makes a character no digit, as bits above those of a digit's value.
    private struct Trait: OptionSet {
        let rawValue: UInt16

        static let notADigit = Trait(rawValue: 0x40)
        static let notStandard = Trait(rawValue: 0x80)
        static let notURL = Trait(rawValue: 0x100)
    }

    /// What each byte means as a digit, with its traits.
    ///
    /// A table, since digits are random: comparing ranges mispredicts, and took 8% of verifying a log.
    private static let values: [UInt16] = (0...UInt8.max).map { character in
        let all: Trait = [.notADigit, .notStandard, .notURL]
        return switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt16(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt16(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62 | Trait.notURL.rawValue
        case UInt8(ascii: "/"): 63 | Trait.notURL.rawValue
        case UInt8(ascii: "-"): 62 | Trait.notStandard.rawValue
        case UInt8(ascii: "_"): 63 | Trait.notStandard.rawValue
        default: all.rawValue
        }
    }
}
