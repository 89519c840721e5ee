import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import Server

/// The handler behind a real server on a free port.
@Suite("The HTTP API in Hummingbird")
struct APIResponderTests {
    private static let now: Int64 = 1_600_000_000
    private static let signed: HTTPFields = [
        .channelstreamSecret: TimestampSigner(secret: "secret").sign("channelstream", at: Self.now)
    ]

    private static func application(bodySize: Int = 1024, targetSize: Int = 256) -> some ApplicationProtocol {
        var settings = APISettings()
        settings.limits.bodySize = bodySize
        settings.limits.targetSize = targetSize
        let handler = APIHandler(settings: settings, sink: ScriptedSink(), version: "1", now: { Self.now })
        return Application(
            responder: APIResponder(handler: handler, settings: settings),
            configuration: .init(address: .hostname("127.0.0.1", port: 0))
        )
    }

    @Test("a signed call from this machine is answered, with its length and type")
    func answers() async throws {
        try await Self.application().test(.live) { client in
            let response = try await client.execute(uri: "/info", method: .post, headers: Self.signed)
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "application/json")
            #expect(response.headers[.contentLength] == "2")
            #expect(response.headers[.accessControlAllowOrigin] == "*")
            #expect(String(buffer: response.body) == "{}")
        }
    }

    @Test("a body as large as the limit is read, one byte more is refused and the connection closed")
    func bodyLimit() async throws {
        try await Self.application().test(.live) { client in
            let body = { (size: Int) in ByteBuffer(string: "[]" + String(repeating: " ", count: size - 2)) }
            let fitting = try await client.execute(
                uri: "/message",
                method: .post,
                headers: Self.signed,
                body: body(1024)
            )
            #expect(fitting.status == .ok)
            let large = try await client.execute(uri: "/message", method: .post, headers: Self.signed, body: body(1025))
            #expect(large.status == .contentTooLarge)
            #expect(large.headers[.connection] == "close")
            #expect(large.headers[.accessControlAllowOrigin] == "*")
        }
    }

    @Test("a stranger's large body is not waited for")
    func strangersBody() async throws {
        try await Self.application().test(.live) { client in
            let body = ByteBuffer(repeating: 0x20, count: 64 * 1024)
            let response = try await client.execute(uri: "/message", method: .post, body: body)
            #expect(response.status == .forbidden)
            #expect(response.headers[.connection] == "close")
        }
    }

    @Test("a URL as long as the limit is looked at, a longer one is refused")
    func urlLimit() async throws {
        try await Self.application().test(.live) { client in
            let path = { (size: Int) in "/info?" + String(repeating: "x", count: size - 6) }
            let fitting = try await client.execute(uri: path(256), method: .get, headers: Self.signed)
            #expect(fitting.status == .ok)
            let long = try await client.execute(uri: path(257), method: .get, headers: Self.signed)
            #expect(long.status == .uriTooLong)
        }
    }
}
