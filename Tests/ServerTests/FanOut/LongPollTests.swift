import LogValues
import NIOCore
import NIOEmbedded
import Projections
import Testing

@testable import FanOut
@testable import Hub

@Suite("Long polls")
struct LongPollTests {
    /// A poll and what became of it.
    final class Poll {
        private(set) var answer: PollAnswer?

        init(_ fixture: ShardFixture, connection: UInt64 = 1) {
            fixture.shard.poll(ShardFixture.connection(connection)).assumeIsolated().whenSuccess { self.answer = $0 }
        }

        /// Numbers and marks of the messages; nil while it waits.
        func messages() throws -> [(number: UInt64, isCatchUp: Bool)]? {
            guard case .list(let list) = self.answer else { return nil }
            return try TestMessages.read(list)
        }
    }

    /// Lets the hub grant the newest request.
    static func attach(
        _ fixture: ShardFixture,
        connection: UInt64 = 1,
        user: String = "ann",
        channels: [String] = ["room"],
        catchUp: [Frame] = [],
        missed: MissedPart? = nil
    ) throws {
        let ticket = try #require(fixture.hub.lastTicket)
        fixture.hub.answerAttachments(.attached)
        let attached = Change.attached(
            ShardFixture.connection(connection),
            user: UserName(user),
            channels: channels.map { ChannelName($0) },
            missed: missed ?? .whole(catchUp)
        )
        fixture.receive([attached], tickets: [0: ticket])
    }

    static let room = Addressing(channel: ChannelName("room"), only: [], except: [])

    @Test("a message ends the wait a quarter of a second later")
    func answersMessages() throws {
        let fixture = ShardFixture()
        let poll = Poll(fixture)
        try Self.attach(fixture)
        fixture.loop.advanceTime(by: .seconds(3))
        fixture.post()
        fixture.loop.advanceTime(by: .milliseconds(200))
        #expect(poll.answer == nil)
        fixture.post()
        fixture.loop.advanceTime(by: .milliseconds(200))
        #expect(poll.answer == nil)
        fixture.loop.advanceTime(by: .milliseconds(50))
        let messages = try #require(try poll.messages())
        #expect(messages.map(\.number) == [2, 4])
        #expect(messages.allSatisfy { !$0.isCatchUp })
    }

    @Test("a quiet poll is answered with an empty list after five seconds")
    func answersNothing() throws {
        let fixture = ShardFixture()
        let poll = Poll(fixture)
        try Self.attach(fixture)
        fixture.loop.advanceTime(by: .milliseconds(4_999))
        #expect(poll.answer == nil)
        fixture.loop.advanceTime(by: .milliseconds(1))
        #expect(poll.answer == .list(Array("[]".utf8)))
    }

    @Test("messages that keep coming do not hold the answer up forever")
    func boundsGathering() throws {
        let fixture = ShardFixture()
        let poll = Poll(fixture)
        try Self.attach(fixture)
        for _ in 0..<30 {
            fixture.post()
            fixture.loop.advanceTime(by: .milliseconds(100))
        }
        #expect(try poll.messages()?.count == 20)
    }

    @Test("what was missed before the first poll is answered at its start")
    func catchesUp() throws {
        let fixture = ShardFixture()
        let poll = Poll(fixture)
        try Self.attach(fixture, catchUp: [ShardFixture.frame(1, Self.room)])
        fixture.loop.advanceTime(by: .milliseconds(250))
        let messages = try #require(try poll.messages())
        #expect(messages.map(\.number) == [1])
        #expect(messages.map(\.isCatchUp) == [true])
    }

    @Test("nothing is lost or repeated between polls, and what came meanwhile is marked")
    func gathersBetweenPolls() throws {
        let fixture = ShardFixture()
        let first = Poll(fixture)
        try Self.attach(fixture)
        fixture.post()
        fixture.loop.advanceTime(by: .milliseconds(250))
        fixture.post()
        fixture.post(nil, only: ["ann"])
        let second = Poll(fixture)
        fixture.loop.advanceTime(by: .milliseconds(100))
        fixture.post()
        fixture.loop.advanceTime(by: .milliseconds(250))
        #expect(try first.messages().map { $0.map(\.number) } == [2])
        let messages = try #require(try second.messages())
        #expect(messages.map(\.number) == [4, 6, 8])
        #expect(messages.map(\.isCatchUp) == [true, true, false])
        #expect(fixture.hub.attachCount == 1)
    }

    @Test("between polls the last hundred of each channel and the last fifty private ones are kept")
    func boundsTheQueue() throws {
        let fixture = ShardFixture()
        _ = Poll(fixture)
        try Self.attach(fixture, channels: ["room", "other"])
        fixture.loop.advanceTime(by: .seconds(5))
        for _ in 0..<120 { fixture.post("room") }
        fixture.post("other")
        for _ in 0..<60 { fixture.post(nil, only: ["ann"]) }
        let poll = Poll(fixture)
        // Full: answered at once, before more pushes something out.
        let numbers = try #require(try poll.messages()?.map(\.number))
        let posted = (1..<182).map { UInt64(2 * $0) }
        #expect(numbers == Array(posted[20..<121] + posted[131..<181]))
    }

