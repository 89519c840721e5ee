import EventLog
import LogValues
import Projections
import RawJSON
import SystemPackage
import TestSupport
import Testing

@testable import Archive

@Suite("Making a snapshot")
struct SnapshotMakerTests {
    @Test("it reaches to what the newest committed checkpoint is about")
    func target() throws {
        let log = try SnapshotFixture()
        let sizes = try log.checkpointSizes()
        let made = try #require(try log.make(through: log.end))
        #expect(made.name.through.rawValue == sizes.last)
        #expect(made.base == nil)
        #expect(made.eventCount == sizes.last)
        let header = try log.store.open(made.name).header
        #expect(header.logID == SnapshotFixture.logID)
        #expect(try log.make(through: log.end) == nil, "there is nothing newer")
    }

    @Test("it goes on from the snapshot before, and reads no line that that one stands for")
    func base() throws {
        let log = try SnapshotFixture()
        let first = try #require(try log.make(through: 160))
        let second = try #require(try log.make(through: log.end))
        #expect(second.base == first.name)
        #expect(second.eventCount == second.name.through.rawValue - first.name.through.rawValue)
    }

    @Test("without a checkpoint there is none")
    func noCheckpoint() throws {
        let log = try SnapshotFixture()
        #expect(try log.make(through: 5) == nil)
        #expect(try log.store.names().isEmpty)
    }

    @Test("a log whose checkpoint names another state digest than its events give gets no snapshot")
    func otherState() throws {
        let log = try ForgedLog { checkpoint in
            LogCheckpointed(
                size: checkpoint.size,
                root: checkpoint.root,
                stateDigest: Hash256(words: (1, 2, 3, 4)),
                note: nil
            )
        }
        #expect {
            try log.fixture.make(through: log.end)
        } throws: { error in
            if case SnapshotTrouble.stateDiffers(size: log.size, _, _) = error { true } else { false }
        }
        #expect(try log.fixture.store.names().isEmpty)
    }

    @Test("a log whose checkpoint names another root gets no snapshot either")
    func otherRoot() throws {
        let log = try ForgedLog { checkpoint in
            LogCheckpointed(
                size: checkpoint.size,
                root: Hash256(words: (1, 2, 3, 4)),
                stateDigest: checkpoint.stateDigest,
                note: nil
            )
        }
        #expect {
            try log.fixture.make(through: log.end)
        } throws: { error in
            if case SnapshotTrouble.rootDiffers(size: log.size) = error { true } else { false }
        }
    }

    @Test("a damaged snapshot is passed over; the next is made from the one before it")
    func damagedBase() throws {
        let log = try SnapshotFixture()
        let first = try #require(try log.make(through: 100))
        let second = try #require(try log.make(through: 200))
        var disk = log.disk.disk
        disk[log.store.path(of: second.name)]?[60] ^= 1
        let copy = SnapshotFixture(FaultyFileSystem(disk))
        let third = try #require(try copy.make(through: log.end))
        #expect(third.base == first.name)
        #expect(copy.logs.all.count == 1)
    }

    @Test("what ends the work leaves no file", arguments: 1...6)
    func cancelled(count: Int) throws {
        let log = try SnapshotFixture()
        var left = count
        #expect(throws: CancellationError.self) {
            var maker = log.maker
            maker.checkInterval = 100
            return try maker.make(through: SequenceNumber(log.end)) {
                left -= 1
                if left <= 0 { throw CancellationError() }
            } passOver: { _, _ in
            }
        }
        #expect(!log.disk.disk.paths.contains { $0.string.contains("snapshots") })
    }

    @Test("erased content goes from every snapshot, and their digests stay")
    func erasure() throws {
        let log = try SnapshotFixture()
        try log.make(through: 200)
        try log.make(through: log.end)
        let names = try log.store.names()
        let digests = try names.map {
            try LoadedSnapshot($0, in: log.store, ofLog: SnapshotFixture.logID).claim
        }
        let lines = (1...(try log.end)).map { SequenceNumber($0) }
        let erased = ContentErased(lines: lines, orderedBy: "admin", reason: "a test")
        #expect(try log.snapshotText().contains("\"content\":"))
        try SnapshotErasure.run(erased, in: log.store, ofLog: SnapshotFixture.logID)
        #expect(try !log.snapshotText().contains("\"content\":"))
        #expect(try !log.snapshotText().contains("\"salt\":"))
        for (name, digest) in zip(names, digests) {
            #expect(try LoadedSnapshot(name, in: log.store, ofLog: SnapshotFixture.logID).claim == digest)
        }
    }

    @Test("a look back begins with the newest snapshot before its place that a checkpoint confirms, and with no other")
    func newestConfirmed() throws {
        let log = try SnapshotFixture(seed: 1)
        let end = SequenceNumber(try log.end)
        let sizes = try log.checkpointSizes()
        let older = try #require(try log.make(through: sizes[1] + 1)).name
        let newer = try #require(try log.make(through: end.rawValue)).name
        try #require(older < newer)
        let newest = try #require(try log.maker.snapshots.newest(through: end, end: end))
        #expect(newest.name == newer)
        let before = try #require(
            try log.maker.snapshots.newest(through: SequenceNumber(newer.through.rawValue - 1), end: end)
        )
        #expect(before.name == older)
        // Whole, of this log, at the place of a checkpoint; but its state is another one.
        var state = newest.state
        _ = state.apply(
            Event(
                time: Timestamp(microseconds: 0),
                source: NodeName("node-1"),
                payload: .channelConfigured(
                    ChannelConfigured(
                        seed: UUID128(high: 1, low: 2),
                        channel: ChannelName("forged"),
                        settings: ChannelSettings()
                    )
                )
            ),
            at: state.position
        )
        try log.store.write(log.store.open(newer).header) { file in try state.writeSnapshot { try file.write($0) } }
        let confirmed = try #require(try log.maker.snapshots.newest(through: end, end: end))
        #expect(confirmed.name == older)
        // Nothing that was written up to there confirms it.
        let none = try log.maker.snapshots.newest(through: end, end: older.through)
        #expect(none == nil)
    }
}

