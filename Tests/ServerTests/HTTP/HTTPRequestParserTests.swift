import HTTPTypes
import NIOCore
import Testing

@testable import Web

@Suite("Requests, byte by byte")
struct HTTPRequestParserTests {
    typealias Event = HTTPRequestParser.Event

    static func events(
        _ text: String,
        pieceSize: Int = .max,
        settings: HTTPConnectionSettings = HTTPConnectionSettings()
    ) -> [Event] {
        self.events(Array(text.utf8), pieceSize: pieceSize, settings: settings)
    }

    static func events(
        _ bytes: [UInt8],
        pieceSize: Int = .max,
        settings: HTTPConnectionSettings = HTTPConnectionSettings()
    ) -> [Event] {
        var parser = HTTPRequestParser(limits: .init(settings))
        var buffer = ByteBuffer()
        var events: [Event] = []
        var rest = bytes[...]
        repeat {
            let piece = rest.prefix(pieceSize)
            rest = rest.dropFirst(piece.count)
            buffer.writeBytes(piece)
            while let event = parser.next(&buffer) { events.append(event) }
        } while !rest.isEmpty
        return events
    }

    /// The status with which bytes are refused; nil when they are not.
    static func refusal(_ text: String, settings: HTTPConnectionSettings = HTTPConnectionSettings()) -> Int? {
        guard case .refusal(let refusal) = self.events(text, settings: settings).last else { return nil }
        return refusal.status.code
    }

    static func head(_ text: String) throws -> HTTPRequestHead {
        guard case .head(let head) = self.events(text).first else { throw NoHead() }
        return head
    }

    struct NoHead: Error {}

    @Test("a request is read however its bytes are cut", arguments: [1, 2, 3, 7, 16, 1000])
    func readsPieces(size: Int) throws {
        let text =
            "POST /message?x=1 HTTP/1.1\r\nHost: example.com:8000\r\nX-A:  b c \r\nContent-Length: 5\r\n\r\nhello"
            + "\r\nGET / HTTP/1.1\r\nhost: b\r\n\r\n"
        let events = Self.events(text, pieceSize: size)
        guard events.count == 4, case .head(let first) = events[0], case .head(let second) = events[2] else {
            Issue.record("\(events)")
            return
        }
        #expect(first.method == .post)
        #expect(first.target == "/message?x=1")
        #expect(first.authority == "example.com:8000")
        #expect(first.fields.httpFields == [HTTPField.Name("X-A") ?? .from: "b c", .contentLength: "5"])
        #expect(first.framing == .sized(5))
        #expect(events[1] == .body(ByteBuffer(string: "hello")))
        #expect(second.target == "/")
        #expect(events[3] == .body(ByteBuffer()))
    }

    @Test("chunks become one body, extensions and trailers are dropped", arguments: [1, 3, 1000])
    func readsChunks(size: Int) throws {
        let text =
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"
            + "3\r\nabc\r\n0A ; name=\"v\"\r\n0123456789\r\n0\r\nX-Trailer: y\r\nContent-Length: 5\r\n\r\n"
            + "GET /next HTTP/1.1\r\nHost: x\r\n\r\n"
        let events = Self.events(text, pieceSize: size)
        #expect(events.count == 4)
        #expect(events[1] == .body(ByteBuffer(string: "abc0123456789")))
        guard case .head(let next) = events[2] else {
            Issue.record("\(events)")
            return
        }
        #expect(next.target == "/next")
    }

