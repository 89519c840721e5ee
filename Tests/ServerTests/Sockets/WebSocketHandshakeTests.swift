import HTTPTypes
import LogValues
import NIOCore
import Projections
import Testing

@testable import FanOut
@testable import Web

@Suite("Websocket handshakes")
struct WebSocketHandshakeTests {
    static let connection = ConnectionID(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
    static let target = "/ws?conn_id=01234567-89ab-cdef-fedc-ba9876543210"
    static let right = [
        "Host": "x", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ]

    static func verdict(
        _ changes: [String: String?] = [:],
        method: String = "GET",
        target: String = Self.target,
        version: String = "HTTP/1.1",
        configure: (inout WebSocketHandshake) -> Void = { _ in }
    ) throws -> WebSocketHandshake.Verdict {
        var handshake = WebSocketHandshake()
        configure(&handshake)
        let headers = Self.right.merging(changes.compactMapValues { $0 }) { $1 }
            .filter { name, _ in changes[name].map { $0 != nil } ?? true }
        let lines = headers.map { "\($0): \($1)\r\n" }.joined()
        var buffer = ByteBuffer(string: "\(method) \(target) \(version)\r\n\(lines)\r\n")
        var parser = HTTPRequestParser(limits: .init(HTTPConnectionSettings()))
        guard case .head(let head) = parser.next(&buffer) else { throw UnreadableHead() }
        return handshake.judge(head)
    }

    struct UnreadableHead: Error {}

    static func status(_ verdict: WebSocketHandshake.Verdict) -> Int? {
        if case .refuse(let refused) = verdict { refused.status.code } else { nil }
    }

    @Test("a right handshake names its connection and proves that it was read")
    func accepts() throws {
        let accepted = WebSocketHandshake.Accepted(
            purpose: .listen(Self.connection),
            acceptance: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        )
        #expect(try Self.verdict() == .accept(accepted))
    }

    @Test("the proof is the standard's", arguments: WebSocketVectors.all.handshake)
    func provesReading(vector: WebSocketVectors.Handshake) {
        #expect(WebSocketHandshake.acceptance(of: vector.key) == vector.accept)
    }

    @Test(
        "tokens are found in lists and in any case",
        arguments: [
            ["Upgrade": "WebSocket"], ["Upgrade": "h2c, websocket"], ["Connection": "keep-alive, Upgrade"],
            ["Connection": "UPGRADE"],
        ]
    )
    func readsLists(changes: [String: String]) throws {
        guard case .accept = try Self.verdict(changes) else {
            Issue.record("refused")
            return
        }
    }

    @Test(
        "what is not right is a client error",
        arguments: [
            (["Upgrade": nil], 426), (["Upgrade": "h2c"], 426), (["Connection": nil], 400),
            (["Connection": "close"], 400), (["Sec-WebSocket-Version": nil], 426),
            (["Sec-WebSocket-Version": "12"], 426), (["Sec-WebSocket-Version": "13, 8"], 426),
            (["Sec-WebSocket-Key": nil], 400), (["Sec-WebSocket-Key": "c2hvcnQ="], 400),
            (["Sec-WebSocket-Key": String(repeating: "*", count: 22) + "=="], 400),
            (["Sec-WebSocket-Key": String(repeating: "A", count: 500)], 400), (["Content-Length": "5"], 400),
            (["Transfer-Encoding": "chunked"], 400),
        ] as [([String: String?], Int)]
    )
    func refuses(changes: [String: String?], status: Int) throws {
        #expect(Self.status(try Self.verdict(changes)) == status)
    }

    @Test("a wrong version is told the right one")
    func tellsTheVersion() throws {
        guard case .refuse(let refused) = try Self.verdict(["Sec-WebSocket-Version": "8"]) else {
            Issue.record("accepted")
            return
        }
        #expect(refused.headers[.secWebSocketVersion] == "13")
    }

    @Test("HTTP/1.0 cannot be upgraded")
    func needsVersion() throws {
        #expect(Self.status(try Self.verdict(version: "HTTP/1.0")) == 400)
    }

    @Test(
        "other methods and paths go the ordinary way",
        arguments: [
            ("OPTIONS", "/ws"), ("POST", "/ws"), ("GET", "/ws/"), ("GET", "/"), ("GET", "/wsx"), ("GET", "/ws-echo"),
        ]
    )
    func leavesOthers(method: String, target: String) throws {
        #expect(try Self.verdict(method: method, target: target) == .notForUs)
    }

    @Test("a plain request is told that there are only websockets")
    func refusesPlainRequests() throws {
        #expect(Self.status(try Self.verdict(["Upgrade": nil, "Connection": nil])) == 426)
    }

    @Test(
        "connection ids are read in any spelling",
        arguments: [
            "01234567-89AB-CDEF-FEDC-BA9876543210", "0123456789abcdeffedcba9876543210",
            "01234567%2D89ab-cdef-fedc-ba9876543210",
        ]
    )
    func readsIdentifiers(text: String) throws {
        guard case .accept(let accepted) = try Self.verdict(target: "/ws?conn_id=\(text)") else {
            Issue.record("refused")
            return
        }
        #expect(accepted.purpose == .listen(Self.connection))
    }

    @Test(
        "without a connection id there is nothing to listen to",
        arguments: ["/ws", "/ws?", "/ws?x=1", "/ws?conn_id=", "/ws?conn_id=garbage", "/ws?conn_id=%0d%0a"]
    )
    func refusesWrongIdentifiers(target: String) throws {
        #expect(Self.status(try Self.verdict(target: target)) == 422)
    }

    @Test("a proxy's prefix is cut off", arguments: ["/live", "/live/"])
    func cutsPrefixes(prefix: String) throws {
        guard case .accept = try Self.verdict(["X-Script-Name": prefix], target: "/live" + Self.target) else {
            Issue.record("refused")
            return
        }
        #expect(try Self.verdict(["X-Script-Name": prefix], target: "/lively" + Self.target) == .notForUs)
    }

    @Test("a list of origins is compared whole; clients that are no browsers send none")
    func checksOrigins() throws {
        func status(_ origin: String?) throws -> Int? {
            Self.status(
                try Self.verdict(["Origin": origin]) {
                    $0.allowedOrigins = .only([WebOrigin("https://app.example.com:8443")].compactMap(\.self))
                }
            )
        }
        #expect(try status("https://app.example.com:8443") == nil)
        #expect(try status(nil) == nil)
        for origin in [
            "https://app.example.com", "http://app.example.com:8443", "null", "https://app.example.com:84431",
        ] {
            #expect(try status(origin) == 403)
        }
        #expect(Self.status(try Self.verdict(["Origin": "http://anywhere.example"])) == nil)
    }

    @Test("the echo exists only where it is asked for")
    func offersEcho() throws {
        guard case .accept(let accepted) = try Self.verdict(target: "/ws-echo", configure: { $0.offersEcho = true })
        else {
            Issue.record("refused")
            return
        }
        #expect(accepted.purpose == .echo)
    }
}