extension SnapshotFixture {
    fileprivate func snapshotText() throws -> String {
        var text = ""
        for name in try self.store.names() {
            try self.store.open(name).forEachLine { text += String(decoding: $0, as: UTF8.self) }
        }
        return text
    }
}

/// A log of a few messages, whose one checkpoint is not true.
private struct ForgedLog {
    let fixture: SnapshotFixture
    let size: UInt64 = 3
    let end: UInt64 = 4

    init(_ forge: (LogCheckpointed) -> LogCheckpointed) throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk)
        var state = HubState()
        var changes: [Change] = []
        for number in 1...3 as ClosedRange<UInt64> {
            let event = Self.event(
                .channelConfigured(
                    ChannelConfigured(
                        seed: UUID128(random: number, 1),
                        channel: ChannelName("room-\(number)"),
                        settings: ChannelSettings()
                    )
                )
            )
            _ = state.apply(event, at: SequenceNumber(number), into: &changes)
            log.commit(Self.batch(event))
        }
        let root = log.commits.last?.root.words ?? (0, 0, 0, 0)
        let checkpoint = LogCheckpointed(
            size: 3,
            root: Hash256(words: root),
            stateDigest: state.digest(),
            note: nil
        )
        log.commit(Self.batch(Self.event(.logCheckpointed(forge(checkpoint)))))
        log.close()
        self.fixture = SnapshotFixture(disk)
    }

    private static func event(_ payload: Event.Payload) -> Event {
        Event(time: Timestamp(microseconds: 1_795_000_000_000_000), source: NodeName("n"), payload: payload)
    }

    private static func batch(_ event: Event) -> LineBatch {
        var batch = LineBatch()
        batch.append(content: nil) { event.appendHead(to: &$0) }
        return batch
    }
}
