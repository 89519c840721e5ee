import RawJSON
import Testing

@Suite("Scanner: malformed texts")
struct JSONScannerErrorTests {
    static let cases: [(String, RawJSONError)] = [
        ("", .unexpectedEnd(offset: 0)),
        (" \n", .unexpectedEnd(offset: 2)),
        ("[1,2", .unexpectedEnd(offset: 4)),
        ("{\"a\"", .unexpectedEnd(offset: 4)),
        ("\"abc", .unexpectedEnd(offset: 4)),
        ("\"\\", .unexpectedEnd(offset: 2)),
        ("\"\\u00", .unexpectedEnd(offset: 5)),
        ("-", .unexpectedEnd(offset: 1)),
        ("1e+", .unexpectedEnd(offset: 3)),
        ("tru", .unexpectedEnd(offset: 3)),
        ("[1,]", .unexpectedByte(UInt8(ascii: "]"), offset: 3)),
        ("{\"a\":1,}", .unexpectedByte(UInt8(ascii: "}"), offset: 7)),
        ("{\"a\" 1}", .unexpectedByte(UInt8(ascii: "1"), offset: 5)),
        ("[1}", .unexpectedByte(UInt8(ascii: "}"), offset: 2)),
        ("{\"a\":1]", .unexpectedByte(UInt8(ascii: "]"), offset: 6)),
        ("{1:2}", .unexpectedByte(UInt8(ascii: "1"), offset: 1)),
        ("+1", .unexpectedByte(UInt8(ascii: "+"), offset: 0)),
        ("NaN", .unexpectedByte(UInt8(ascii: "N"), offset: 0)),
        ("\u{FEFF}[]", .unexpectedByte(0xEF, offset: 0)),
        ("1 2", .trailingByte(UInt8(ascii: "2"), offset: 2)),
        ("{}}", .trailingByte(UInt8(ascii: "}"), offset: 2)),
        ("1x", .trailingByte(UInt8(ascii: "x"), offset: 1)),
        ("[nulx]", .invalidLiteral(offset: 1)),
        ("[tRUE]", .invalidLiteral(offset: 1)),
        ("[01]", .invalidNumber(offset: 2)),
        ("[-01]", .invalidNumber(offset: 3)),
        ("[1.]", .invalidNumber(offset: 3)),
        ("[1.e5]", .invalidNumber(offset: 3)),
        ("[1e]", .invalidNumber(offset: 3)),
        ("[-NaN]", .invalidNumber(offset: 2)),
        ("\"a\tb\"", .controlCharacter(0x09, offset: 2)),
        ("\"eight plain bytes, then\u{0}\"", .controlCharacter(0x00, offset: 24)),
        ("\"\\x41\"", .invalidEscape(offset: 2)),
        ("\"\\u00g0\"", .invalidEscape(offset: 5)),
        ("\"\\U0041\"", .invalidEscape(offset: 2)),
        ("\"a\\ud800\"", .loneSurrogate(offset: 2)),
        ("\"\\udc00\\ud800\"", .loneSurrogate(offset: 1)),
        ("\"\\ud800\\u0041\"", .loneSurrogate(offset: 1)),
        ("\"\\ud800\\n\"", .loneSurrogate(offset: 1)),
        ("{\"\\ud800\":1}", .loneSurrogate(offset: 2)),
    ]

    @Test("the error says what is wrong and at which byte", arguments: Self.cases)
    func refuses(_ text: String, _ expected: RawJSONError) {
        #expect(Text.trouble(with: Array(text.utf8)) == expected)
    }

    @Test("reading member by member finds the same errors as skipping whole", arguments: Self.cases)
    func refusesPulling(_ text: String, _ expected: RawJSONError) {
        #expect(throws: expected) {
            try Text.scan(text) { (scanner) throws in
                try Self.pull(&scanner)
                try scanner.finish()
            }
        }
    }

    @Test("an error reads as a sentence with its offset")
    func description() {
        #expect("\(RawJSONError.unexpectedByte(UInt8(ascii: "]"), offset: 3))" == "unexpected ']' at byte 3")
        #expect("\(RawJSONError.controlCharacter(9, offset: 2))" == "unescaped byte 0x09 in a string at byte 2")
        #expect("\(RawJSONError.tooDeep(limit: 64, offset: 64))" == "JSON nested deeper than 64 at byte 64")
        for (_, trouble) in Self.cases { #expect("\(trouble)".hasSuffix(" at byte \(trouble.offset)")) }
    }

    /// Reads the values through the calls for each kind, recursing as deep as the cases are nested.
    private static func pull(_ scanner: inout JSONScanner) throws {
        switch try scanner.peek() {
        case .object:
            try scanner.beginObject()
            while try scanner.nextMember() != nil { try Self.pull(&scanner) }
        case .array:
            try scanner.beginArray()
            while try scanner.nextElement() { try Self.pull(&scanner) }
        case .string: _ = try scanner.readString()
        case .true, .false: _ = try scanner.readBoolean()
        case .null: try scanner.skipValue()
        case .number:
            do {
                _ = try scanner.readInteger()
            } catch RawJSONError.expected {
                try scanner.skipValue()
            }
        }
    }
}
