/// Reads what `JSONWriter.base64URL` writes: base64 with the URL alphabet and without padding (RFC 4648, section 5),
/// here for values of whole 64-bit words.
enum Base64URL {
    /// Reads text of exactly `wordCount` words (2 or 4); nil for any other length, byte, or for stray low bits, so that
    /// every value has one text.
    static func words(_ text: UnsafeRawBufferPointer, count wordCount: Int) -> (UInt64, UInt64, UInt64, UInt64)? {
        guard text.count == (wordCount * 64 + 5) / 6 else { return nil }
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var bits: UInt32 = 0
        var bitCount = 0
        var byteCount = 0
        for character in text {
            guard let value = self.value(character) else { return nil }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            guard bitCount >= 8 else { continue }
            bitCount -= 8
            let byte = UInt64(bits >> UInt32(bitCount) & 0xFF)
            switch byteCount / 8 {
            case 0: words.0 = words.0 << 8 | byte
            case 1: words.1 = words.1 << 8 | byte
            case 2: words.2 = words.2 << 8 | byte
            default: words.3 = words.3 << 8 | byte
            }
            byteCount += 1
        }
        guard byteCount == wordCount * 8, bits & (1 << UInt32(bitCount) - 1) == 0 else { return nil }
        return words
    }

    private static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
