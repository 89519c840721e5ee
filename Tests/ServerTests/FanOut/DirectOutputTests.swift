import LogValues
import NIOCore
import NIOPosix
import Projections
import Testing

@testable import FanOut
@testable import Hub

@Suite("Frames that go straight to the kernel")
struct DirectOutputTests {
    @Test("a socket with nothing in its queue gets its frames past the channel")
    func bypassesTheChannel() throws {
        let fixture = try DirectFixture()
        defer { fixture.close() }
        let ann = try fixture.join("ann", connection: 1)
        try fixture.post(3)
        #expect(try ann.numbers(3) == Array(3...5))
        #expect(try fixture.onLoop { ann.recorder.value.writeCount } == 0)
    }

    @Test("all that gathers for a socket in a round arrives, in the order of the feed, in one write")
    func gathers() throws {
        let fixture = try DirectFixture()
        defer { fixture.close() }
        let ann = try fixture.join("ann", connection: 1, channels: ["one", "two"])
        let bob = try fixture.join("bob", connection: 2, channels: ["two"])
        try fixture.receive { position in
            ["one", "two", "two", "one", "three", "two"].map { fixture.message($0, at: &position) }
        }
        #expect(try ann.numbers(5) == [4, 5, 6, 7, 9])
        #expect(try bob.numbers(3) == [5, 6, 9])
        #expect(ann.readCount == 1)
    }

    @Test("what the kernel does not take is neither lost nor doubled nor out of order", arguments: 0..<8)
    func survivesFullBuffers(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        // Every other one holds frames back, for so short a time that it goes by while it waits for them.
        let fixture = try DirectFixture(holdsFor: seed % 2 == 0 ? nil : .milliseconds(1))
        defer { fixture.close() }
        let slow = try fixture.join("slow", connection: 1)
        let fast = try fixture.join("fast", connection: 2)
        var seen: [UInt64] = []
        var expected: [UInt64] = []
        for _ in 0..<60 {
            let count = Int.random(in: 1...4, using: &generator)
            try fixture.post(count, size: Int.random(in: 0...9000, using: &generator))
            expected += try fast.numbers(count)
            if Int.random(in: 0..<3, using: &generator) == 0 {
                seen += try slow.takeWhatIsThere(Int.random(in: 1...30_000, using: &generator))
            }
        }
        seen += try slow.numbers(expected.count - seen.count)
        #expect(seen == expected, "seed \(seed)")
    }

    @Test("a slow socket holds one frame in its channel, and that one is shared")
    func boundsTheQueue() throws {
        let fixture = try DirectFixture()
        defer { fixture.close() }
        let slow = try fixture.join("slow", connection: 1)
        for _ in 0..<100 { try fixture.post(1, size: 8000) }
        #expect(try fixture.onLoop { slow.recorder.value.writeCount } == 1)
        #expect(try slow.numbers(100).count == 100)
    }

    @Test("pongs and the close frame keep their place behind frames that are still on their way")
    func keepsControlFramesInOrder() throws {
        let fixture = try DirectFixture()
        defer { fixture.close() }
        let slow = try fixture.join("slow", connection: 1)
        try fixture.post(1)
        try slow.send(ClientFrame(.ping, [7]))
        try slow.awaitFrame()
        try fixture.post(40, size: 8000)
        try fixture.receive { _ in [.closed(ShardFixture.connection(1))] }
        let frames = try slow.framesUntilClose()
        #expect(Array(frames.prefix(2).map(\.opcode)) == [1, 10])
        #expect(frames.last?.opcode == 8)
        #expect(frames.dropLast().allSatisfy { $0.opcode != 8 })
    }

    @Test("under load, what several rounds have for a busy socket arrives in one write, in order")
    func holds() throws {
        let fixture = try DirectFixture(holdsFor: .hours(1))
        defer { fixture.close() }
        let ann = try fixture.join("ann", connection: 1)
        try fixture.post(2)
        #expect(try ann.numbers(2) == [3, 4])
        for _ in 0..<4 { try fixture.post(1) }
        #expect(ann.readCount == 1)
        try fixture.onLoop { fixture.flush() }
        #expect(try ann.numbers(4) == [6, 8, 10, 12])
        #expect(ann.readCount == 2)
    }

    @Test("what is held leaves when its time has come")
    func releases() throws {
        let fixture = try DirectFixture(holdsFor: .milliseconds(1))
        defer { fixture.close() }
        let ann = try fixture.join("ann", connection: 1)
        for _ in 0..<4 { try fixture.post(2) }
        #expect(try ann.numbers(8).count == 8)
    }

    @Test("what is held for a socket leaves at once when there is much of it")
    func boundsWhatIsHeld() throws {
        let fixture = try DirectFixture(holdsFor: .hours(1))
        defer { fixture.close() }
        let ann = try fixture.join("ann", connection: 1)
        try fixture.post(2)
        for _ in 0..<8 { try fixture.post(1, size: 5000) }
        #expect(try ann.numbers(7).count >= 7)
    }

