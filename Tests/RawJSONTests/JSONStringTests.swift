import LogValues
import RawJSON
import Testing

@Suite("Strings")
struct JSONStringTests {
    /// A token, and the text that it stands for.
    static let cases: [(String, String)] = [
        (#""""#, ""),
        (#""plain""#, "plain"),
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u0041\u00e9\u00E9""#, "Aéé"),
        (#""\u0000""#, "\0"),
        (#""\u007f\u0080\u07ff\u0800\uffff""#, "\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}"),
        (#""\ud83d\ude00""#, "😀"),
        (#""\ud800\udc00\udbff\udfff""#, "\u{10000}\u{10FFFF}"),
        (#""é€😀 \u2028""#, "é€😀 \u{2028}"),
        (#""\\u0041""#, #"\u0041"#),
        (#""ends with \\""#, #"ends with \"#),
        (#""\u0065\u0301""#, "e\u{301}"),
        ("\"\u{FEFF}a\\n\u{FEFF}\"", "\u{FEFF}a\n\u{FEFF}"),  // Foundation drops these two
    ]

    @Test("escapes are resolved, and surrogate pairs joined", arguments: Self.cases)
    func decodes(_ token: String, _ text: String) throws {
        try Text.scan(token) { (scanner) throws in
            let string = try scanner.readString()
            let (decoded, bytes, hasEscapes) = (string.decoded(), string.decodedUTF8(), string.hasEscapes)
            let raw = Array(string.raw)
            #expect(Array(decoded.utf8) == Array(text.utf8))
            #expect(bytes == Array(text.utf8))
            #expect(hasEscapes == token.contains("\\"))
            #expect(raw == Array(token.utf8.dropFirst().dropLast()))
        }
    }

    @Test("a length is that of the decoded text in Unicode scalars", arguments: Self.cases)
    func scalarCount(_ token: String, _ text: String) throws {
        #expect(try Text.scan(token) { try $0.readString().scalarCount } == text.unicodeScalars.count)
    }

    @Test("a string equals the bytes of its text, and no others", arguments: Self.cases)
    func equals(_ token: String, _ text: String) throws {
        try Text.scan(token) { (scanner) throws in
            let string = try scanner.readString()
            let isEqual = string.equals(Array(text.utf8))
            let isLonger = string.equals(Array(text.utf8) + [0x20])
            let isOther = string.equals(Array(text.utf8.dropLast()) + [0x01])
            #expect(isEqual)
            #expect(!isLonger)
            #expect(!isOther)
        }
    }

    @Test("a string equals a literal however it is escaped")
    func equalsLiteral() throws {
        for token in [#""user""#, #""\u0075ser""#, #""u\u0073\u0065r""#] {
            try Text.scan(token) { (scanner) throws in
                let string = try scanner.readString()
                let isEqual = string == "user"
                let others = (string != "users", string != "use", string != "User")
                #expect(isEqual)
                #expect(others == (true, true, true))
                switch string {
                case "channel": Issue.record("another name")
                case "user": break
                default: Issue.record("no name")
                }
            }
        }
    }

    @Test("spellings that Swift's String merges stay apart")
    func comparesBytes() throws {
        try Text.scan(#"["\u00e9","e\u0301"]"#) { (scanner) throws in
            try scanner.beginArray()
            _ = try scanner.nextElement()
            let composed = try scanner.readString()
            _ = try scanner.nextElement()
            let decomposed = try scanner.readString()
            let texts = (composed.decoded(), decomposed.decoded())
            let areEqual = (composed == "\u{E9}", decomposed == "\u{E9}")
            let counts = (composed.scalarCount, decomposed.scalarCount)
            #expect(texts.0 == texts.1)
            #expect(areEqual == (true, false))
            #expect(counts == (1, 2))
        }
    }
}
