import HTTPTypes
import Testing

@testable import Web

@Suite("Header fields")
struct HeaderFieldsTests {
    static func fields(_ lines: String) throws -> HeaderFields {
        try HTTPRequestParserTests.head("GET / HTTP/1.1\r\nHost: x\r\n\(lines)\r\n").fields
    }

    @Test("a field is found whatever the case of its name, and lent without the blanks around it")
    func finds() throws {
        let fields = try Self.fields("X-CHANNELSTREAM-secret: \t a.b.c \r\nOther: 1\r\n")
        #expect(fields["x-channelstream-secret"] == "a.b.c")
        #expect(fields["other"] == "1")
        #expect(fields["x-channelstream"] == nil)
        #expect(fields.contains("other") && !fields.contains("host"))
    }

    @Test("a field that is there several times is one list, and an empty one is there")
    func joins() throws {
        let fields = try Self.fields("A: 1\r\nB:\r\na: 2\r\n")
        #expect(fields["a"] == "1, 2")
        #expect(fields["b"]?.isEmpty == true)
    }

    @Test("as text they are what was sent, and fields that were text are found alike")
    func converts() throws {
        let sent: HTTPFields = [.accept: "x", .cookie: "a=b", .userAgent: "é"]
        let fields = HeaderFields(sent)
        #expect(fields.httpFields == sent)
        #expect(fields["cookie"] == "a=b")
        #expect(fields["user-agent"] == "é")
        #expect(HeaderFields.none.httpFields.isEmpty)
    }

    @Test(
        "letters that differ in more than their case are not confused",
        arguments: ["a[b: 1\r\n", "a{b: 1\r\n", "a@b: 1\r\n"]
    )
    func refusesOtherCharacters(line: String) {
        #expect(HTTPRequestParserTests.refusal("GET / HTTP/1.1\r\nHost: x\r\n\(line)\r\n") == 400)
    }
}
