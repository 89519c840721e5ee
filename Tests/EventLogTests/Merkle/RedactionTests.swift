import EventLog
import LogValues
import RawJSON
import Testing

@Suite("Redaction")
struct RedactionTests {
    static func redact(_ line: String) throws -> String {
        var redacted: [UInt8] = [1, 2, 3]
        try Redaction.redact(line.utf8Span.span, into: &redacted)
        return String(decoding: redacted, as: UTF8.self)
    }

    // The commitment was computed with Python's hashlib.
    @Test("salt and content are replaced by the hash of salt bytes and content bytes")
    func example() throws {
        let line = #"{"seq":17,"data":{"a":1},"salt":"AAECAwQFBgcICQoLDA0ODw","content":{"message":{"text":"hi"}}}"#
        #expect(
            try Self.redact(line)
                == #"{"seq":17,"data":{"a":1},"commit":"tssWdvwPrsrQZaAUdw4K0j3FrH6VoaxwQM8iV5rOoho"}"#
        )
        let salt = Salt(high: 0x0001_0203_0405_0607, low: 0x0809_0A0B_0C0D_0E0F)
        let commitment = salt.commitment(to: #"{"message":{"text":"hi"}}"#.utf8Span.span)
        #expect(commitment.description == "tssWdvwPrsrQZaAUdw4K0j3FrH6VoaxwQM8iV5rOoho")
    }

    @Test("the redacted form of a redacted line, and of one without content, is itself")
    func idempotent() throws {
        let line = #"{"seq":17,"data":{"a":1},"salt":"AAECAwQFBgcICQoLDA0ODw","content":{"x":",\"salt\":\""}}"#
        let redacted = try Self.redact(line)
        #expect(try Self.redact(redacted) == redacted)
        #expect(try Self.redact(#"{"seq":1,"data":{}}"#) == #"{"seq":1,"data":{}}"#)
        var scratch: [UInt8] = []
        let leaf = try Redaction.leafHash(of: line.utf8Span.span, scratch: &scratch)
        #expect(leaf == .leaf(redacted))
    }

    @Test(
        "the cut is at the first salt, whatever the content or the head hold",
        arguments: [
            #"{"salt":"AAAAAAAAAAAAAAAAAAAAAA","content":{}}"#, #"",\"salt\":\"""#, "null", "[]", "1.50",
        ]
    )
    func contents(content: String) throws {
        let head = #"{"seq":1,"data":{"user":"a,\"salt\":\"b","salt":1}"#
        let redacted = try Self.redact(head + #","salt":"AAECAwQFBgcICQoLDA0ODw","content":"# + content + "}")
        #expect(redacted.hasPrefix(head + #","commit":""#))
        #expect(redacted.utf8.count == head.utf8.count + 11 + 43 + 2)
    }

    @Test(
        "a malformed salt or content is an error",
        arguments: [
            #"{"seq":1,"salt":"AAECAwQFBgcICQoLDA0OD","content":{}}"#,
            #"{"seq":1,"salt":"AAECAwQFBgcICQoLDA0ODx","content":{}}"#,
            #"{"seq":1,"salt":"AAECAwQFBgcICQoLDA0OD=","content":{}}"#,
            #"{"seq":1,"salt":"AAECAwQFBgcICQoLDA0ODw","contents":{}}"#,
            #"{"seq":1,"salt":"AAECAwQFBgcICQoLDA0ODw"}"#,
            #"{"seq":1,"salt":"AAECAwQFBgcICQoLDA0ODw","content":}"#,
            #"{"seq":1,"salt":""#,
        ]
    )
    func malformed(line: String) {
        #expect(throws: RedactionError.self) { try Self.redact(line) }
    }
}
