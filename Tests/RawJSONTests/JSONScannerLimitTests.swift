import RawJSON
import Testing

@Suite("Scanner: limits and misuse")
struct JSONScannerLimitTests {
    private static func nested(_ depth: Int) -> [UInt8] {
        Array(repeating: UInt8(ascii: "["), count: depth) + Array(repeating: UInt8(ascii: "]"), count: depth)
    }

    @Test(
        "as many containers as the limit may be open, and not one more",
        arguments: [0, 1, 2, 64, 127, 128, 129, 256]
    )
    func depth(_ limit: Int) {
        if limit > 0 { #expect(Text.trouble(with: Self.nested(limit), maximumDepth: limit) == nil) }
        let trouble = Text.trouble(with: Self.nested(limit + 1), maximumDepth: limit)
        #expect(trouble == .tooDeep(limit: limit, offset: limit))
    }

    @Test("the default limit is 64")
    func defaultDepth() {
        #expect(Text.trouble(with: Self.nested(64)) == nil)
        #expect(Text.trouble(with: Self.nested(65)) == .tooDeep(limit: 64, offset: 64))
    }

    @Test("containers that the caller opened count, and a value in them as well")
    func depthAcrossCalls() throws {
        try Text.scan("[[[]]]", maximumDepth: 2) { (scanner) throws in
            try scanner.beginArray()
            _ = try scanner.nextElement()
            #expect(throws: RawJSONError.tooDeep(limit: 2, offset: 2)) { try scanner.skipValue() }
        }
        try Text.scan("[[[]]]", maximumDepth: 2) { (scanner) throws in
            try scanner.beginArray()
            _ = try scanner.nextElement()
            try scanner.beginArray()
            _ = try scanner.nextElement()
            #expect(throws: RawJSONError.tooDeep(limit: 2, offset: 2)) { try scanner.beginArray() }
        }
    }

    @Test("objects and arrays close in the order in which they were opened, at every depth")
    func mixedNesting() {
        // Objects and arrays take turns in a pattern that does not repeat every 64 or 128.
        let isObject = (0..<256).map { $0 % 3 == 0 || $0 % 7 == 0 }
        let opening = isObject.map { $0 ? "{\"a\":" : "[" }.joined()
        let closing = isObject.reversed().map { $0 ? "}" : "]" }
        #expect(Text.trouble(with: Array("\(opening)0\(closing.joined())".utf8), maximumDepth: 256) == nil)
        for wrong in closing.indices {
            var closing = closing
            closing[wrong] = closing[wrong] == "}" ? "]" : "}"
            let trouble = Text.trouble(with: Array("\(opening)0\(closing.joined())".utf8), maximumDepth: 256)
            #expect(trouble?.offset == opening.utf8.count + 1 + wrong)
        }
    }

    @Test("a million brackets are refused at the limit, without a call a bracket")
    func hugeNesting() {
        let text = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(Text.trouble(with: text, maximumDepth: 256) == .tooDeep(limit: 256, offset: 256))
    }

    @Test("a number may have as many bytes as the limit, and not one more")
    func numberSize() {
        let longest = [UInt8](repeating: UInt8(ascii: "1"), count: JSONScanner.maximumNumberSize)
        #expect(Text.trouble(with: longest) == nil)
        #expect(Text.trouble(with: longest + longest) == .numberTooLong(offset: 0))
        #expect(Text.trouble(with: longest + [UInt8(ascii: "1")]) == .numberTooLong(offset: 0))
    }

    @Test("asking for a member before the last value was read traps")
    func memberBeforeValue() async {
        await #expect(processExitsWith: .failure) {
            try Text.scan(#"{"a":1,"b":2}"#) { (scanner) throws in
                try scanner.beginObject()
                _ = try scanner.nextMember()
                _ = try scanner.nextMember()
            }
        }
    }

    @Test("asking for an element of an object traps")
    func elementOfObject() async {
        await #expect(processExitsWith: .failure) {
            try Text.scan("{}") { (scanner) throws in
                try scanner.beginObject()
                _ = try scanner.nextElement()
            }
        }
    }

    @Test("reading a value where none was announced traps")
    func valueWithoutElement() async {
        await #expect(processExitsWith: .failure) {
            try Text.scan("[1]") { (scanner) throws in
                try scanner.beginArray()
                try scanner.skipValue()
            }
        }
    }

    @Test("a text that is finished inside a container traps")
    func finishInside() async {
        await #expect(processExitsWith: .failure) {
            try Text.scan("[]") { (scanner) throws in
                try scanner.beginArray()
                try scanner.finish()
            }
        }
    }
}
