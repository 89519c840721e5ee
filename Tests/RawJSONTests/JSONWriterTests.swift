import RawJSON
import Testing

@Suite("Writer")
struct JSONWriterTests {
    private static func write(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter(capacity: 0)
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func json(_ text: String) throws -> RawJSON { try RawJSON(validating: Array(text.utf8)) }

    @Test("commas stand between members and elements, and nowhere else")
    func commas() {
        let text = Self.write { writer in
            writer.beginObject()
            writer.key("a")
            writer.integer(1)
            writer.key("b")
            writer.beginArray()
            writer.beginArray()
            writer.endArray()
            writer.null()
            writer.beginObject()
            writer.endObject()
            writer.bool(true)
            writer.bool(false)
            writer.endArray()
            writer.key("c")
            writer.string("d")
            writer.key("e")
            writer.beginObject()
            writer.endObject()
            writer.endObject()
        }
        #expect(text == #"{"a":1,"b":[[],null,{},true,false],"c":"d","e":{}}"#)
    }

    @Test("at the top level, values and members can be written as a fragment")
    func fragments() throws {
        #expect(
            Self.write {
                $0.integer(1)
                $0.integer(2)
            } == "1,2"
        )
        let members = Self.write { writer in
            writer.key("a")
            writer.integer(1)
            writer.key("b")
            writer.null()
        }
        #expect(members == #""a":1,"b":null"#)
    }

    @Test("verbatim bytes are not seen by the commas")
    func verbatim() {
        let text = Self.write { writer in
            writer.verbatim(#"{"seq":17,"#)
            writer.key("a")
            writer.integer(1)
            writer.verbatim(", ")
            writer.verbatim("\n")
        }
        #expect(text == "{\"seq\":17,\"a\":1, \n")
    }

    @Test("the members of an object are put among ours")
    func members() throws {
        let (some, empty) = try (Self.json(#"{ "x":1, "y":[2] }"#), RawJSON.emptyObject)
        func write(_ body: (inout JSONWriter) -> Void) -> String {
            Self.write { writer in
                writer.beginObject()
                body(&writer)
                writer.endObject()
            }
        }
        func ours(_ writer: inout JSONWriter) {
            writer.key("o")
            writer.null()
        }
        #expect(write { $0.members(of: empty) } == "{}")
        #expect(write { $0.members(of: some) } == #"{"x":1,"y":[2]}"#)
        #expect(
            write {
                ours(&$0)
                $0.members(of: some)
            } == #"{"o":null,"x":1,"y":[2]}"#
        )
        #expect(
            write {
                $0.members(of: some)
                ours(&$0)
            } == #"{"x":1,"y":[2],"o":null}"#
        )
        #expect(
            write {
                ours(&$0)
                $0.members(of: empty)
                ours(&$0)
            } == #"{"o":null,"o":null}"#
        )
        #expect(
            write {
                $0.members(of: some)
                $0.members(of: some)
            } == #"{"x":1,"y":[2],"x":1,"y":[2]}"#
        )
    }

    @Test("only what must be escaped is")
    func escaping() {
        let all = String(String.UnicodeScalarView((0...0x7F).compactMap(Unicode.Scalar.init)))
        let controls =
            #"\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f"#
            + #"\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f"#
        let rest =
            ##" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"##
            + "\u{7F}"
        #expect(Self.write { $0.string(all as String) } == "\"\(controls)\(rest)\"")
        #expect(Self.write { $0.string("é€😀\u{2028}/") } == "\"é€😀\u{2028}/\"")
    }

    @Test("a string is the same whichever way it is handed in", arguments: ["", "a", "12345678\n", "\"\\é", "x\u{0}y"])
    func stringForms(_ text: String) {
        let expected = Self.write { $0.string(text) }
        #expect(Self.write { $0.string(utf8: Array(text.utf8)) } == expected)
        #expect(Self.write { $0.string(utf8: text.utf8.lazy.map { $0 }) } == expected)
        let key = expected + ":0"
        #expect(
            Self.write {
                $0.key(text)
                $0.integer(0)
            } == key
        )
        #expect(
            Self.write {
                $0.key(utf8: Array(text.utf8))
                $0.integer(0)
            } == key
        )
        #expect(
            Self.write {
                $0.key(utf8: text.utf8.lazy.map { $0 })
                $0.integer(0)
            } == key
        )
    }

    @Test("a byte to be escaped is found at every distance from its neighbours", arguments: 0..<20)
    func escapePositions(plain: Int) {
        let run = String(repeating: "x", count: plain)
        #expect(Self.write { $0.string(run + "\"" + run + "\\" + run) } == "\"\(run)\\\"\(run)\\\\\(run)\"")
    }

    @Test("integers of every type are written in decimal")
    func integers() {
        #expect(Self.write { $0.integer(0) } == "0")
        #expect(Self.write { $0.integer(UInt8(7)) } == "7")
        #expect(Self.write { $0.integer(-10) } == "-10")
        #expect(Self.write { $0.integer(Int64.min) } == "-9223372036854775808")
        #expect(Self.write { $0.integer(Int64.max) } == "9223372036854775807")
        #expect(Self.write { $0.integer(UInt64.max) } == "18446744073709551615")
        #expect(Self.write { $0.integer(Int128.min) } == "-170141183460469231731687303715884105728")
    }

    @Test("values are written as they are, slices without their white space")
    func values() throws {
        let text = try Text.scan(#"{ "a" : [ 1.0 , "\u0061 " ] }"#) { (scanner) throws in
            let slice = try scanner.readValue()
            let number = try Self.json("1E5")
            return Self.write { writer in
                writer.beginArray()
                writer.value(slice)
                writer.value(number)
                writer.value(RawJSON.null)
                writer.endArray()
            }
        }
        #expect(text == #"[{"a":[1.0,"\u0061 "]},1E5,null]"#)
    }

    @Test(
        "bytes become base64url without padding (RFC 4648, section 10)",
        arguments: [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"), ("???>>>", "Pz8_Pj4-"),
        ]
    )
    func base64URL(_ data: String, _ expected: String) {
        #expect(Self.write { writer in writer.base64URL(Array(data.utf8).span) } == "\"\(expected)\"")
    }

    @Test("bytes become lower-case hexadecimal digits")
    func hex() {
        let data: [UInt8] = [0x00, 0x09, 0x1F, 0xAB, 0xFF]
        #expect(Self.write { writer in writer.hex(data.span) } == "\"00091fabff\"")
    }

    @Test("a writer that starts anew remembers nothing")
    func removeAll() {
        let text = Self.write { writer in
            writer.beginObject()
            writer.key("a")
            writer.removeAll()
            writer.integer(1)
        }
        #expect(text == "1")
    }

    @Test("a bracket that does not match the open container traps")
    func mismatch() async {
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.beginArray()
            writer.endObject()
        }
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.endArray()
        }
    }

    #if DEBUG
        @Test("a value without a key, a key in an array and a key without a value trap in debug builds")
        func misplaced() async {
            await #expect(processExitsWith: .failure) {
                var writer = JSONWriter()
                writer.beginObject()
                writer.integer(1)
            }
            await #expect(processExitsWith: .failure) {
                var writer = JSONWriter()
                writer.beginArray()
                writer.key("a")
            }
            await #expect(processExitsWith: .failure) {
                var writer = JSONWriter()
                writer.beginObject()
                writer.key("a")
                writer.endObject()
            }
        }
    #endif
}
