import NIOCore
import NIOEmbedded
import Projections
import Testing

@testable import Hub
@testable import Web

@Suite("From HTTP to a websocket")
struct UpgradeTests {
    static let handshake =
        "GET /ws?conn_id=00000000-0000-0001-0000-000000000001 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    static let accepted =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

    static func grant(_ connection: ConnectionFixture, catchUp: [Frame] = []) throws {
        let ticket = try #require(connection.shard.hub.lastTicket)
        let attached = Change.attached(
            ShardFixture.connection(1),
            user: UserName("ann"),
            channels: [ChannelName("room")],
            missed: .whole(catchUp)
        )
        connection.shard.receive([attached], tickets: [0: ticket])
    }

    @Test("the handshake is answered when the feed says so, and messages follow it")
    func upgrades() throws {
        let connection = try ConnectionFixture()
        try connection.send(Self.handshake)
        #expect(try connection.output().isEmpty)
        try Self.grant(connection, catchUp: [ShardFixture.frame(1, LongPollTests.room)])
        let output = try connection.output()
        #expect(output.hasPrefix(Self.accepted))
        #expect(output.contains(#""catchup":true"#))
        connection.shard.post()
        #expect(try connection.output().contains(#""n":2"#))
        #expect(connection.request() == nil)
    }

    @Test("frames that come with the handshake, or while it waits, are not lost")
    func keepsEarlyBytes() throws {
        let connection = try ConnectionFixture()
        let ping = ClientFrame(.ping, Array("hi".utf8)).bytes
        try connection.channel.writeInbound(ByteBuffer(bytes: Array(Self.handshake.utf8) + ping.prefix(3)))
        try connection.channel.writeInbound(ByteBuffer(bytes: ping.dropFirst(3)))
        try Self.grant(connection)
        #expect(
            try connection.output().utf8.elementsEqual(Array(Self.accepted.utf8) + [0xEF, 0xBF, 0xBD, 2, 0x68, 0x69])
        )
    }

    @Test("a connection is counted until its end, whatever it speaks then", arguments: [false, true])
    func isCounted(isUpgraded: Bool) throws {
        let connection = try ConnectionFixture()
        if isUpgraded {
            try connection.send(Self.handshake)
            try Self.grant(connection)
        }
        #expect(connection.gauge.current == 1)
        try connection.channel.close().wait()
        connection.shard.loop.run()
        #expect(connection.gauge.current == 0)
    }

    @Test("a connection that answered requests before can be upgraded too")
    func upgradesReused() throws {
        let connection = try ConnectionFixture()
        try connection.send(HTTPConnectionTests.get + Self.handshake)
        #expect(connection.request() != nil)
        connection.answer("first")
        #expect(try connection.output().hasSuffix("first"))
        try Self.grant(connection)
        #expect(try connection.output() == Self.accepted)
        connection.shard.post()
        #expect(try connection.output().contains(#""n":"#))
    }

    @Test(
        "a refusal is answered with 4xx and the cross-origin headers; 503 only when nobody is taken",
        arguments: [(Reply.refused, 401), (.unavailable(reason: "full"), 503)]
    )
    func refuses(reply: Reply, status: Int) throws {
        let connection = try ConnectionFixture()
        try connection.send(Self.handshake)
        connection.shard.hub.answerAttachments(reply)
        connection.shard.loop.run()
        let output = try connection.output()
        #expect(output.hasPrefix("HTTP/1.1 \(status) "))
        #expect(output.contains("Access-Control-Allow-Origin: *\r\n"))
    }

    @Test("a wrong handshake is answered without asking the hub")
    func refusesAtOnce() throws {
        let connection = try ConnectionFixture()
        try connection.send("GET /ws?conn_id=x HTTP/1.1\r\nHost: x\r\n\r\n")
        let output = try connection.output()
        #expect(output.hasPrefix("HTTP/1.1 426 Upgrade Required\r\n"))
        #expect(output.contains("Sec-WebSocket-Version: 13\r\n"))
        #expect(connection.shard.hub.attachCount == 0)
    }

    @Test("a client that goes away while it waits is not upgraded, and the hub learns of it")
    func noticesLoss() throws {
        let connection = try ConnectionFixture()
        try connection.send(Self.handshake)
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!connection.isOpen)
        try Self.grant(connection)
        #expect(connection.shard.hub.lostListeners == [ShardFixture.connection(1)])
    }

    @Test("bytes that come while the handshake waits are bounded")
    func boundsEarlyBytes() throws {
        let connection = try ConnectionFixture()
        try connection.send(Self.handshake)
        try connection.send(String(repeating: "x", count: 64 * 1024))
        let before = connection.reads.count
        connection.channel.read()
        #expect(connection.reads.count == before)
    }
}
