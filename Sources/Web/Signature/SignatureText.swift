/// Reads base64url as itsdangerous and its clients write it, for which ``Base64URL`` is too strict.
///
/// It is a little lenient, and only where deployed clients need it: the JavaScript signer that ships with
/// Channelstream replaces only the first `+`, `/` and `=`, so both alphabets and trailing `=` are read. Everything else
/// (white space, other characters, an impossible length) is refused.
package enum SignatureText {
    /// Decodes into memory of the caller.
    ///
    /// Spare bits of the last character are ignored, as Python does: several spellings stand for the same bytes.
    /// - Returns: How many bytes it stands for, or nil if it is no Base64 or has more bytes than `target`.
    package static func decode(_ text: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
        var end = text.endIndex
        while end > text.startIndex, text[end - 1] == UInt8(ascii: "=") {
            end -= 1
        }
        let count = end - text.startIndex
        guard count % 4 != 1 else { return nil }
        let size = count * 3 / 4
        guard size <= target.count else { return nil }

        var bits: UInt32 = 0
        var bitCount = 0
        var written = 0
        for index in text.startIndex..<end {
            guard let value = self.value(of: text[index]) else { return nil }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                target[written] = UInt8(truncatingIfNeeded: bits >> UInt32(bitCount))
                written += 1
            }
        }
        return written
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"), UInt8(ascii: "+"): 62
        case UInt8(ascii: "_"), UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
