import HTTPTypes
import NIOCore
import Testing

@testable import Server

@Suite("Answers")
struct HTTPResponseEncoderTests {
    static func encoder(_ method: HTTPRequest.Method = .get, minorVersion: Int = 1, keepsAlive: Bool = true)
        -> HTTPResponseEncoder
    {
        var encoder = HTTPResponseEncoder()
        encoder.begin(answerTo: method, minorVersion: minorVersion, keepsAlive: keepsAlive)
        return encoder
    }

    static func text(_ outputs: HTTPResponseEncoder.Output?...) -> String {
        outputs.map { output in
            (output.map { String(buffer: $0.first) } ?? "") + (output?.second.map { String(buffer: $0) } ?? "")
        }.joined()
    }

    static let ok = HTTPResponse(status: .ok, headerFields: [.contentType: "text/plain"])

    @Test("an answer leaves in one piece, with its length")
    func isWhole() {
        var encoder = Self.encoder()
        #expect(encoder.write(Self.ok) == nil)
        #expect(encoder.write(ByteBuffer(string: "hel")) == nil)
        #expect(encoder.write(ByteBuffer(string: "lo")) == nil)
        let output = encoder.end()
        #expect(output?.second == nil)
        #expect(
            Self.text(output) == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\ncontent-length: 5\r\n\r\nhello"
        )
    }

    @Test("a large body is not copied")
    func sharesLargeBodies() {
        var encoder = Self.encoder()
        _ = encoder.write(Self.ok)
        _ = encoder.write(ByteBuffer(repeating: 0x61, count: 1 << 20))
        #expect(encoder.end()?.second?.readableBytes == 1 << 20)
    }

    @Test("an answer that is flushed before its end goes on in chunks")
    func streams() {
        var encoder = Self.encoder()
        _ = encoder.write(Self.ok)
        _ = encoder.write(ByteBuffer(string: "hello"))
        let flushed = encoder.flush()
        #expect(encoder.flush() == nil)
        let rest = encoder.write(ByteBuffer(string: "0123456789abcdef"))
        let nothing = encoder.write(ByteBuffer())
        #expect(nothing == nil)
        #expect(
            Self.text(flushed, rest, encoder.end())
                == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n"
                + "5\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n"
        )
    }

    @Test("an announced length needs no chunks")
    func keepsLengths() {
        var encoder = Self.encoder()
        var head = Self.ok
        head.headerFields = [.contentLength: "5"]
        _ = encoder.write(head)
        let flushed = encoder.flush()
        #expect(
            Self.text(flushed, encoder.write(ByteBuffer(string: "hello")), encoder.end())
                == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
        )
    }

    @Test("a client of HTTP/1.0 knows the end of a stream by the connection's")
    func closesOldStreams() {
        var encoder = Self.encoder(minorVersion: 0)
        _ = encoder.write(Self.ok)
        let flushed = encoder.flush()
        #expect(!encoder.keepsAlive)
        #expect(
            Self.text(flushed, encoder.write(ByteBuffer(string: "x")), encoder.end())
                == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nconnection: close\r\n\r\nx"
        )
    }

    @Test("a client of HTTP/1.0 that keeps its connection is told so")
    func keepsOldConnections() {
        var encoder = Self.encoder(minorVersion: 0)
        _ = encoder.write(HTTPResponse(status: .ok))
        #expect(Self.text(encoder.end()) == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: keep-alive\r\n\r\n")
    }

    @Test("HEAD has the length of the body that it does not get")
    func answersHead() {
        var encoder = Self.encoder(.head)
        _ = encoder.write(HTTPResponse(status: .ok))
        _ = encoder.write(ByteBuffer(string: "hello"))
        #expect(Self.text(encoder.end()) == "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n")
    }

    @Test("some answers have no body, and say no length", arguments: [HTTPResponse.Status.noContent, .notModified])
    func omitsBodies(status: HTTPResponse.Status) {
        var encoder = Self.encoder()
        _ = encoder.write(HTTPResponse(status: status))
        #expect(Self.text(encoder.end()).hasSuffix("\(status.reasonPhrase)\r\n\r\n"))
    }

    @Test("the responder, the client and the connection may each end it")
    func closes() {
        var byResponder = Self.encoder()
        _ = byResponder.write(HTTPResponse(status: .ok, headerFields: [.connection: "Close"]))
        #expect(Self.text(byResponder.end()) == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        #expect(!byResponder.keepsAlive)
        var byClient = Self.encoder(keepsAlive: false)
        _ = byClient.write(HTTPResponse(status: .ok))
        #expect(Self.text(byClient.end()).contains("connection: close"))
        var byConnection = Self.encoder()
        byConnection.close()
        _ = byConnection.write(HTTPResponse(status: .ok))
        #expect(Self.text(byConnection.end()).contains("connection: close"))
    }
}
