import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import Web

@Suite("A connection as the server hands it over")
struct HTTPChildChannelTests {
    /// Hands a channel over, and waits for the task behind it, which ends at once.
    static func connect(connectionCount: Int) async throws -> NIOAsyncTestingChannel {
        let loop = NIOAsyncTestingEventLoop()
        var settings = HTTPConnectionSettings()
        settings.connectionCount = connectionCount
        let child = HTTPChildChannel(
            settings: settings,
            upgrades: { _ in nil },
            responder: ScriptedResponder(instant: APIResponse(status: .ok, body: ByteBuffer(string: "fine")))
        )
        let channel = NIOAsyncTestingChannel(loop: loop)
        try await channel.connect(to: SocketAddress(unixDomainSocketPath: "/test"))
        let logger = Logger(label: "test")
        let connection = try await loop.executeInContext { child.setup(channel: channel, logger: logger) }.get()
        await child.handle(value: connection, logger: logger)
        await loop.run()
        return channel
    }

    @Test("it answers one request after the other")
    func answers() async throws {
        let channel = try await Self.connect(connectionCount: 10)
        for _ in 0..<2 {
            try await channel.writeInbound(ByteBuffer(string: HTTPConnectionTests.get))
            let output = try await channel.readOutbound(as: ByteBuffer.self)
            #expect(output.map { String(buffer: $0).hasSuffix("fine") } == true)
        }
        #expect(channel.isActive)
        try await channel.close()
    }

    @Test("one connection too many is answered with 503 and closed")
    func turnsAway() async throws {
        let channel = try await Self.connect(connectionCount: 0)
        let output = try await channel.readOutbound(as: ByteBuffer.self)
        #expect(output.map { String(buffer: $0).hasPrefix("HTTP/1.1 503 Service Unavailable\r\n") } == true)
        #expect(!channel.isActive)
    }
}
