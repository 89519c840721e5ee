/// Text from outside, made harmless for a terminal.
enum TerminalText {
    /// Appends UTF-8 text, with control characters (C0, DEL, C1) and bidirectional overrides written as `\u{…}`.
    static func append(_ text: some Collection<UInt8>, to bytes: inout [UInt8]) {
        // As nearly all text is.
        if text.allSatisfy({ 0x20..<0x7F ~= $0 }) { return bytes.append(contentsOf: text) }
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            if self.isHarmful(scalar) {
                bytes.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".utf8)
            } else {
                bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x61C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
