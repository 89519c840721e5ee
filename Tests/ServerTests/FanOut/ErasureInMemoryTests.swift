import LogValues
import NIOCore
import NIOEmbedded
import Projections
import RawJSON
import Testing

@testable import FanOut

@Suite("Erased contents in memory")
struct ErasureInMemoryTests {
    @Test("a socket that is behind is not handed what was erased meanwhile: it has to come back")
    func ring() throws {
        let fixture = ShardFixture()
        let slow = try fixture.join("slow", connection: 1)
        let fast = try fixture.join("fast", connection: 2)
        slow.setWritable(false)
        fixture.post()
        let erased = SequenceNumber(fixture.position - 1)
        fixture.receive([.erased([erased])])
        #expect(fixture.shard.ring.size == 0)
        slow.setWritable(true)
        #expect(try slow.numbers().isEmpty)
        #expect(slow.closeCode != nil)
        fixture.post()
        #expect(try fast.numbers().count == 2, "who was not behind goes on")
    }

    @Test("a poll is not answered with what was erased while it was waited for; other messages it gets")
    func polls() throws {
        let fixture = ShardFixture()
        fixture.shard.poll(ShardFixture.connection(1)).assumeIsolated().whenSuccess { _ in }
        try LongPollTests.attach(fixture)
        fixture.loop.advanceTime(by: .seconds(6))
        fixture.post()
        let erased = SequenceNumber(fixture.position - 1)
        fixture.post()
        let kept = fixture.position - 1
        fixture.receive([.erased([erased])])
        let poll = LongPollTests.Poll(fixture)
        fixture.loop.advanceTime(by: .seconds(6))
        guard case .list(let list) = poll.answer else {
            Issue.record("an answer")
            return
        }
        let text = String(decoding: list, as: UTF8.self)
        #expect(text.contains("\"n\":\(kept)"))
        #expect(!text.contains("\"n\":\(erased)"))
    }

    @Test("a change of state that was erased does not wait for a poll any more, and its place is free")
    func stateChanges() {
        var queue = PollQueue(settings: PollSettings())
        let change = StateChange(
            uuid: UUID128(high: 0, low: 1),
            time: Timestamp(microseconds: 0),
            user: UserName("ann"),
            channel: ChannelName("room"),
            state: .emptyObject,
            changed: .emptyObject
        )
        queue.append(
            Frame(position: SequenceNumber(7), kind: .stateChange(change)),
            channel: ChannelName("room"),
            isCatchUp: true
        )
        queue.forgetContent(of: [SequenceNumber(6)])
        #expect(!queue.isEmpty)
        queue.forgetContent(of: [SequenceNumber(7)])
        #expect(queue.isEmpty)
    }
}
