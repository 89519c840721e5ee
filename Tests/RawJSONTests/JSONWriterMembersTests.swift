import RawJSON
import Testing

@Suite("Objects written member by member")
struct JSONWriterMembersTests {
    @Test("members, lists and objects come out in the order in which they are written, and nothing is null")
    func everyKind() throws {
        let none: Int? = nil
        let value = try RawJSON(validating: Array(#"[1,{"a":2}]"#.utf8))
        let line = JSONWriter.line { writer in
            writer.member("text", "a \"b\"")
            writer.member("nothing", nil as String?)
            writer.member("bytes", utf8: Array("é".utf8))
            writer.member("none", utf8: nil)
            writer.member("number", UInt64.max)
            writer.member("no number", none)
            writer.member("flag", true)
            writer.member("value", value)
            writer.member("texts", ["x", "y"])
            writer.object("object") { $0.member("empty", [] as [String]) }
            writer.array("squares", 1...3) { $0.integer($1 * $1) }
        }
        #expect(
            String(decoding: line, as: UTF8.self)
                == #"{"text":"a \"b\"","nothing":null,"bytes":"é","none":null,"number":18446744073709551615,"#
                + #""no number":null,"flag":true,"value":[1,{"a":2}],"texts":["x","y"],"object":{"empty":[]},"#
                + #""squares":[1,4,9]}"# + "\n"
        )
    }
}
