import RawJSON
import Testing

@Suite("Owned values")
struct RawJSONTests {
    @Test(
        "white space outside strings is dropped, all else stays",
        arguments: [
            (" [ 1 , 2 ] ", "[1,2]"),
            ("{\r\n\t\"a b\" : \" c  d \"\n}", "{\"a b\":\" c  d \"}"),
            (#"{"q":"\" , \\" , "r":"\\"}"#, #"{"q":"\" , \\","r":"\\"}"#),
            ("\n1.0\n", "1.0"),
            ("[]", "[]"),
            ("[ ]", "[]"),
            ("{ }", "{}"),
            ("\"  \"", "\"  \""),
            (#"[-0,1E5,1e400,"a\/b","\u0061",{"a":1,"a":2}]"#, #"[-0,1E5,1e400,"a\/b","\u0061",{"a":1,"a":2}]"#),
        ]
    )
    func compacts(_ text: String, _ expected: String) throws {
        let json = try RawJSON(validating: Array(text.utf8))
        #expect(json.description == expected)
        #expect(json.bytes == Array(expected.utf8))
        #expect(try RawJSON(validating: text.utf8) == json)
    }

    @Test("white space around a value's slice does not cost the others their fast copy, or its own dropping")
    func slices() throws {
        try Text.scan(#"[ {"a":1} , { "b":2 } , "x y" ]"#) { (scanner) throws in
            var values: [String] = []
            try scanner.beginArray()
            while try scanner.nextElement() {
                values.append(try scanner.readValue().rawJSON().description)
            }
            #expect(values == [#"{"a":1}"#, #"{"b":2}"#, #""x y""#])
        }
    }

    @Test("values are equal when their bytes are")
    func equality() throws {
        #expect(try RawJSON(validating: Array("[1]".utf8)) == RawJSON(validating: Array("[ 1 ]".utf8)))
        #expect(try RawJSON(validating: Array("1.0".utf8)) != RawJSON(validating: Array("1".utf8)))
        #expect(RawJSON.emptyObject.description == "{}")
        #expect(RawJSON.null.description == "null")
    }

    @Test("the kind is that of the value")
    func kind() throws {
        #expect(RawJSON.emptyObject.kind == .object)
        #expect(RawJSON.null.kind == .null)
        #expect(try RawJSON(validating: Array(" -1".utf8)).kind == .number)
    }

    @Test("200 containers may be open by default")
    func depth() {
        let deep = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
        #expect(throws: Never.self) { try RawJSON(validating: Array(deep(200).utf8)) }
        #expect(throws: RawJSONError.tooDeep(limit: 200, offset: 200)) {
            try RawJSON(validating: Array(deep(201).utf8))
        }
    }

    @Test("malformed text has no value", arguments: ["", "[1,]", "1 2", "NaN"])
    func refuses(_ text: String) {
        #expect(throws: RawJSONError.self) { try RawJSON(validating: Array(text.utf8)) }
    }

    @Test("a scanner over a value passes on what the body returns and throws")
    func withScanner() throws {
        let json = try RawJSON(validating: Array(#"{"a":[1,2]}"#.utf8))
        let size = try json.withScanner { (scanner) throws(RawJSONError) -> Int in
            try scanner.readValue().bytes.count
        }
        #expect(size == 11)
        #expect(throws: RawJSONError.expected(.array, offset: 0)) {
            try json.withScanner { (scanner) throws(RawJSONError) in try scanner.beginArray() }
        }
    }

    #if DEBUG
        @Test("trusted bytes that are no compact value trap in debug builds")
        func trusted() async {
            await #expect(processExitsWith: .failure) { _ = RawJSON(trusted: Array("[ 1]".utf8)) }
            await #expect(processExitsWith: .failure) { _ = RawJSON(trusted: []) }
        }
    #endif
}
