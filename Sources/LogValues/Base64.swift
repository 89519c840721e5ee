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
    package func append(_ bytes: UnsafeRawBufferPointer, to text: inout [UInt8]) {
        let size = self.length(ofBytes: bytes.count)
        text.append(addingCapacity: size) { span in
            span.withUnsafeMutableBufferPointer { buffer, count in
                self.encode(bytes, into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: size))
                count = size
            }
        }
    }

    package func encode(_ bytes: UnsafeRawBufferPointer) -> String {
        let size = self.length(ofBytes: bytes.count)
        return String(unsafeUninitializedCapacity: size) { text in
            self.encode(bytes, into: UnsafeMutableRawBufferPointer(start: text.baseAddress, count: size))
            return size
        }
    }

    package func encode(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes { self.encode($0) }
    }

    /// Writes all of `text`, which must have the exact size.
    ///
    /// Three bytes are taken at a time: digit by digit took 4% of verifying a log.
    package func encode(_ bytes: UnsafeRawBufferPointer, into text: UnsafeMutableRawBufferPointer) {
        assert(text.count == self.length(ofBytes: bytes.count), "the text has the size that the bytes become")
        let digits = (self == .url ? Self.urlDigits : Self.standardDigits).utf8Start
        let wholeCount = bytes.count / 3 * 3
        var written = 0
        var at = 0
        while at < wholeCount {
            let bits = UInt32(bytes[at]) << 16 | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2])
            text[written] = digits[Int(bits >> 18)]
            text[written + 1] = digits[Int(bits >> 12 & 63)]
            text[written + 2] = digits[Int(bits >> 6 & 63)]
            text[written + 3] = digits[Int(bits & 63)]
            at += 3
            written += 4
        }
        guard at < bytes.count else { return }
        let second = at + 1 < bytes.count ? UInt32(bytes[at + 1]) : 0
        let bits = UInt32(bytes[at]) << 16 | second << 8
        let end = Self.digitCount(ofBytes: bytes.count)
        var shift: UInt32 = 18
        while written < end {
            text[written] = digits[Int(bits >> shift & 63)]
            shift -= 6
            written += 1
        }
        while written < text.count {
            text[written] = Self.padding
            written += 1
        }
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
    package func decode(_ text: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
        guard text.count == self.length(ofBytes: bytes.count) else { return false }
        let digitCount = Self.digitCount(ofBytes: bytes.count)
        guard text[digitCount...].allSatisfy({ $0 == Self.padding }) else { return false }
        let digits = UnsafeRawBufferPointer(rebasing: text[..<digitCount])
        // What is left over must be zeros, or else two texts would mean the same bytes.
        return Self.decode(digits: digits, into: bytes, refusing: self.refused) == 0
    }

    /// The bytes that `text` stands for.
    ///
    /// - Returns: Nil if there are characters outside the alphabet, if the padding is missing or too long, or if bits that
    ///   belong to no byte are set: otherwise two texts would mean the same bytes.
    package func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        let text = Array(text)
        var bytes = [UInt8](repeating: 0, count: Self.withoutPadding(text.count) { text[$0] } * 3 / 4)
        let isDecoded = text.withUnsafeBytes { text in
            bytes.withUnsafeMutableBytes { self.decode(text, into: $0) }
        }
        return isDecoded ? bytes : nil
    }

    /// Decodes either alphabet, or both mixed, with any padding or none, and does not look at the spare bits.
    ///
    /// - Returns: How many bytes the text stands for, or nil if it is no base64 or has more bytes than `target`.
    package static func decodeLeniently(
        _ text: UnsafeRawBufferPointer,
        into target: UnsafeMutableRawBufferPointer
    ) -> Int? {
        let count = self.withoutPadding(text.count) { text[$0] }
        let size = count * 3 / 4
        guard count % 4 != 1, size <= target.count else { return nil }
        let isDecoded =
            self.decode(
                digits: UnsafeRawBufferPointer(rebasing: text[..<count]),
                into: UnsafeMutableRawBufferPointer(rebasing: target[..<size]),
                refusing: .notADigit
            ) != nil
        return isDecoded ? size : nil
    }

    /// How many characters are left without the padding at the end.
    private static func withoutPadding(_ count: Int, _ character: (Int) -> UInt8) -> Int {
        var count = count
        while count > 0, character(count - 1) == self.padding { count -= 1 }
        return count
    }

    /// Decodes digits, of which there are as many as `bytes` needs.
    ///
    /// - Returns: The bits that belong to no byte; nil if one of the digits is refused.
    private static func decode(
        digits: UnsafeRawBufferPointer,
        into bytes: UnsafeMutableRawBufferPointer,
        refusing refused: Trait
    ) -> UInt32? {
        self.values.withUnsafeBufferPointer { values in
            var bits: UInt32 = 0
            var bitCount: UInt32 = 0
            var written = 0
            var seen: UInt16 = 0
            for character in digits {
                let digit = values[Int(character)]
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