    @Test("who leaves gets what is held for it, then the close frame; who comes in its place does not")
    func takesLeave() throws {
        let fixture = try DirectFixture(holdsFor: .hours(1))
        defer { fixture.close() }
        let ann = try fixture.join("ann", connection: 1)
        try fixture.post(2)
        try fixture.post(1)
        try fixture.receive { _ in [.closed(ShardFixture.connection(1))] }
        #expect(try ann.framesUntilClose().map(\.opcode) == [1, 1, 8])
        let bob = try fixture.join("bob", connection: 2)
        try fixture.onLoop { fixture.flush() }
        try fixture.post(1)
        try fixture.onLoop { fixture.flush() }
        #expect(try bob.numbers(1).count == 1)
    }

    @Test("what is held keeps its place behind what a socket does not take")
    func keepsHeldFramesInOrder() throws {
        let fixture = try DirectFixture(holdsFor: .hours(1))
        defer { fixture.close() }
        let slow = try fixture.join("slow", connection: 1)
        try fixture.post(2)
        try fixture.post(1)
        // Pongs that fill the buffer: the rest waits in the channel, and the held frame behind it.
        for _ in 0..<200 { try slow.send(ClientFrame(.ping, [UInt8](repeating: 7, count: 125))) }
        try fixture.post(1)
        try fixture.onLoop { fixture.flush() }
        #expect(try slow.numbers(4) == [3, 4, 6, 8])
    }

    @Test("a client that is gone is noticed by the writing, and the others get their frames")
    func noticesLoss() throws {
        let fixture = try DirectFixture()
        defer { fixture.close() }
        let gone = try fixture.join("gone", connection: 1)
        let stays = try fixture.join("stays", connection: 2)
        // In one step of the loop, so that the channel has not noticed by itself.
        try fixture.onLoop {
            gone.closePeer()
            fixture.deliver { position in [fixture.message("room", at: &position)] }
        }
        #expect(try stays.numbers(1).count == 1)
        #expect(fixture.hub.lostListeners == [ShardFixture.connection(1)])
        try fixture.post(1)
        #expect(try stays.numbers(1).count == 1)
    }
}

/// A shard on a real loop, with sockets of the kernel.
private final class DirectFixture: Sendable {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let hub = RecordingHub()
    private let state: NIOLoopBoundBox<(shard: FanOutShard?, position: UInt64)>

    /// Holds frames for so long, as if the loop was busy all the time; not at all without it.
    init(holdsFor longestHold: TimeAmount? = nil) throws {
        let loop = self.group.next()
        self.state = NIOLoopBoundBox.makeBoxSendingValue((nil, 0), eventLoop: loop)
        let (state, hub) = (self.state, self.hub)
        try loop.submit {
            var settings = FanOutSettings()
            settings.longestHold = longestHold ?? .zero
            let shard = FanOutShard(
                index: 0,
                eventLoop: loop,
                settings: settings,
                commands: hub,
                catchUpSource: nil,
                busyTime: { loop.now - .uptimeNanoseconds(0) }
            )
            let busyTime = loop.now - .uptimeNanoseconds(0)
            shard.hold = GatheringHold(longest: settings.longestHold, now: loop.now, busyTime: busyTime, load: 1)
            state.value.shard = shard
        }.wait()
    }

    func close() {
        try? self.group.syncShutdownGracefully()
    }

    func onLoop<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
        try self.group.next().submit(body).wait()
    }

    /// On the loop: delivers changes as one batch.
    func deliver(_ changes: (inout UInt64) -> [Change], tickets: [Int: AttachmentTicket] = [:]) {
        self.state.value.position += 1
        let changes = changes(&self.state.value.position)
        let batch = ChangeBatch(changes: changes, tickets: tickets, position: SequenceNumber(self.state.value.position))
        self.state.value.shard?.receive([EncodedBatch(batch, runSize: 1024)])
    }

    /// On the loop: sends what is held.
    func flush() {
        self.state.value.shard?.flush()
    }

    func receive(_ changes: @escaping @Sendable (inout UInt64) -> [Change]) throws {
        try self.onLoop { self.deliver(changes) }
    }

    func post(_ count: Int, size: Int = 0) throws {
        try self.receive { position in (0..<count).map { _ in self.message("room", at: &position, size: size) } }
    }

    func message(_ channel: String, at position: inout UInt64, size: Int = 0) -> Change {
        position += 1
        let audience = Addressing(channel: ChannelName(channel), only: [], except: [])
        return .frame(ShardFixture.frame(position, audience, size: size), audience)
    }

    func join(_ user: String, connection: UInt64, channels: [String] = ["room"]) throws -> DirectSocket {
        let socket = try DirectSocket(on: self.group)
        try self.onLoop {
            let shard = try #require(self.state.value.shard)
            let requester = DirectRequester(socket: socket, shard: shard)
            _ = shard.requestAttachment(of: ShardFixture.connection(connection), for: requester)
            let ticket = try #require(self.hub.lastTicket)
            let attached = Change.attached(
                ShardFixture.connection(connection),
                user: UserName(user),
                channels: channels.map { ChannelName($0) },
                missed: .whole([])
            )
            self.deliver({ _ in [attached] }, tickets: [0: ticket])
        }
        return socket
    }
}

