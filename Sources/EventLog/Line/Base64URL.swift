/// Base64url without padding (RFC 4648, section 5), strict: one spelling for each value.
enum Base64URL {
    private static let digits: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    /// Characters that `byteCount` bytes become.
    static func length(ofBytes byteCount: Int) -> Int { (byteCount * 8 + 5) / 6 }

    static func append(_ bytes: UnsafeRawBufferPointer, to text: inout [UInt8]) {
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
    }

    /// Decodes into `bytes`, which must have the exact size that `text` stands for.
    ///
    /// - Returns: Whether `text` is the one spelling of some value of that size.
    static func decode(_ text: UnsafeRawBufferPointer, into bytes: UnsafeMutableRawBufferPointer) -> Bool {
        guard text.count == self.length(ofBytes: bytes.count) else { return false }
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        var written = 0
        for character in text {
            guard let digit = self.value(of: character) else { return false }
            bits = bits << 6 | digit
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes[written] = UInt8(truncatingIfNeeded: bits >> bitCount)
                written += 1
            }
        }
        // What is left over must be zeros, or else two texts would mean the same bytes.
        return written == bytes.count && bits & (1 << bitCount - 1) == 0
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
