import LogValues
import NIOCore
import NIOEmbedded
import Projections
import Synchronization
import Testing

@testable import FanOut

@Suite("Sockets that fall behind")
struct BackpressureTests {
    @Test("a slow socket is passed by and gets everything when it drains, in order, once")
    func catchesUp() throws {
        let fixture = ShardFixture()
        let slow = try fixture.join("slow", connection: 1)
        let fast = try fixture.join("fast", connection: 2)
        fixture.post()
        slow.setWritable(false)
        for _ in 0..<20 { fixture.post() }
        let first = try slow.numbers()
        let seenByFast = try fast.numbers()
        #expect(first.count == 1)
        #expect(seenByFast.count == 21)
        slow.setWritable(true)
        #expect(try first + slow.numbers() == seenByFast)
        fixture.post()
        #expect(try slow.numbers().count == 1)
    }

    @Test("what is not for the slow socket is not caught up either")
    func catchesUpByTheRules() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        try fixture.join("bob", connection: 2, channels: ["room", "other"])
        ann.setWritable(false)
        fixture.post("room")
        let first = fixture.position - 1
        fixture.post("room", only: ["bob"])
        fixture.post("room", except: ["ann"])
        fixture.post("other")
        fixture.post(nil, only: ["bob"])
        fixture.post(nil, only: ["ann"])
        let last = fixture.position - 1
        ann.setWritable(true)
        #expect(try ann.numbers() == [first, last])
    }

    @Test("channels entered and left meanwhile count from and up to their moment")
    func followsMembership() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1, channels: ["left", "kept"])
        try fixture.join("bob", connection: 2, channels: ["left", "kept", "entered"])
        ann.setWritable(false)
        var expected: [UInt64] = []
        func post(_ channel: String, counts: Bool) {
            fixture.post(channel)
            if counts { expected.append(fixture.position - 1) }
        }
        post("kept", counts: true)
        post("left", counts: true)
        post("entered", counts: false)
        fixture.unsubscribe(1, "left")
        fixture.subscribe(1, "ann", "entered")
        post("left", counts: false)
        post("entered", counts: true)
        fixture.unsubscribe(1, "entered")
        post("entered", counts: false)
        fixture.subscribe(1, "ann", "left")
        post("left", counts: true)
        post("kept", counts: true)
        ann.setWritable(true)
        #expect(try ann.numbers() == expected)
    }

    @Test("a socket that goes behind again while it is caught up still gets everything once", arguments: 0..<10)
    func survivesStutter(seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        let fixture = ShardFixture()
        let slow = try fixture.join("slow", connection: 1)
        let fast = try fixture.join("fast", connection: 2)
        var seen: [UInt64] = []
        var expected: [UInt64] = []
        for _ in 0..<300 {
            if Int.random(in: 0..<4, using: &generator) == 0 { slow.setWritable(Bool.random(using: &generator)) }
            fixture.receive((0...Int.random(in: 0...3, using: &generator)).map { _ in fixture.message() })
            seen += try slow.numbers()
            expected += try fast.numbers()
        }
        slow.setWritable(true)
        seen += try slow.numbers()
        #expect(seen == expected, "seed \(seed)")
    }

    @Test("frames of one event stay together, though the socket fills up between them")
    func keepsEventsWhole() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1, channels: ["one", "two"])
        let filling = FillsUp()
        try ann.channel.pipeline.syncOperations.addHandler(filling, position: .first)
        filling.channel = ann.channel
        _ = fixture.message()
        let number = fixture.position
        let changes = ["one", "two"].map { name in
            let audience = Addressing(channel: ChannelName(name), only: [], except: [])
            return Change.frame(ShardFixture.frame(number, audience), audience)
        }
        fixture.receive(changes + [fixture.message("one")])
        #expect(try ann.numbers() == [number, number])
        filling.isFull = false
        ann.setWritable(true)
        #expect(try ann.numbers().count == 1)
    }

    @Test("a socket that needs what the ring has dropped is closed as too slow")
    func givesUp() throws {
        let fixture = ShardFixture { $0.ringSize = 4096 }
        let slow = try fixture.join("slow", connection: 1)
        let fast = try fixture.join("fast", connection: 2)
        let attached = SequenceNumber(fixture.position)
        slow.setWritable(false)
        for _ in 0..<20 { fixture.post(size: 400) }
        #expect(try fast.numbers().count == 20)
        slow.setWritable(true)
        #expect(try slow.numbers().isEmpty)
        #expect(slow.closeCode == 1013)
        #expect(fixture.hub.lostListeners == [ShardFixture.connection(1)])
        // Who comes back goes on where this socket stopped.
        let seen = try #require(fixture.hub.lastSeen)
        #expect(seen == attached)
    }

    @Test("a socket that missed nothing stays, however much the others received")
    func sparesTheQuiet() throws {
        let fixture = ShardFixture { $0.ringSize = 4096 }
        let quiet = try fixture.join("quiet", connection: 1, channels: ["quiet"])
        try fixture.join("busy", connection: 2)
        quiet.setWritable(false)
        for _ in 0..<20 { fixture.post(size: 400) }
        quiet.setWritable(true)
        fixture.post("quiet")
        #expect(try quiet.numbers().count == 1)
        #expect(quiet.closeCode == nil)
    }

    @Test("with another source the socket goes on from there, and from the ring again")
    func fetches() throws {
        let source = HeldSource()
        let fixture = ShardFixture(catchUpSource: source) { $0.ringSize = 4096 }
        let slow = try fixture.join("slow", connection: 1)
        slow.setWritable(false)
        let first = fixture.position + 1
        for _ in 0..<20 { fixture.post(size: 400) }
        slow.setWritable(true)
        #expect(source.asked.map(\.after) == [SequenceNumber(first - 1)])
        #expect(source.asked.map(\.channels) == [[ChannelName("room")]])
        // The source knows of everything up to now; a message that comes before its answer is in the ring only.
        let through = fixture.position
        fixture.post()
        let later = fixture.position - 1
        #expect(try slow.numbers().isEmpty)
        // It is asked for what the ring has dropped, and for nothing that the ring still holds.
        let dropped = try #require(source.asked.first?.through)
        #expect(dropped.rawValue < through)
        let audience = Addressing(channel: ChannelName("room"), only: [], except: [])
        let frames = [first, first + 2].map { CatchUp.Item.frame(ShardFixture.frame($0, audience)) }
        source.answer(CatchUp(items: frames, through: dropped))
        fixture.loop.run()
        let messages = try slow.messages()
        #expect(Array(messages.map(\.number).prefix(2)) == [first, first + 2])
        #expect(messages.filter(\.isCatchUp).count == 2)
        #expect(messages.map(\.number).dropFirst(2).allSatisfy { $0 > dropped.rawValue })
        #expect(messages.last?.number == later)
        fixture.post()
        #expect(try slow.numbers().count == 1)
    }

    @Test("a source that cannot tell ends the socket")
    func givesUpWithoutSource() throws {
        let source = HeldSource()
        let fixture = ShardFixture(catchUpSource: source) { $0.ringSize = 1024 }
        let slow = try fixture.join("slow", connection: 1)
        slow.setWritable(false)
        for _ in 0..<9 { fixture.post(size: 400) }
        slow.setWritable(true)
        source.answer(nil)
        fixture.loop.run()
        _ = try slow.numbers()
        #expect(slow.closeCode == 1013)
    }

    @Test("a socket that leaves too many channels while it is behind is too slow")
    func boundsLeftChannels() throws {
        let fixture = ShardFixture { $0.leftChannelCount = 3 }
        let channels = (0..<5).map { "room-\($0)" }
        let slow = try fixture.join("slow", connection: 1, channels: channels)
        try fixture.join("other", connection: 2, channels: channels)
        slow.setWritable(false)
        fixture.post("room-0")
        for channel in channels { fixture.unsubscribe(1, channel) }
        #expect(fixture.hub.lostListeners == [ShardFixture.connection(1)])
    }
}

/// Stops being writable with the first write.
private final class FillsUp: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    weak var channel: EmbeddedChannel?
    var isFull = true

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(data, promise: promise)
        guard self.isFull, let channel = self.channel, channel.isWritable else { return }
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
    }
}

/// Answers when the test says so.
private final class HeldSource: CatchUpSource {
    private let state = Mutex<(asked: [CatchUpRequest], replies: [@Sendable (CatchUp?) -> Void])>(([], []))

    func read(_ request: CatchUpRequest, reply: @escaping @Sendable (CatchUp?) -> Void) {
        self.state.withLock {
            $0.asked.append(request)
            $0.replies.append(reply)
        }
    }

    var asked: [CatchUpRequest] { self.state.withLock { $0.asked } }

    func answer(_ catchUp: CatchUp?) {
        let replies = self.state.withLock { state in
            defer { state.replies = [] }
            return state.replies
        }
        for reply in replies { reply(catchUp) }
    }
}
