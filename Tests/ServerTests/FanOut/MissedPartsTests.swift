import LogValues
import NIOCore
import NIOEmbedded
import Projections
import Testing

@testable import FanOut
@testable import Hub
@testable import Web

@Suite("What was missed is told part by part")
struct MissedPartsTests {
    private static let room = Addressing(channel: ChannelName("room"), only: [], except: [])

    /// What a hub keeps of a channel.
    private struct Kept {
        let frames: [Frame]

        init(_ numbers: ClosedRange<UInt64>, size: Int) {
            self.frames = numbers.map { ShardFixture.frame($0, MissedPartsTests.room, size: size) }
        }

        func part(after: SequenceNumber, through end: SequenceNumber, size: Int) -> MissedPart {
            var told = 0
            var taken: [Frame] = []
            for frame in self.frames where frame.position > after && frame.position <= end {
                guard told < size else {
                    let through = taken.last?.position ?? after
                    return MissedPart(frames: taken, after: after, through: through, end: end, isWhole: false)
                }
                taken.append(frame)
                told += frame.approximateSize
            }
            return MissedPart(frames: taken, after: after, through: end, end: end, isWhole: false)
        }

        /// Answers what a shard has asked for.
        func answer(_ fixture: ShardFixture) {
            guard let wanted = fixture.hub.wantedPart else { return }
            fixture.hub.answerPart(
                .missed(self.part(after: wanted.after, through: wanted.through, size: wanted.size))
            )
            fixture.loop.run()
        }
    }

    /// Takes what a socket takes at a time: a little, and then nothing until it is read.
    private final class Narrow: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer

