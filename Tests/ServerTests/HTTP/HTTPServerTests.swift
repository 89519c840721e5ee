import HTTPTypes
import NIOCore
import NIOEmbedded
import Testing

@testable import Web

@Suite("A connection that was accepted")
struct HTTPServerTests {
    static func connect(connectionCount: Int) async throws -> NIOAsyncTestingChannel {
        let loop = NIOAsyncTestingEventLoop()
        var settings = HTTPConnectionSettings()
        settings.connectionCount = connectionCount
        let server = HTTPServer(
            settings: settings,
            upgrades: { _ in nil },
            responder: ScriptedResponder(instant: APIResponse(status: .ok, body: ByteBuffer(string: "fine")))
        )
        let channel = NIOAsyncTestingChannel(loop: loop)
        try await channel.connect(to: SocketAddress(unixDomainSocketPath: "/test"))
        try await loop.executeInContext { server.takeUp(channel) }
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