    @Test("a poll that waits is answered before anything is pushed out")
    func answersWhenFull() throws {
        let fixture = ShardFixture()
        let poll = Poll(fixture)
        try Self.attach(fixture)
        fixture.receive((0..<130).map { _ in fixture.message() })
        #expect(try poll.messages()?.count == 100)
        let next = Poll(fixture)
        fixture.loop.advanceTime(by: .milliseconds(250))
        #expect(try next.messages()?.count == 30)
    }

    @Test("a second poll takes over, and the first is answered with nothing")
    func takesOver() throws {
        let fixture = ShardFixture()
        let first = Poll(fixture)
        try Self.attach(fixture)
        fixture.post()
        let second = Poll(fixture)
        #expect(first.answer == .list(Array("[]".utf8)))
        fixture.loop.advanceTime(by: .milliseconds(250))
        #expect(try second.messages()?.map(\.number) == [2])
    }

    @Test("two polls before the hub's answer ask once")
    func asksOnce() throws {
        let fixture = ShardFixture()
        let first = Poll(fixture)
        let second = Poll(fixture)
        #expect(fixture.hub.attachCount == 1)
        #expect(first.answer == .list(Array("[]".utf8)))
        try Self.attach(fixture)
        fixture.loop.advanceTime(by: .seconds(5))
        #expect(second.answer == .list(Array("[]".utf8)))
    }

    @Test(
        "a refusal is passed on, and the next poll asks again",
        arguments: [(Reply.refused, PollAnswer.unknownConnection), (.unavailable(reason: "full"), .unavailable)]
    )
    func refuses(reply: Reply, answer: PollAnswer) throws {
        let fixture = ShardFixture()
        let poll = Poll(fixture)
        fixture.hub.answerAttachments(reply)
        fixture.loop.run()
        #expect(poll.answer == answer)
        _ = Poll(fixture)
        #expect(fixture.hub.attachCount == 2)
    }

    @Test("begin and end of each poll are signs of life, and heartbeats are not for polls")
    func showsLife() throws {
        let fixture = ShardFixture()
        _ = Poll(fixture)
        try Self.attach(fixture)
        fixture.loop.advanceTime(by: .seconds(6))
        #expect(fixture.hub.signsOfLife == 1)
        _ = Poll(fixture)
        #expect(fixture.hub.signsOfLife == 2)
        fixture.loop.advanceTime(by: .seconds(6))
        #expect(fixture.hub.signsOfLife == 3)
    }

    @Test("a second poll says that what was missed has been received")
    func tellsReceipts() throws {
        let fixture = ShardFixture()
        _ = Poll(fixture)
        try Self.attach(fixture, catchUp: [ShardFixture.frame(1, Self.room)])
        fixture.loop.advanceTime(by: .seconds(6))
        #expect(fixture.hub.caughtUpCount == 0)
        for _ in 0..<2 {
            _ = Poll(fixture)
            #expect(fixture.hub.caughtUpCount == 1)
            fixture.loop.advanceTime(by: .seconds(6))
        }
    }

    @Test("a connection that is closed ends its session with what there is")
    func ends() throws {
        let fixture = ShardFixture()
        let poll = Poll(fixture)
        try Self.attach(fixture)
        fixture.receive([fixture.message(), .closed(ShardFixture.connection(1))])
        #expect(try poll.messages()?.map(\.number) == [2])
        #expect(fixture.shard.polls.isEmpty)
        #expect(fixture.hub.closedListeners.isEmpty)
        fixture.loop.advanceTime(by: .seconds(10))
    }

    @Test("a socket takes the connection over from polls, and polls from a socket")
    func changesTransport() throws {
        let fixture = ShardFixture()
        let poll = Poll(fixture)
        try Self.attach(fixture)
        let socket = try fixture.join("ann", connection: 1)
        #expect(poll.answer == .list(Array("[]".utf8)))
        fixture.post()
        #expect(try socket.numbers().count == 1)
        let later = Poll(fixture)
        try Self.attach(fixture)
        _ = try socket.numbers()
        #expect(socket.closeCode == 4000)
        fixture.post()
        fixture.loop.advanceTime(by: .milliseconds(250))
        #expect(try later.messages()?.count == 1)
    }

    @Test("a shard that stops answers its polls, and names those that were left with messages")
    func drains() throws {
        let fixture = ShardFixture()
        let waiting = Poll(fixture, connection: 1)
        try Self.attach(fixture, connection: 1)
        _ = Poll(fixture, connection: 2)
        try Self.attach(fixture, connection: 2, user: "bob")
        let pending = Poll(fixture, connection: 3)
        fixture.loop.advanceTime(by: .seconds(4))
        _ = Poll(fixture, connection: 1)
        fixture.loop.advanceTime(by: .seconds(2))
        fixture.post()
        let missed = fixture.position - 1
        let drained = fixture.shard.drain()
        #expect(waiting.answer != nil)
        #expect(pending.answer == .unavailable)
        #expect(drained.behind == [ShardFixture.connection(2): SequenceNumber(missed - 1)])
        try drained.closed.wait()
    }
}
