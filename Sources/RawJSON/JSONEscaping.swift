import LogValues

/// Turns text into string tokens: only what must be escaped is (RFC 8259, section 7), UTF-8 passes.
enum JSONEscaping {
    /// Whether a byte cannot stand in a string as it is.
    static func isNeeded(_ byte: UInt8) -> Bool {
        byte < ASCII.space || byte == ASCII.quote || byte == ASCII.backslash
    }

    static func appendQuoted(_ text: String, to output: inout [UInt8]) {
        Self.appendQuoted(text.utf8Span.span, to: &output)
    }

    /// Appends the token for bytes that are UTF-8.
    static func appendQuoted(_ utf8: Bytes, to output: inout [UInt8]) {
        assert(Self.isUTF8(utf8), "the text of a string is UTF-8")
        output.append(ASCII.quote)
        var start = 0
        while start < utf8.count {
            let end = Self.endOfPlain(utf8, from: start)
            output.append(contentsOf: utf8.extracting(start..<end))
            guard end < utf8.count else { break }
            Self.appendEscape(of: utf8[end], to: &output)
            start = end + 1
        }
        output.append(ASCII.quote)
    }

    /// The index of the first byte that needs an escape, or the size.
    static func endOfPlain(_ utf8: Bytes, from start: Int) -> Int {
        let tokens = JSONTokens(utf8)
        var index = start
        while utf8.count - index >= ByteLanes.count {
            let escaped = tokens.lanes(at: index).escaped
            guard escaped == 0 else { return index + ByteLanes.leading(escaped) }
            index += ByteLanes.count
        }
        while index < utf8.count, !Self.isNeeded(utf8[index]) { index += 1 }
        return index
    }

    private static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
        output.append(ASCII.backslash)
        switch byte {
        case ASCII.quote, ASCII.backslash: output.append(byte)
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case ASCII.lineFeed: output.append(UInt8(ascii: "n"))
        case ASCII.carriageReturn: output.append(UInt8(ascii: "r"))
        case ASCII.tab: output.append(UInt8(ascii: "t"))
        default:
            output.append(UInt8(ascii: "u"))
            output.append(ASCII.zero)
            output.append(ASCII.zero)
            output.append(Hexadecimal.digit(byte >> 4))
            output.append(Hexadecimal.digit(byte & 0xF))
        }
    }

    private static func isUTF8(_ bytes: Bytes) -> Bool {
        (try? UTF8Span(validating: bytes)) != nil
    }
}
