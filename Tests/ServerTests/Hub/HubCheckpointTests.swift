import LogValues
import Logging
import NIOCore
import NIOPosix
import Projections
import RawJSON
import Synchronization
import Testing

@testable import Hub

@Suite("The hub's checkpoints", .serialized)
struct HubCheckpointTests {
    @Test(
        "a checkpoint is about the place where it was begun; what comes meanwhile is committed and answered meanwhile"
    )
    func looksBack() async throws {
        let fixture = CheckpointFixture()
        await fixture.start()
        await fixture.configure("lobby")
        let size = fixture.committed.count
        let asked = await fixture.submit(.checkpoint)
        #expect(fixture.sequencer.waiting.isEmpty, "its digest is not computed yet")
        await fixture.configure("hall")
        #expect(fixture.committed.count == size + 1)
        #expect(asked.value == nil)

        await fixture.compute()
        let checkpoint = try #require(fixture.proposedCheckpoint)
        #expect(checkpoint.size == UInt64(size))
        #expect(checkpoint.stateDigest == fixture.digest(ofFirst: size))
        #expect(asked.value == nil, "it is not committed yet")
        await fixture.commit()
        #expect(asked.value != nil)
        await fixture.end()
    }

    @Test("whoever asks while one is being made gets the next one, which covers what was committed by then")
    func asksAgain() async throws {
        let fixture = CheckpointFixture()
        await fixture.start()
        let first = await fixture.submit(.checkpoint)
        await fixture.configure("lobby")
        let second = await fixture.submit(.checkpoint)
        let third = await fixture.submit(.checkpoint)
        await fixture.compute()
        await fixture.commit()
        #expect(first.value != nil)
        #expect(second.value == nil)
        #expect(third.value == nil)

        await fixture.compute()
        let checkpoint = try #require(fixture.proposedCheckpoint)
        #expect(checkpoint.size == 2, "the epoch's beginning and the channel; the line of the first was under way")
        #expect(checkpoint.stateDigest == fixture.digest(ofFirst: Int(checkpoint.size)))
        await fixture.commit()
        #expect(second.value != nil)
        #expect(third.value != nil)
        await fixture.end()
    }

    @Test("every 10,000 lines one is made, and no second one while it is being made")
    func comesByItself() async throws {
        let fixture = CheckpointFixture()
        await fixture.start()
        for round in 0..<3 {
            let names = (0..<9_999).map { ChannelName("room-\(round)-\($0)") }
            await fixture.submit(.configureChannels(names.map { ChannelSeed(name: $0, settings: ChannelSettings()) }))
            await fixture.commit()
        }
        await fixture.settleUntilComputing()
        #expect(fixture.held == 1)
        await fixture.compute()
        let checkpoint = try #require(fixture.proposedCheckpoint)
        #expect(checkpoint.size < 30_000)
        #expect(checkpoint.stateDigest == fixture.digest(ofFirst: Int(checkpoint.size)))
        await fixture.commit()
        await fixture.end()
    }

    @Test("when the log fails before it is done, nothing is proposed, and who asked is told so")
    func failsWithTheLog() async throws {
        let fixture = CheckpointFixture()
        await fixture.start()
        let first = await fixture.submit(.checkpoint)
        let second = await fixture.submit(.checkpoint)
        fixture.sequencer.fail("disk full")
        await fixture.compute()
        #expect(fixture.sequencer.waiting.isEmpty)
        for reply in [first, second] {
            guard case .unavailable("disk full") = reply.value else {
                Issue.record("not \(String(describing: reply.value))")
                continue
            }
        }
        await fixture.shutdown()
    }

    @Test("a node whose key did not sign the log last says so when it begins, and signs at once")
    func keyChange() async throws {
        let fixture = CheckpointFixture { $0.keyChange = LogKeyChanged(key: "log+1+new", earlier: ["log+2+old"]) }
        await fixture.start()
        let types = fixture.committed.map { String(decoding: $0.payload.typeName, as: UTF8.self) }
        #expect(types == ["node.started", "log.key_changed"])
        await fixture.compute()
        let checkpoint = try #require(fixture.proposedCheckpoint)
        #expect(checkpoint.size == 2)
        await fixture.end()
    }

    @Test("what is about to be dropped is written down, and answered when it is committed")
    func recordsDrops() async throws {
        let fixture = CheckpointFixture()
        await fixture.start()
        let dropped = LogDropped(
            first: 1,
            size: 10,
            root: Hash256(words: (0, 0, 0, 0)),
            rule: "retention_age",
            limit: 60
        )
        let reply = await fixture.submit(.recordDrop(dropped))
        #expect(reply.value == nil)
        await fixture.commit()
        #expect(reply.value != nil)
        let last = try #require(fixture.committed.last)
        #expect(last.payload == .logDropped(dropped))
        await fixture.end()
    }

