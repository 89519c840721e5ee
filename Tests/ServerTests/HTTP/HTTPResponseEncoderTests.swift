import HTTPTypes
import NIOCore
import Testing

@testable import Web

@Suite("Answers")
struct HTTPResponseEncoderTests {
    static let date = Array("Tue, 24 Nov 2026 10:55:07 GMT".utf8)
    static let dateLine = "date: Tue, 24 Nov 2026 10:55:07 GMT\r\n"

    /// What is written for a response.
    static func text(
        _ response: APIResponse,
        to method: HTTPRequest.Method = .get,
        minorVersion: Int = 1,
        keepsAlive: Bool = true
    ) -> String {
        var encoder = HTTPResponseEncoder()
        encoder.begin(answerTo: method, minorVersion: minorVersion, keepsAlive: keepsAlive)
        let output = encoder.encode(response, date: Self.date)
        return String(buffer: output.first) + (output.second.map { String(buffer: $0) } ?? "")
    }

    @Test("an answer leaves in one piece, with its date and length")
    func isWhole() {
        let response = APIResponse(
            status: .ok,
            headers: [.contentType: "text/plain"],
            body: ByteBuffer(string: "hello")
        )
        #expect(
            Self.text(response)
                == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\(Self.dateLine)content-length: 5\r\n\r\nhello"
        )
    }

    @Test("the cross-origin headers stand in every answer that has them")
    func carriesCrossOriginHeaders() {
        var response = APIResponse.json(Array("{}".utf8))
        response.crossOrigin = CrossOriginHeaders([.accessControlAllowOrigin: "*", .vary: "Origin"])
        #expect(
            Self.text(response)
                == "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nVary: Origin\r\n"
                + "Content-Type: application/json\r\n\(Self.dateLine)content-length: 2\r\n\r\n{}"
        )
    }

    @Test("a large body is not copied")
    func sharesLargeBodies() {
        var encoder = HTTPResponseEncoder()
        encoder.begin(answerTo: .get, minorVersion: 1, keepsAlive: true)
        let body = ByteBuffer(repeating: 0x61, count: 1 << 20)
        let output = encoder.encode(APIResponse(status: .ok, body: body), date: Self.date)
        #expect(output.second == body)
        #expect(String(buffer: output.first).hasSuffix("content-length: 1048576\r\n\r\n"))
    }

    @Test("a client of HTTP/1.0 that keeps its connection is told so")
    func keepsOldConnections() {
        #expect(
            Self.text(APIResponse(status: .ok), minorVersion: 0)
                == "HTTP/1.1 200 OK\r\n\(Self.dateLine)content-length: 0\r\nconnection: keep-alive\r\n\r\n"
        )
    }

    @Test("HEAD has the length of the body that it does not get")
    func answersHead() {
        let response = APIResponse(status: .ok, body: ByteBuffer(string: "hello"))
        #expect(
            Self.text(response, to: .head) == "HTTP/1.1 200 OK\r\n\(Self.dateLine)content-length: 5\r\n\r\n"
        )
    }

    @Test("some answers have no body, and say no length", arguments: [HTTPResponse.Status.noContent, .notModified])
    func omitsBodies(status: HTTPResponse.Status) {
        #expect(
            Self.text(APIResponse(status: status))
                == "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n\(Self.dateLine)\r\n"
        )
    }

    @Test("whoever answers, the client and the connection may each end it")
    func closes() {
        let closing = APIResponse(status: .ok, headers: [.connection: "Close"])
        #expect(
            Self.text(closing)
                == "HTTP/1.1 200 OK\r\n\(Self.dateLine)content-length: 0\r\nconnection: close\r\n\r\n"
        )
        #expect(Self.text(APIResponse(status: .ok), keepsAlive: false).contains("connection: close"))
        var encoder = HTTPResponseEncoder()
        encoder.begin(answerTo: .get, minorVersion: 1, keepsAlive: true)
        encoder.close()
        let output = encoder.encode(APIResponse(status: .ok), date: Self.date)
        #expect(String(buffer: output.first).contains("connection: close"))
        #expect(!encoder.keepsAlive)
    }

    @Test(
        "a date is written as RFC 9110 has it",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (1_709_164_799, "Wed, 28 Feb 2024 23:59:59 GMT"), (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
            (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT"),
        ] as [(Int64, String)]
    )
    func dates(second: Int64, text: String) {
        #expect(String(decoding: HTTPDate.text(second), as: UTF8.self) == text)
    }
}