        weak var channel: EmbeddedChannel?
        private(set) var held = 0
        private(set) var mostHeld = 0

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            self.held += self.unwrapOutboundIn(data).readableBytes
            self.mostHeld = max(self.mostHeld, self.held)
            context.write(data, promise: promise)
            guard self.held > 10_000, let channel = self.channel, channel.isWritable else { return }
            channel.isWritable = false
            channel.pipeline.fireChannelWritabilityChanged()
        }

        func drain() {
            self.held = 0
            guard let channel = self.channel, !channel.isWritable else { return }
            channel.isWritable = true
            channel.pipeline.fireChannelWritabilityChanged()
        }
    }

    /// A socket that missed 200 frames of 5,000 bytes, and has been told the first part by a hub.
    private struct Returned {
        let fixture = ShardFixture()
        let kept = Kept(1...200, size: 5000)
        let socket: TestSocket
        let narrow = Narrow()

        init() throws {
            for _ in 0..<200 { _ = self.fixture.message() }
            let end = SequenceNumber(200)
            self.socket = TestSocket(self.fixture)
            self.narrow.channel = self.socket.channel
            try self.socket.channel.pipeline.syncOperations.addHandler(self.narrow)
            self.socket.number = self.fixture.shard.requestAttachment(
                of: ShardFixture.connection(1),
                for: self.socket
            )
            let ticket = try #require(self.fixture.hub.lastTicket)
            self.fixture.hub.answerAttachments(.attached)
            let attached = Change.attached(
                ShardFixture.connection(1),
                user: UserName("ann"),
                channels: [ChannelName("room")],
                missed: self.kept.part(after: .start, through: end, size: HubState.firstPartSize)
            )
            self.fixture.receive([attached], tickets: [0: ticket])
        }

        /// Reads as a client does, for as long as something comes.
        func readAll() throws -> [UInt64] {
            var numbers: [UInt64] = []
            while true {
                let some = try self.socket.numbers()
                numbers += some
                self.narrow.drain()
                self.kept.answer(self.fixture)
                if some.isEmpty, self.fixture.hub.wantedPart == nil { return numbers }
            }
        }
    }

    @Test("a socket that does not read is told one list, and holds no more than that")
    func holdsOneList() throws {
        let returned = try Returned()
        for _ in 0..<50 { returned.fixture.post(size: 5000) }
        #expect(returned.narrow.mostHeld < 64 * 1024)
        #expect(returned.fixture.hub.wantedPart == nil)
        #expect(try returned.socket.numbers().count < 10)
    }

    @Test("a slow socket is told everything in order, once, and then what came meanwhile")
    func tellsEverything() throws {
        let returned = try Returned()
        for _ in 0..<20 { returned.fixture.post() }
        let numbers = try returned.readAll()
        #expect(numbers.count == 220)
        #expect(Array(numbers.prefix(200)) == Array(1...200))
        #expect(numbers == numbers.sorted())
        #expect(Set(numbers).count == numbers.count)
        #expect(returned.narrow.mostHeld < 64 * 1024)
        returned.fixture.post()
        #expect(try returned.readAll().count == 1)
        #expect(returned.socket.closeCode == nil)
    }

    @Test("where what was missed is gone meanwhile, the socket is told to come back, and goes on where it stopped")
    func comesBack() throws {
        let returned = try Returned()
        var told: [UInt64] = []
        while returned.fixture.hub.wantedPart == nil {
            told += try returned.socket.numbers()
            returned.narrow.drain()
        }
        returned.fixture.hub.answerPart(.refused)
        returned.fixture.loop.run()
        told += try returned.socket.numbers()
        #expect(returned.socket.closeCode == 1013)
        #expect(returned.fixture.hub.lostListeners == [ShardFixture.connection(1)])
        let seen = try #require(returned.fixture.hub.lastSeen)
        let last = try #require(told.last)
        #expect(seen == SequenceNumber(last))
    }

    @Test("who vanishes while he is told has surely received nothing of it")
    func vanishes() throws {
        let returned = try Returned()
        returned.socket.channel.close(promise: nil)
        returned.fixture.loop.run()
        let seen = try #require(returned.fixture.hub.lastSeen)
        #expect(seen == .start)
    }

    @Test("what the hub tells of one who is gone by then goes nowhere")
    func ignoresLateParts() throws {
        let returned = try Returned()
        while returned.fixture.hub.wantedPart == nil {
            _ = try returned.socket.numbers()
            returned.narrow.drain()
        }
        returned.socket.channel.close(promise: nil)
        returned.kept.answer(returned.fixture)
        #expect(returned.fixture.shard.tables.connections.isEmpty)
    }

    // MARK: Polls

    @Test("polls are told what was missed answer by answer, everything in order, once")
    func polls() throws {
        let fixture = ShardFixture { $0.poll.answerSize = 20_000 }
        let kept = Kept(1...50, size: 3000)
        for _ in 0..<50 { _ = fixture.message() }
        var poll = LongPollTests.Poll(fixture)
        try LongPollTests.attach(
            fixture,
            missed: kept.part(after: .start, through: SequenceNumber(50), size: 10_000)
        )
        fixture.post()
        var numbers: [UInt64] = []
        var count = 0
        while numbers.count < 51, count < 60 {
            kept.answer(fixture)
            fixture.loop.advanceTime(by: .milliseconds(250))
            let messages = try #require(try poll.messages())
            #expect(messages.count <= 7)
            numbers += messages.map(\.number)
            count += 1
            poll = LongPollTests.Poll(fixture)
        }
        #expect(numbers.prefix(50) == Array(1...50)[...])
        #expect(numbers.count == 51)
    }

    @Test("what comes between two polls and is too much is a position; nothing is lost or told twice")
    func betweenPolls() throws {
        let fixture = ShardFixture { $0.poll.answerSize = 20_000 }
        var poll = LongPollTests.Poll(fixture)
        try LongPollTests.attach(fixture)
        fixture.loop.advanceTime(by: .seconds(5))
        #expect(poll.answer != nil)
        let first = fixture.position + 1
        for _ in 0..<30 { fixture.post(size: 3000) }
        let last = fixture.position - 1
        let kept = Kept(first...last, size: 3000)
        var numbers: [UInt64] = []
        for _ in 0..<20 where numbers.last != last {
            poll = LongPollTests.Poll(fixture)
            kept.answer(fixture)
            fixture.loop.advanceTime(by: .milliseconds(250))
            numbers += try #require(try poll.messages()).map(\.number)
        }
        #expect(Set(stride(from: first, through: last, by: 2)).isSubset(of: Set(numbers)))
        #expect(numbers == numbers.sorted())
        #expect(Set(numbers).count == numbers.count)
    }

    @Test("a poll that finds no room for a large answer is refused, and the next one that finds it loses nothing")
    func waitsForRoom() throws {
        let unsent = UnsentAnswers(limit: 250_000)
        #expect(unsent.enter(200_000))
        let fixture = ShardFixture(unsent: unsent)
        var poll = LongPollTests.Poll(fixture)
        let kept = Kept(1...40, size: 3000)
        for _ in 0..<40 { _ = fixture.message() }
        let part = kept.part(after: .start, through: SequenceNumber(40), size: 10_000)
        try LongPollTests.attach(fixture, missed: part)
        kept.answer(fixture)
        fixture.loop.advanceTime(by: .milliseconds(250))
        #expect(poll.answer == .unavailable)
        poll = LongPollTests.Poll(fixture)
        unsent.leave(200_000)
        kept.answer(fixture)
        let messages = try #require(try poll.messages())
        #expect(messages.map(\.number) == Array(1...40))
        // The connection that sends it takes it out.
        #expect(unsent.current > 100_000)
    }

    @Test("one frame waits for the next poll, however large it is")
    func keepsTheNewest() throws {
        let fixture = ShardFixture { $0.poll.answerSize = 1000 }
        _ = LongPollTests.Poll(fixture)
        try LongPollTests.attach(fixture)
        fixture.loop.advanceTime(by: .seconds(5))
        fixture.post(size: 3000)
        let poll = LongPollTests.Poll(fixture)
        #expect(try poll.messages()?.count == 1)
        #expect(fixture.hub.wantedPart == nil)
    }
}