    @Test("a stop waits for the one that is being made, and for its own")
    func stopWaits() async throws {
        let fixture = CheckpointFixture()
        await fixture.start()
        let asked = await fixture.submit(.checkpoint)
        let types = await fixture.end()
        #expect(types == ["log.checkpointed", "log.checkpointed", "node.stopped"])
        #expect(asked.value != nil)
    }
}

// MARK: - Fixture

/// A hub whose commits are made, and whose digests are computed, when the test says so.
private final class CheckpointFixture: Sendable {
    let sequencer = ManualSequencer()
    private let work = HeldWork()
    private let hub: Hub
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let log = Mutex<[Event]>([])

    init(_ change: (inout Hub.Settings) -> Void = { _ in }) {
        var settings = Hub.Settings(node: NodeName("test"), version: "1")
        change(&settings)
        let work = self.work
        settings.elsewhere = { work.hold($0) }
        self.hub = Hub(
            state: HubState(),
            sequencer: self.sequencer,
            fanOut: Deaf(),
            settings: settings,
            eventLoop: self.group.next(),
            clock: StoppedClock(),
            entropy: EntropyPool { [1, 2, 3, 4, 5, 6, 7, 8] },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// All events in the log.
    var committed: [Event] { self.log.withLock { $0 } }
    /// Digests to be computed.
    var held: Int { self.work.count }

    var proposedCheckpoint: LogCheckpointed? {
        for case .logCheckpointed(let checkpoint) in self.sequencer.waiting.flatMap(\.events).map(\.payload) {
            return checkpoint
        }
        return nil
    }

    /// That of a replay of the first events.
    func digest(ofFirst count: Int) -> Hash256 {
        var state = HubState()
        for (index, event) in self.committed.prefix(count).enumerated() {
            state.apply(event, at: SequenceNumber(UInt64(index) + 1))
        }
        return state.digest()
    }

    func start() async {
        await self.hub.follow()
        await self.hub.openEpoch(listenersHadSeen: .start)
        await self.commit()
    }

    func configure(_ channel: String) async {
        await self.submit(
            .configureChannels([ChannelSeed(name: ChannelName(channel), settings: ChannelSettings())])
        )
        await self.commit()
    }

    @discardableResult
    func submit(_ command: Command) async -> HeldReply {
        let held = HeldReply()
        self.hub.submit(command) { reply in held.box.withLock { $0 = reply } }
        await self.settle()
        return held
    }

    func commit() async {
        await self.settle()
        let events = self.sequencer.waiting.flatMap(\.events)
        self.log.withLock { $0 += events }
        self.sequencer.commit()
        await self.settle()
    }

    func compute() async {
        await self.settleUntilComputing()
        self.work.run()
        await self.settle()
    }

    /// Waits until the hub has done what reached its loop so far.
    func settle() async {
        for _ in 0..<3 { try? await self.group.next().submit {}.get() }
    }

    /// Waits until all is gathered of which a digest is made.
    func settleUntilComputing() async {
        while self.work.count == 0 { await self.settle() }
    }

    /// Stops the hub.
    ///
    /// - Returns: The types of the events that this brought.
    @discardableResult
    func end() async -> [String] {
        let isOver = Flag()
        var types: [String] = []
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                await self.hub.stop(listenersBehind: [:])
                isOver.value.store(true, ordering: .releasing)
            }
            while !isOver.value.load(ordering: .acquiring) {
                await self.settle()
                self.work.run()
                types += self.sequencer.waiting.flatMap(\.events).map {
                    String(decoding: $0.payload.typeName, as: UTF8.self)
                }
                self.sequencer.commit()
            }
        }
        await self.shutdown()
        return types
    }

    func shutdown() async {
        try? await self.group.shutdownGracefully()
    }
}

private final class HeldReply: Sendable {
    let box = Mutex<Reply?>(nil)

    var value: Reply? { self.box.withLock { $0 } }
}

/// Work that waits until it is told to begin.
private final class HeldWork: Sendable {
    private let held = Mutex<[@Sendable () -> Void]>([])

    var count: Int { self.held.withLock { $0.count } }

    func hold(_ work: @escaping @Sendable () -> Void) { self.held.withLock { $0.append(work) } }

    func run() {
        for work in self.held.withLock({ exchange(&$0, with: []) }) { work() }
    }
}

private struct Deaf: ChangeReceiver {
    func receive(_ batch: ChangeBatch) {}
}

private struct StoppedClock: HubClock {
    var now: Timestamp { Timestamp(microseconds: 1_700_000_000_000_000) }
    var elapsed: Duration { .seconds(1) }
}

private final class Flag: Sendable {
    let value = Atomic(false)
}
