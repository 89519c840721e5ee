/// Standard base64 with padding (RFC 4648, section 4), strict: one spelling for each value.
///
/// Notes, verifier keys and proofs use it; the log's own lines use ``Base64URL``.
package enum Base64 {
    private static let digits: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    private static let padding = UInt8(ascii: "=")

    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                text.append(self.digits.utf8Start[Int(bits >> bitCount & 63)])
            }
        }
        if bitCount > 0 {
            text.append(self.digits.utf8Start[Int(bits << (6 - bitCount) & 63)])
        }
        while text.count % 4 != 0 { text.append(self.padding) }
        return String(decoding: text, as: UTF8.self)
    }

    package static func encode(_ hash: Hash256) -> String {
        hash.withUnsafeBytes { self.encode($0) }
    }

    /// The bytes that `text` stands for.
    ///
    /// - Returns: Nil if there are characters outside the alphabet, if the padding is missing or too long, or if bits that
    ///   belong to no byte are set: otherwise two texts would mean the same bytes.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        let digits = text.prefix { $0 != self.padding }
        let paddingCount = text.count - digits.count
        guard paddingCount <= 2, text.suffix(paddingCount).allSatisfy({ $0 == self.padding }) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for character in digits {
            guard let digit = self.value(of: character) else { return nil }
            bits = bits << 6 | digit
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
            }
        }
        return bits & (1 << bitCount - 1) == 0 ? bytes : nil
    }

    /// The hash that `text` stands for; nil unless it is the one spelling of 32 bytes.
    package static func decodeHash(_ text: some Collection<UInt8>) -> Hash256? {
        self.decode(text).flatMap { $0.withUnsafeBytes { Hash256(bytes: $0) } }
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}

extension Hash256 {
    /// Standard base64 with padding, as it stands in notes and proofs; in the log it is base64url.
    package var base64: String { Base64.encode(self) }
}
