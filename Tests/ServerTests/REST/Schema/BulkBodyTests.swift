import Projections
import RawJSON
import Testing

@testable import Hub
@testable import Server
@testable import Web

@Suite("Messages, one a line")
struct BulkBodyTests {
    static func read(_ text: String, depth: Int = 64) throws(BodyError) -> [Command.PostMessage] {
        try BulkBody.read(text.utf8Span.span, maximumDepth: depth)
    }

    @Test(
        "lines end in LF or CRLF, the last may have no end, empty ones mean nothing",
        arguments: ["\n", "\r\n", "\n\n", "\n \t\n"]
    )
    func readsLines(end: String) throws {
        let lines = (1...3).map { #"{"user":"u\#($0)","channel":"c"}"# }
        for text in [lines.joined(separator: end), lines.map { $0 + end }.joined(), end + lines.joined(separator: end)]
        {
            #expect(try Self.read(text).map(\.user) == ["u1", "u2", "u3"].map { UserName($0) })
        }
        #expect(try Self.read("").isEmpty)
        #expect(try Self.read(end).isEmpty)
    }

    @Test("a message is read as in a list, its content to the byte")
    func readsMessages() throws {
        let json = #"{"user": "u", "channel": "c", "message": {"n": 1.50}, "tag": [1, 2], "no_history": "yes"}"#
        let list = try #require(decodeList(MessageBody.self, "[\(json)]").value)
        #expect(try Self.read(json) == list)
    }

    @Test(
        "a line that is no JSON is refused by its number, empty ones counted",
        arguments: [("{", 1), ("\n\n{\"user\":\"u\"}\n{]", 4), ("{\"user\":\n\"u\"}", 1), ("{\"user\":\"u\"} {}", 1)]
    )
    func refusesMalformed(text: String, number: Int) {
        #expect { try Self.read(text) } throws: { error in
            if case BodyError.malformedLine(number, _) = error { true } else { false }
        }
    }

    @Test("a line that nests too deep is refused")
    func refusesDeep() {
        #expect { try Self.read(#"{"user":"u","message":{"a":{}}}"#, depth: 2) } throws: { error in
            if case BodyError.malformedLine(1, .tooDeep) = error { true } else { false }
        }
    }

    @Test("what is wrong with messages is told for all of them, each under its place")
    func collectsErrors() throws {
        #expect { try Self.read("{}\n\n{\"user\":\"u\"}\n5\n") } throws: { error in
            guard case BodyError.invalid(let failure) = error else { return false }
            var writer = JSONWriter()
            failure.errors.write(into: &writer)
            return String(decoding: writer.bytes, as: UTF8.self)
                == #"{"0":{"user":["Missing data for required field."]},"2":{"_schema":["Invalid input type."]}}"#
        }
    }

    @Test(
        "the media type is told by its name alone",
        arguments: [
            ("application/x-ndjson", true), ("Application/X-NDJSON; charset=utf-8", true),
            ("application/x-ndjson ;a=b", true), ("application/json", false), ("application/x-ndjsonx", false),
            ("", false),
        ]
    )
    func mediaTypes(value: String, isOurs: Bool) {
        #expect(BulkBody.isMediaType(Array(value.utf8).span) == isOurs)
    }
}
