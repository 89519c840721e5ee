import Testing

@testable import Server

@Suite("The type in the answer to a message")
struct TypeEchoTests {
    private static func answer(_ reply: Reply, to body: String) throws -> String? {
        let items = try #require(decodeList(MessageBody.self, body).value)
        guard case .json(let bytes) = TypeEcho(items).added(to: reply) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func json(_ text: String) -> Reply { .json(Array(text.utf8)) }

    @Test("who sent a type finds one in the answer, others do not; messages to nobody are not answered")
    func positions() throws {
        let body = #"""
            [{"user": "u", "type": "message"}, {"user": "u", "channel": "c"},
             {"user": "u", "channel": "c", "\u0074ype": {"a": 1}}, {"user": "u", "pm_users": ["p"], "type": null}]
            """#
        #expect(
            try Self.answer(Self.json(#"[{"n":1,"m":[]},{"n":2},{}]"#), to: body)
                == #"[{"n":1,"m":[]},{"n":2,"type":"message"},{"type":"message"}]"#
        )
    }

    @Test("an answer without types is left as it is, byte for byte, and so is what is no answer")
    func untouched() throws {
        #expect(try Self.answer(Self.json("[ ]"), to: #"[{"user": "u", "channel": "c"}]"#) == "[ ]")
        #expect(try Self.answer(Self.json("[]"), to: #"[{"user": "u", "type": 1}]"#) == "[]")
        #expect(try Self.answer(.unavailable(reason: "x"), to: #"[{"user": "u", "channel": "c", "type": 1}]"#) == nil)
    }
}
