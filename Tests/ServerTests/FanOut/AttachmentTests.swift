import LogValues
import NIOCore
import NIOEmbedded
import Projections
import Testing

@testable import FanOut
@testable import Hub

@Suite("Taking up connections and giving them up")
struct AttachmentTests {
    @Test("what was missed comes first, marked, and then what follows in the feed")
    func catchesUp() throws {
        let fixture = ShardFixture()
        let audience = Addressing(channel: ChannelName("room"), only: [], except: [])
        let missed = (1...3).map { ShardFixture.frame($0, audience) }
        let ann = try fixture.join("ann", connection: 1, catchUp: missed)
        fixture.post()
        let messages = try ann.messages()
        #expect(messages.map(\.number) == [1, 2, 3, 2])
        #expect(messages.map(\.isCatchUp) == [true, true, true, false])
    }

    @Test("nothing arrives before the feed says that the connection is taken up")
    func waitsForTheFeed() throws {
        let fixture = ShardFixture()
        let socket = TestSocket(fixture)
        _ = fixture.shard.requestAttachment(of: ShardFixture.connection(1), for: socket)
        fixture.hub.answerAttachments(.attached)
        fixture.loop.run()
        fixture.post()
        #expect(!socket.isOpen)
        #expect(socket.refusal == nil)
    }

    @Test(
        "a refusal reaches who asked",
        arguments: [
            (Reply.refused, AttachmentRefusal.unknownConnection), (.unavailable(reason: "full"), .unavailable),
        ]
    )
    func refuses(reply: Reply, refusal: AttachmentRefusal) throws {
        let fixture = ShardFixture()
        let socket = TestSocket(fixture)
        _ = fixture.shard.requestAttachment(of: ShardFixture.connection(1), for: socket)
        fixture.hub.answerAttachments(reply)
        fixture.loop.run()
        #expect(socket.refusal == refusal)
        #expect(fixture.shard.pending.isEmpty)
    }

    @Test("a newer socket replaces the older one, which is told so, and the hub hears of no end")
    func replaces() throws {
        let fixture = ShardFixture()
        let older = try fixture.join("ann", connection: 1)
        let newer = try fixture.join("ann", connection: 1)
        fixture.post()
        #expect(try newer.numbers().count == 1)
        #expect(try older.numbers().isEmpty)
        #expect(older.closeCode == 4000)
        try older.send(.close(4000))
        #expect(fixture.hub.closedListeners.isEmpty)
        fixture.post()
        #expect(try newer.numbers().count == 1)
    }

    @Test(
        "a listener on another loop or node replaces one here",
        arguments: [nil, AttachmentTicket(shard: 1, number: 1)]
    )
    func isReplacedFromElsewhere(ticket: AttachmentTicket?) throws {
        let fixture = ShardFixture()
        let older = try fixture.join("ann", connection: 1)
        let attached = Change.attached(
            ShardFixture.connection(1),
            user: UserName("ann"),
            channels: [],
            missed: .whole([])
        )
        fixture.receive([attached], tickets: ticket.map { [0: $0] } ?? [:])
        _ = try older.numbers()
        #expect(older.closeCode == 4000)
        #expect(fixture.hub.closedListeners.isEmpty)
    }

    @Test("a connection that is closed closes its socket with 1000")
    func closes() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        fixture.receive([.closed(ShardFixture.connection(1)), fixture.message()])
        #expect(try ann.numbers().isEmpty)
        #expect(ann.closeCode == 1000)
        #expect(fixture.hub.closedListeners.isEmpty)
    }

    @Test("a socket that its client closes is told to the hub, once")
    func tellsTheHub() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        try ann.send(.close(1000))
        #expect(fixture.hub.closedListeners == [ShardFixture.connection(1)])
        ann.channel.close(promise: nil)
        fixture.loop.run()
        #expect(fixture.hub.closedListeners.count == 1)
        #expect(fixture.shard.openSocketCount == 0)
    }

    @Test("a client that vanishes is told to the hub")
    func noticesLoss() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        ann.channel.close(promise: nil)
        fixture.loop.run()
        #expect(fixture.hub.lostListeners == [ShardFixture.connection(1)])
        fixture.post()
    }

    @Test("a client that is gone before it is granted is told to the hub when it is", arguments: [true, false])
    func noticesEarlyLoss(wasCancelled: Bool) throws {
        let fixture = ShardFixture()
        let socket = TestSocket(fixture)
        let number = try #require(fixture.shard.requestAttachment(of: ShardFixture.connection(1), for: socket))
        let ticket = try #require(fixture.hub.lastTicket)
        if wasCancelled { fixture.shard.cancelRequest(number) } else { socket.isGone = true }
        let attached = Change.attached(
            ShardFixture.connection(1),
            user: UserName("ann"),
            channels: [],
            missed: .whole([])
        )
        fixture.receive([attached], tickets: [0: ticket])
        #expect(fixture.hub.lostListeners == [ShardFixture.connection(1)])
        #expect(fixture.shard.tables.connections.isEmpty)
    }

    // MARK: Stopping

    @Test("a shard that stops says goodbye, takes nobody any more, and leaves the connections open")
    func drains() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        let drained = fixture.shard.drain()
        #expect(drained.behind.isEmpty)
        _ = try ann.numbers()
        #expect(ann.closeCode == 1001)
        try ann.send(.close(1001))
        try drained.closed.wait()
        #expect(fixture.hub.closedListeners.isEmpty)
        let late = TestSocket(fixture)
        #expect(fixture.shard.requestAttachment(of: ShardFixture.connection(2), for: late) == nil)
        #expect(late.refusal == .unavailable)
    }

    @Test("who does not answer the goodbye is cut; of who was behind, it is known what he surely got")
    func cutsAtTheEnd() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        ann.setWritable(false)
        fixture.post()
        let drained = fixture.shard.drain()
        #expect(drained.behind == [ShardFixture.connection(1): .start])
        fixture.shard.endDrain()
        try drained.closed.wait()
        #expect(!ann.isOpen)
    }
}
