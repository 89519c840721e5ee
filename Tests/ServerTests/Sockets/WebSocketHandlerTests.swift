import NIOCore
import NIOEmbedded
import Projections
import Testing

@testable import FanOut

@Suite("A websocket after its handshake")
struct WebSocketHandlerTests {
    @Test("a ping is answered with its own data")
    func answersPings() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        try ann.send(ClientFrame(.ping, Array("are you there".utf8)))
        _ = try ann.numbers()
        #expect(ann.pongs == [Array("are you there".utf8)])
    }

    @Test("who does not read pongs costs one, not all")
    func boundsPongs() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        ann.setWritable(false)
        for number in 0..<100 { try ann.send(ClientFrame(.ping, [UInt8(number)])) }
        _ = try ann.numbers()
        #expect(ann.pongs.isEmpty)
        ann.setWritable(true)
        _ = try ann.numbers()
        #expect(ann.pongs == [[99]])
    }

    @Test("whatever a client sends is accepted and leaves nothing behind")
    func ignoresMessages() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        for text in [#"{"type":"heartbeat"}"#, "[]", "not json", ""] {
            try ann.send(ClientFrame(.text, Array(text.utf8)))
            try ann.send(ClientFrame(.binary, Array(text.utf8)))
        }
        fixture.post()
        #expect(try ann.numbers().count == 1)
        #expect(ann.frameCount == 1)
    }

    @Test("a close is answered with its code", arguments: [1000, 1001, 3000, 4999])
    func answersClose(code: UInt16) throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        try ann.send(.close(code))
        _ = try ann.numbers()
        #expect(ann.closeCode == code)
        #expect(!ann.isOpen)
    }

    @Test("a close without a code is answered without one")
    func answersEmptyClose() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        try ann.send(ClientFrame(.close, []))
        _ = try ann.numbers()
        #expect(ann.closeCode == 1005)
    }

    @Test("a broken frame ends the socket with the code that says why, and the hub hears of it")
    func failsConnections() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        try ann.channel.writeInbound(ByteBuffer(bytes: [0x83, 0x80]))
        fixture.post()
        #expect(try ann.numbers().isEmpty)
        #expect(ann.closeCode == 1002)
        #expect(fixture.hub.lostListeners == [ShardFixture.connection(1)])
    }

    @Test(
        "a client that is done ends its connection, and one in trouble may come back",
        arguments: [(1000, true), (1001, true), (4711, true), (1002, false), (1009, false), (1011, false)]
    )
    func tellsGoodbyesApart(code: UInt16, isGoodbye: Bool) throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        try ann.send(.close(code))
        #expect(fixture.hub.closedListeners.count == (isGoodbye ? 1 : 0))
        #expect(fixture.hub.lostListeners.count == (isGoodbye ? 0 : 1))
    }

    @Test("a message that a listener sends is skipped, however many frames and reads it takes")
    func skipsMessages() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        let part = [UInt8](repeating: UInt8(ascii: "x"), count: 100_000)
        try ann.send(ClientFrame(.text, part, isFinal: false))
        for _ in 0..<80 { try ann.send(ClientFrame(.continuation, part, isFinal: false)) }
        try ann.send(ClientFrame(.continuation, part))
        fixture.post()
        #expect(try ann.numbers().count == 1)
        #expect(ann.closeCode == nil)
    }

    @Test("a message that never ends is ended, by its size or by its fragments", arguments: [100_000, 0])
    func endsEndlessMessages(size: Int) throws {
        let fixture = ShardFixture { $0.fragmentCount = 1000 }
        let ann = try fixture.join("ann", connection: 1)
        let part = [UInt8](repeating: UInt8(ascii: "x"), count: size)
        try ann.send(ClientFrame(.text, part, isFinal: false))
        for _ in 0..<1000 where ann.closeCode == nil {
            try ann.send(ClientFrame(.continuation, part, isFinal: false))
            _ = try ann.numbers()
        }
        #expect(ann.closeCode == 1009)
    }

    @Test("nothing is sent after a close frame")
    func sendsNothingAfterClose() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        fixture.receive([.closed(ShardFixture.connection(1))])
        try ann.send(ClientFrame(.ping, [1]))
        fixture.loop.advanceTime(by: .seconds(4))
        _ = try ann.numbers()
        #expect(ann.closeCode == 1000)
        #expect(ann.pongs.isEmpty)
        #expect(ann.heartbeatCount == 0)
    }

    @Test("after both close frames only the sending side is closed, until the client closes or its time is over")
    func lingers() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        let halves = HalfCloser()
        try ann.channel.pipeline.syncOperations.addHandler(halves, position: .first)
        try ann.send(.close(1000))
        #expect(halves.closedOutput)
        #expect(ann.isOpen)
        try ann.channel.writeInbound(ByteBuffer(bytes: [1, 2, 3]))
        fixture.loop.advanceTime(by: .seconds(6))
        #expect(!ann.isOpen)
    }

    @Test("a client that goes on sending after the end is cut")
    func boundsLingering() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        try ann.channel.pipeline.syncOperations.addHandler(HalfCloser(), position: .first)
        try ann.send(.close(1000))
        let noise = ByteBuffer(repeating: 0, count: 300 * 1024)
        for _ in 0..<3 { try ann.channel.writeInbound(noise) }
        #expect(ann.isOpen)
        try ann.channel.writeInbound(noise)
        #expect(!ann.isOpen)
    }

    @Test("a client that closes its sending side is gone")
    func noticesHalfClosure() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        ann.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!ann.isOpen)
        #expect(fixture.hub.lostListeners == [ShardFixture.connection(1)])
    }

    @Test("the echo sends back what comes, in fragments or not, and stops reading from who does not read")
    func echoes() throws {
        let fixture = ShardFixture()
        let reads = ReadCounter()
        let handler = WebSocketHandler(purpose: .echo, shard: fixture.shard)
        let channel = EmbeddedChannel(handlers: [reads, handler], loop: fixture.loop)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/test")).wait()
        let fragments =
            ClientFrame(.text, Array("Hel".utf8), isFinal: false).bytes
            + ClientFrame(.continuation, Array("lo".utf8)).bytes
        try channel.writeInbound(ByteBuffer(bytes: fragments + ClientFrame(.binary, [0, 255]).bytes))
        #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(bytes: [0x81, 5] + Array("Hello".utf8)))
        #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(bytes: [0x82, 2, 0, 255]))
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
        let before = reads.count
        channel.read()
        #expect(reads.count == before)
        channel.isWritable = true
        channel.pipeline.fireChannelWritabilityChanged()
        #expect(reads.count == before + 1)
    }
}

/// Closes the sending side without closing all, as a TCP socket does.
final class HalfCloser: ChannelOutboundHandler {
    typealias OutboundIn = Any

    private(set) var closedOutput = false

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .output else { return context.close(mode: mode, promise: promise) }
        self.closedOutput = true
        promise?.succeed()
    }
}

/// Counts the reads that reach the channel.
final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = Any

    private(set) var count = 0

    func read(context: ChannelHandlerContext) {
        self.count += 1
        context.read()
    }
}