    @Test("an absolute target names the authority, the asterisk is for OPTIONS")
    func readsTargets() throws {
        let absolute = try Self.head("GET http://evil.example/info?a=b HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(absolute.target == "/info?a=b")
        #expect(absolute.authority == "evil.example")
        #expect(try Self.head("GET HTTP://x?a HTTP/1.1\r\nHost: x\r\n\r\n").target == "/?a")
        #expect(try Self.head("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").target == "*")
        for line in ["GET *", "GET x", "CONNECT example.com:443", "GET http://", "GET ftp://x/", "GET http:///x"] {
            #expect(Self.refusal("\(line) HTTP/1.1\r\nHost: x\r\n\r\n") == 400, "\(line)")
        }
    }

    @Test("what the connection is to do is read from version and header")
    func readsPersistence() throws {
        #expect(try Self.head("GET / HTTP/1.1\r\nHost: x\r\n\r\n").keepsAlive)
        #expect(try !Self.head("GET / HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n").keepsAlive)
        #expect(try !Self.head("GET / HTTP/1.0\r\n\r\n").keepsAlive)
        #expect(try Self.head("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keepsAlive)
        let upgrade = try Self.head("GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\n\r\n")
        #expect(upgrade.wantsUpgrade && upgrade.keepsAlive)
        let expects = "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"
        #expect(try Self.head(expects).expectsContinue)
        #expect(Self.refusal("PUT / HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n") == 417)
    }

    // MARK: What two readers might understand differently

    @Test(
        "ambiguous framing is refused",
        arguments: [
            "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5",
            "Content-Length: 0\r\nContent-Length: 5", "Content-Length: 5\r\nContent-Length: 5",
            "Content-Length: 0, 5", "Content-Length: +0", "Content-Length: -1", "Content-Length: 0x0",
            "Content-Length: 99999999999999999999999999", "Content-Length:", "Transfer-Encoding: xchunked",
            "Transfer-Encoding: chunked, identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            "Transfer-Encoding: identity", "Transfer-Encoding:\u{B}chunked", "Transfer-Encoding : chunked",
            "X-A: b\r\n Transfer-Encoding: chunked", "X-A: b\rTransfer-Encoding: chunked", "X-A: b\u{0}c", ": empty",
            "nonsense", "X A: b", "X-A: b\u{7F}", "Host: evil.example", "X-A: b\n",
        ]
    )
    func refusesAmbiguity(headers: String) {
        #expect(Self.refusal("POST /info HTTP/1.1\r\nHost: x\r\n\(headers)\r\n\r\n0\r\n\r\n") == 400)
    }

    @Test(
        "a body in chunks that are no chunks is refused",
        arguments: [
            "ffffffffffffffff1\r\n", "-1\r\nx\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "5\nhello\n0\n\n",
            "0;a\rb\r\n\r\n", "3\r\nhello\r\n0\r\n\r\n", "\r\n", " 5\r\nhello\r\n", "5 5\r\nhello\r\n", "０\r\n\r\n",
            "0\r\nno trailer\r\n\r\n", "5\r\nhello0\r\n\r\n", String(repeating: "0", count: 1000) + "\r\n\r\n",
            "1;" + String(repeating: "x", count: 1000) + "\r\na\r\n",
        ]
    )
    func refusesChunks(body: String) {
        let status = Self.refusal("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(body)")
        #expect(status == 400)
    }

    @Test(
        "a request line that is none is refused",
        arguments: [
            "GET /info\r\n\r\n", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/3.7\r\nHost: x\r\n\r\n",
            "GET / http/1.1\r\nHost: x\r\n\r\n", "GET /\u{E9} HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /\t HTTP/1.1\r\nHost: x\r\n\r\n", "G(T / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u{16}\u{3}\u{1}", "\r \r\n", "\u{0}", " GET / HTTP/1.1\r\n",
            "GET / HTTP/1.1 \r\nHost: x\r\n\r\n", "GET / HTTP/1.1\nHost: x\n\n",
            "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        ]
    )
    func refusesRequestLines(text: String) {
        #expect(Self.refusal(text) == 400)
    }

    @Test("after a refusal nothing is read: no second request comes out of the first one's rest")
    func stops() {
        let inner = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
        let events = Self.events("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 1\r\n\r\n" + inner + inner)
        #expect(events.count == 1)
    }

    // MARK: Limits

    @Test("a URL is limited by itself, before its line ends")
    func limitsTargets() {
        let fits = "/" + String(repeating: "a", count: 8191)
        #expect(Self.refusal("GET \(fits) HTTP/1.1\r\nHost: x\r\n\r\n") == nil)
        #expect(Self.refusal("GET \(fits)a HTTP/1.1\r\nHost: x\r\n\r\n") == 414)
        #expect(Self.refusal("GET /" + String(repeating: "a", count: 9000)) == 414)
        #expect(Self.refusal("GET /" + String(repeating: "a", count: 100_000)) == 414)
    }

    @Test("headers are limited in size and number, however they arrive")
    func limitsHeads() {
        let start = "GET / HTTP/1.1\r\nHost: x\r\nX: "
        let fits = start + String(repeating: "a", count: 32 * 1024 - start.utf8.count - 4)
        #expect(Self.refusal(fits + "\r\n\r\n") == nil)
        #expect(Self.refusal(fits + "a\r\n\r\n") == 431)
        #expect(Self.refusal(fits + String(repeating: "a", count: 1 << 20)) == 431)
        let many = (0..<300).map { "X-\($0): y\r\n" }.joined()
        #expect(Self.refusal("GET / HTTP/1.1\r\nHost: x\r\n" + many + "\r\n") == 431)
    }

    @Test("a body is refused when it is announced as too large, or grows too large in chunks")
    func limitsBodies() {
        var settings = HTTPConnectionSettings()
        settings.bodySize = 10
        let start = "POST / HTTP/1.1\r\nHost: x\r\n"
        #expect(Self.refusal(start + "Content-Length: 10\r\n\r\n0123456789", settings: settings) == nil)
        #expect(Self.refusal(start + "Content-Length: 11\r\n\r\n", settings: settings) == 413)
        #expect(Self.refusal(start + "Content-Length: 999999999999999999\r\n\r\n", settings: settings) == 413)
        let chunked = start + "Transfer-Encoding: chunked\r\n\r\n"
        #expect(Self.refusal(chunked + "5\r\nabcde\r\n5\r\nabcde\r\n0\r\n\r\n", settings: settings) == nil)
        #expect(Self.refusal(chunked + "5\r\nabcde\r\n6\r\n", settings: settings) == 413)
        #expect(Self.refusal(chunked + "ffffffff\r\n", settings: settings) == 413)
    }

    @Test("trailers are limited")
    func limitsTrailers() {
        let line = "X: " + String(repeating: "a", count: 1000) + "\r\n"
        let text = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
        #expect(Self.refusal(text + String(repeating: line, count: 20)) == 400)
    }

    @Test("noise never traps, and cutting it differently changes nothing", arguments: 0..<40)
    func survivesNoise(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        let pieces = [
            "GET / HTTP/1.1\r\n", "POST /x HTTP/1.0\r\n", "Host: x\r\n", "Content-Length: 3\r\n", "\r\n", "\n", "\r",
            "Transfer-Encoding: chunked\r\n", "3\r\n", "abc\r\n", "0\r\n", "X: y", ":", ";", "\u{0}", "é", " ", "\t",
        ]
        for _ in 0..<50 {
            let text = (0..<Int.random(in: 1...12, using: &generator))
                .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let whole = Self.events(text)
            #expect(Self.events(text, pieceSize: 1) == whole, "\(text.debugDescription)")
        }
    }
}
