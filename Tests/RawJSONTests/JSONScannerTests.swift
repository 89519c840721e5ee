import LogValues
import RawJSON
import Testing

@Suite("Scanner")
struct JSONScannerTests {
    @Test("a caller reads along the structure that it expects")
    func pull() throws {
        try Text.scan(#" { "seq" : 17 , "data" : { "on" : true } , "list":[ "a" , null , [ ] ],"rest":{"x":[1,{}]}} "#)
        { (scanner) throws in
            var names: [String] = []
            try scanner.beginObject()
            while let name = try scanner.nextMember() {
                names.append(name.decoded())
                switch name {
                case "seq":
                    #expect(try scanner.readInteger() == 17)
                case "data":
                    try scanner.beginObject()
                    #expect(try scanner.nextMember()?.decoded() == "on")
                    #expect(try scanner.readBoolean())
                    #expect(try scanner.nextMember() == nil)
                case "list":
                    try scanner.beginArray()
                    #expect(try scanner.nextElement())
                    #expect(try scanner.readString().decoded() == "a")
                    #expect(try scanner.nextElement())
                    #expect(try scanner.peek() == .null)
                    try scanner.skipValue()
                    #expect(try scanner.nextElement())
                    try scanner.beginArray()
                    #expect(try !scanner.nextElement())
                    #expect(try !scanner.nextElement())
                default:
                    let value = try scanner.readValue()
                    #expect(value.kind == .object)
                    #expect(String(decoding: value.bytes, as: UTF8.self) == #"{"x":[1,{}]}"#)
                }
            }
            try scanner.finish()
            #expect(names == ["seq", "data", "list", "rest"])
        }
    }

    @Test(
        "peek tells the kind and consumes nothing",
        arguments: [
            ("{}", JSONScanner.Kind.object), ("[]", .array), ("\"\"", .string), ("-1", .number), ("0", .number),
            ("true", .true), ("false", .false), ("null", .null),
        ]
    )
    func peeks(_ text: String, _ kind: JSONScanner.Kind) throws {
        try Text.scan(text) { (scanner) throws in
            #expect(try scanner.peek() == kind)
            #expect(try scanner.peek() == kind)
            #expect(try scanner.readValue().kind == kind)
            #expect(kind.isBoolean == (text == "true" || text == "false"))
        }
    }

    @Test("a duplicate name comes twice")
    func duplicates() throws {
        try Text.scan(#"{"a":1,"\u0061":2}"#) { (scanner) throws in
            try scanner.beginObject()
            var values: [Int64] = []
            while let name = try scanner.nextMember() {
                let isSame = name == "a"
                #expect(isSame)
                values.append(try scanner.readInteger())
            }
            #expect(values == [1, 2])
        }
    }

    @Test("a value of another kind is still there to be read", arguments: ["{}", "[]", "\"s\"", "1.5", "true", "null"])
    func wrongKind(_ text: String) throws {
        try Text.scan(" \(text)") { (scanner) throws in
            let kind = try scanner.peek()
            if kind != .object {
                #expect(throws: RawJSONError.expected(.object, offset: 1)) { try scanner.beginObject() }
            }
            if kind != .array {
                #expect(throws: RawJSONError.expected(.array, offset: 1)) { try scanner.beginArray() }
            }
            if kind != .string {
                #expect(throws: RawJSONError.expected(.string, offset: 1)) { _ = try scanner.readString() }
            }
            #expect(throws: RawJSONError.expected(.integer, offset: 1)) { try scanner.readInteger() }
            if !kind.isBoolean {
                #expect(throws: RawJSONError.expected(.boolean, offset: 1)) { try scanner.readBoolean() }
            }
            let value = try scanner.readValue()
            #expect(String(decoding: value.bytes, as: UTF8.self) == text)
            try scanner.finish()
        }
    }

    @Test("integers are exact to the ends of 64 bits", arguments: [0, 1, -1, 42, .max, .min, 1 << 53 + 1] as [Int64])
    func integers(_ value: Int64) throws {
        #expect(try Text.scan("\(value)") { try $0.readInteger() } == value)
    }

    @Test("minus zero is an integer")
    func minusZero() throws {
        #expect(try Text.scan("-0") { try $0.readInteger() } == 0)
    }

    @Test(
        "an integer beyond 64 bits is refused, and can be read as a value",
        arguments: ["9223372036854775808", "-9223372036854775809", "123456789012345678901234567890"]
    )
    func integerOutOfRange(_ text: String) throws {
        try Text.scan(text) { (scanner) throws in
            #expect(throws: RawJSONError.integerOutOfRange(offset: 0)) { try scanner.readInteger() }
            #expect(try scanner.readValue().bytes.count == text.utf8.count)
        }
    }

    @Test("a number with fraction or exponent is not an integer", arguments: ["1.0", "1e2", "0E0", "-0.0"])
    func notAnInteger(_ text: String) {
        #expect(throws: RawJSONError.expected(.integer, offset: 0)) { try Text.scan(text) { try $0.readInteger() } }
    }

    @Test("the offset counts the bytes that were read")
    func offset() throws {
        try Text.scan("[ \"é\" ]") { (scanner) throws in
            #expect(scanner.offset == 0)
            try scanner.beginArray()
            #expect(scanner.offset == 1)
            _ = try scanner.nextElement()
            _ = try scanner.readString()
            #expect(scanner.offset == 6)
        }
    }

    @Test("a slice has a scanner of its own, as deep as it is nested")
    func sliceScanner() throws {
        let deep = String(repeating: "[", count: 256) + String(repeating: "]", count: 256)
        try Text.scan(deep, maximumDepth: 256) { (scanner) throws in
            let slice = try scanner.readValue()
            var inner = slice.scanner()
            try inner.skipValue()
            try inner.finish()
        }
    }
}
