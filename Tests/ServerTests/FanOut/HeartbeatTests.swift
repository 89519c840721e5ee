import LogValues
import NIOCore
import NIOEmbedded
import Projections
import Testing

@testable import FanOut

@Suite("Heartbeats")
struct HeartbeatTests {
    @Test("every socket gets an empty list every five seconds")
    func beats() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        fixture.loop.advanceTime(by: .milliseconds(4_900))
        _ = try ann.numbers()
        #expect(ann.heartbeatCount == 0)
        fixture.loop.advanceTime(by: .milliseconds(400))
        _ = try ann.numbers()
        #expect(ann.heartbeatCount == 1)
        fixture.loop.advanceTime(by: .seconds(50))
        _ = try ann.numbers()
        #expect(ann.heartbeatCount == 11)
    }

    @Test("sockets that come and go at any time keep their beat")
    func survivesChurn() throws {
        let fixture = ShardFixture()
        var sockets: [TestSocket] = []
        for number in 1...60 {
            sockets.append(try fixture.join("user", connection: UInt64(number)))
            fixture.loop.advanceTime(by: .milliseconds(130))
            if number % 3 == 0 { sockets.removeFirst().channel.close(promise: nil) }
        }
        for socket in sockets { _ = try socket.numbers() }
        let before = sockets.map(\.heartbeatCount)
        fixture.loop.advanceTime(by: .seconds(10))
        for (socket, count) in zip(sockets, before) {
            _ = try socket.numbers()
            #expect(socket.heartbeatCount == count + 2)
        }
    }

    @Test("a socket that takes nothing gets none, and is cut in the end")
    func cutsStalled() throws {
        let fixture = ShardFixture { $0.missedHeartbeats = 3 }
        let stalled = try fixture.join("stalled", connection: 1)
        let recovers = try fixture.join("recovers", connection: 2)
        for socket in [stalled, recovers] { socket.setWritable(false) }
        fixture.loop.advanceTime(by: .seconds(11))
        #expect(stalled.isOpen)
        recovers.setWritable(true)
        fixture.loop.advanceTime(by: .seconds(5))
        recovers.setWritable(false)
        fixture.loop.advanceTime(by: .seconds(11))
        #expect(!stalled.isOpen)
        #expect(recovers.isOpen)
        #expect(fixture.hub.lostListeners == [ShardFixture.connection(1)])
    }

    @Test("a close handshake that is not answered ends after its time")
    func cutsUnanswered() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        fixture.receive([.closed(ShardFixture.connection(1))])
        fixture.loop.advanceTime(by: .milliseconds(4_900))
        #expect(ann.isOpen)
        fixture.loop.advanceTime(by: .milliseconds(500))
        #expect(!ann.isOpen)
        #expect(fixture.shard.openSocketCount == 0)
    }

    // MARK: What a client has surely received

    @Test("what was acknowledged with one heartbeat counts with the next one, and no sooner")
    func receipts() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        fixture.post()
        fixture.loop.advanceTime(by: .seconds(5))
        let acknowledged = fixture.position
        fixture.post()
        fixture.loop.advanceTime(by: .seconds(5))
        fixture.post()
        ann.channel.close(promise: nil)
        fixture.loop.run()
        let seen = try #require(fixture.hub.lastSeen)
        #expect(seen == SequenceNumber(acknowledged))
    }

    @Test("the hub is told once when what was missed has been received, and not of those who missed nothing")
    func tellsReceipts() throws {
        let fixture = ShardFixture()
        try fixture.join("nothing missed", connection: 1)
        let audience = Addressing(channel: ChannelName("room"), only: [], except: [])
        try fixture.join("ann", connection: 2, catchUp: [ShardFixture.frame(1, audience)])
        fixture.loop.advanceTime(by: .seconds(6))
        #expect(fixture.hub.caughtUpCount == 0)
        fixture.loop.advanceTime(by: .seconds(20))
        #expect(fixture.hub.caughtUpCount == 1)
    }

    @Test("of a socket that takes nothing no more is sure than before")
    func receiptsOfTheSilent() throws {
        let fixture = ShardFixture()
        let ann = try fixture.join("ann", connection: 1)
        let attached = fixture.position
        fixture.loop.advanceTime(by: .seconds(10))
        ann.setWritable(false)
        fixture.post()
        fixture.loop.advanceTime(by: .seconds(30))
        ann.channel.close(promise: nil)
        fixture.loop.run()
        let seen = try #require(fixture.hub.lastSeen)
        #expect(seen == SequenceNumber(attached))
    }
}