private final class DirectRequester: SocketRequester {
    private let socket: DirectSocket
    private let shard: FanOutShard

    init(socket: DirectSocket, shard: FanOutShard) {
        self.socket = socket
        self.shard = shard
    }

    func attachmentGranted() -> WebSocketHandler? {
        let handler = WebSocketHandler(purpose: .listen, shard: self.shard)
        do {
            let operations = self.socket.channel.pipeline.syncOperations
            try operations.addHandlers([self.socket.recorder.value, handler])
        } catch {
            Issue.record("no channel: \(error)")
        }
        return handler
    }

    func attachmentRefused(_ refusal: AttachmentRefusal) {
        Issue.record("refused")
    }
}

/// A pair of sockets: one end is a channel, the other one the test's.
///
/// The peer's end is touched by the test's own thread, and by the loop only where the test waits for that.
private final class DirectSocket: Sendable {
    let channel: any Channel
    let recorder: NIOLoopBoundBox<OutboundRecorder>
    private let pair: SocketPair
    private let received = Received()

    private final class Received: @unchecked Sendable {  // One test, one thread.
        var bytes: [UInt8] = []
        var readCount = 0
    }

    init(on group: MultiThreadedEventLoopGroup) throws {
        self.pair = try SocketPair()
        let loop = group.next()
        self.recorder = try loop.submit { NIOLoopBoundBox(OutboundRecorder(), eventLoop: loop) }.wait()
        self.channel = try ClientBootstrap(group: group)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .withConnectedSocket(self.pair.channelEnd).wait()
    }

    var readCount: Int { self.received.readCount }

    func closePeer() { self.pair.goAway() }

    func send(_ frame: ClientFrame) throws { try self.pair.send(frame.bytes) }

    /// Waits for so many messages.
    func numbers(_ count: Int) throws -> [UInt64] {
        var numbers = try self.takeNumbers()
        while numbers.count < count {
            try self.read(65536)
            numbers += try self.takeNumbers()
        }
        return numbers
    }

    /// Takes at most so many bytes, and the messages that are whole.
    func takeWhatIsThere(_ size: Int) throws -> [UInt64] {
        try self.read(size)
        return try self.takeNumbers()
    }

    func awaitFrame() throws {
        while Self.frameSize(self.received.bytes) == nil { try self.read(65536) }
        // The pong follows the message.
        while Self.frames(self.received.bytes).frames.count < 2 { try self.read(65536) }
    }

    func framesUntilClose() throws -> [(opcode: UInt8, payload: [UInt8])] {
        while true {
            let frames = Self.frames(self.received.bytes).frames
            if frames.last?.opcode == 8 { return frames }
            try self.read(65536)
        }
    }

    private func read(_ size: Int) throws {
        self.received.bytes += try self.pair.receive(size)
        self.received.readCount += 1
    }

    private func takeNumbers() throws -> [UInt64] {
        let (frames, size) = Self.frames(self.received.bytes)
        self.received.bytes.removeFirst(size)
        return try frames.filter { $0.opcode == 1 }.flatMap { try TestMessages.read($0.payload).map(\.number) }
    }

    /// The frames that are whole, and their size.
    private static func frames(_ bytes: [UInt8]) -> (frames: [(opcode: UInt8, payload: [UInt8])], size: Int) {
        var frames: [(UInt8, [UInt8])] = []
        var rest = bytes[...]
        while let (header, size) = self.frameSize(Array(rest.prefix(10))), rest.count >= header + size {
            frames.append((rest[rest.startIndex] & 0x0F, Array(rest.dropFirst(header).prefix(size))))
            rest = rest.dropFirst(header + size)
        }
        return (frames, bytes.count - rest.count)
    }

    private static func frameSize(_ bytes: [UInt8]) -> (header: Int, size: Int)? {
        guard bytes.count >= 2 else { return nil }
        guard bytes[1] == 126 else { return (2, Int(bytes[1])) }
        return bytes.count < 4 ? nil : (4, Int(bytes[2]) << 8 | Int(bytes[3]))
    }
}

/// Counts what a channel is given to write.
private final class OutboundRecorder: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private(set) var writeCount = 0

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        self.writeCount += 1
        context.write(data, promise: promise)
    }
}
