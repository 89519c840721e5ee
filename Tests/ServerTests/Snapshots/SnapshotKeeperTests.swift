import EventLog
import LogValues
import NIOCore
import NIOPosix
import Projections
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Archive
@testable import Hub

@Suite("Keeping snapshots and dropping segments")
struct SnapshotKeeperTests {
    @Test("a snapshot is made when enough events came, and not again before as many came again")
    func schedule() throws {
        let log = try SnapshotFixture()
        let patient = try log.keeper(interval: 100_000)
        patient.runDueJobs()
        #expect(try log.store.names().isEmpty)
        let keeper = try log.keeper(interval: 100)
        keeper.runDueJobs()
        keeper.runDueJobs()
        #expect(try log.store.names().count == 1)
        #expect(log.logs.all == ["info snapshot written"])
    }

    @Test("the newest and the one that it was made from are kept; all other files go")
    func keepsTwo() throws {
        let log = try SnapshotFixture()
        for end: UInt64 in [60, 120, 180] { try log.make(through: end) }
        let newest = try #require(try log.store.names().last)
        // One that promises more lines than there are, from a longer log that was lost.
        var disk = log.disk.disk
        disk[log.store.path(of: SnapshotName(through: SequenceNumber(9_999_999)))] = [1, 2, 3]
        let copy = SnapshotFixture(FaultyFileSystem(disk))
        try copy.keeper(interval: 50, newest: newest).runDueJobs()
        let names = try copy.store.names()
        #expect(names.count == 2)
        #expect(names.first == newest)
        #expect(names.last?.through.rawValue == (try log.checkpointSizes().last))
    }

    @Test("a full disk is reported, leaves no file, and is not tried again at once")
    func fullDisk() throws {
        let log = try SnapshotFixture()
        log.disk.limitRoom(to: 500)
        let keeper = try log.keeper(interval: 50)
        keeper.runDueJobs()
        #expect(log.logs.all.count == 1)
        #expect(log.logs.all.first?.hasPrefix("error snapshot not made write") == true)
        log.disk.limitRoom(to: .max)
        keeper.runDueJobs()
        #expect(try log.store.names().isEmpty)
        let later = try log.keeper(interval: 50)
        later.runDueJobs()
        #expect(try log.store.names().count == 1)
    }

    @Test("nothing is dropped before two snapshots stand for it")
    func twoSnapshots() throws {
        let log = try SnapshotFixture(segmentSizeBytes: 4000)
        let segments = try SegmentCatalog(TestLog.directory, fileSystem: log.disk).segments
        let keeper = try log.keeper(interval: 0, retention: RetentionLimits(sizeBytes: 0))
        keeper.runDueJobs()
        #expect(try log.store.names().count == 1, "retention makes the snapshot that it needs")
        keeper.runDueJobs()
        #expect(try SegmentCatalog(TestLog.directory, fileSystem: log.disk).segments == segments)
    }

    @Test("after a start both snapshots that are there count at once")
    func afterStart() throws {
        let log = try SnapshotFixture(segmentSizeBytes: 4000)
        try log.make(through: 200)
        try log.make(through: log.end)
        let names = try log.store.names()
        try log.keeper(interval: 0, retention: RetentionLimits(sizeBytes: 0), newest: names[1]).runDueJobs()
        #expect(try log.firstLine > .first)
        #expect(try log.firstLine <= names[0].through.next)
        #expect(try log.store.names() == names)
    }

    @Test("lines that were dropped can still be proved, though nobody asked before")
    func hashesOutliveSegments() throws {
        let log = try SnapshotFixture(segmentSizeBytes: 4000)
        try log.make(through: 200)
        try log.make(through: log.end)
        let newest = try log.store.names().last
        try log.keeper(interval: 0, retention: RetentionLimits(sizeBytes: 0), newest: newest).runDueJobs()
        #expect(try log.firstLine > .first)
        var generator = SystemRandomNumberGenerator()
        let disk = FaultyFileSystem(log.disk.disk.afterPowerFailure(.everything, using: &generator))
        let hashes = try HashTree(in: TestLog.directory, .read, fileSystem: disk)
        try hashes.catchUp()
        #expect(hashes.firstLine == .first)
        #expect(try hashes.size == log.end)
    }

    @Test("a snapshot that cannot be read any more is replaced before anything is dropped")
    func replacesDamaged() throws {
        let log = try SnapshotFixture(segmentSizeBytes: 4000)
        try log.make(through: 150)
        try log.make(through: 200)
        let names = try log.store.names()
        var disk = log.disk.disk
        disk[log.store.path(of: names[0])]?[80] ^= 1
        let copy = SnapshotFixture(FaultyFileSystem(disk))
        // The first segment alone is too much: the older snapshot would stand for it.
        let size = try SegmentCatalog(TestLog.directory, fileSystem: copy.disk).segments.reduce(0) {
            $0 + (copy.disk.disk[TestLog.path(ofSegment: $1.base.rawValue)]?.count ?? 0)
        }
        let limits = RetentionLimits(sizeBytes: UInt64(size - 1))
        let keeper = try copy.keeper(interval: 0, retention: limits, newest: names[1])
        keeper.runDueJobs()
        #expect(try copy.firstLine == .first)
        #expect(copy.logs.all.contains { $0.hasPrefix("warning snapshot passed over") })
        keeper.runDueJobs()
        #expect(try copy.store.names().first == names[1])
        #expect(try copy.firstLine > .first)
        #expect(snapshotLines(of: try copy.restore().state) == snapshotLines(of: try log.replayed().state))
    }

    @Test("with two snapshots the oldest segments go, as far as the older one reaches; a start is the same")
    func drops() throws {
        let log = try SnapshotFixture(segmentSizeBytes: 4000)
        let expected = snapshotLines(of: try log.replayed().state)
        let older = try #require(try log.make(through: 200))
        let clock = MovingClock()
        let keeper = try log.keeper(
            interval: 0,
            retention: RetentionLimits(age: .seconds(3600)),
            newest: older.name,
            clock: clock
        )
        keeper.runDueJobs()
        #expect(try log.firstLine == .first, "what the clock says is not believed before it was watched for an hour")
        for _ in 0..<2 {
            clock.advance(.seconds(1800))
            keeper.runDueJobs()
        }
        let first = try log.firstLine
        #expect(first > .first)
        #expect(first <= older.name.through.next)
        #expect(try log.store.names().count == 2)
        #expect(snapshotLines(of: try log.restore().state) == expected)
        #expect(log.logs.all.contains("notice old segments dropped"))
        keeper.runDueJobs()
        #expect(try log.firstLine == first)
    }

    @Test("a clock that is ahead for a moment costs nothing, however old it makes the segments")
    func clockJumps() throws {
        let log = try SnapshotFixture(segmentSizeBytes: 4000)
        try log.make(through: 200)
        try log.make(through: log.end)
        // The log was written just now.
        let clock = MovingClock(now: 1_795_000_100_000_000)
        let keeper = try log.keeper(
            interval: 0,
            retention: RetentionLimits(age: .seconds(86_400)),
            newest: try log.store.names().last,
            clock: clock
        )
        for _ in 0..<400 {
            clock.advance(.seconds(10))
            keeper.runDueJobs()
        }
        clock.jump(.seconds(400 * 86_400))
        for _ in 0..<100 {
            clock.advance(.seconds(10))
            keeper.runDueJobs()
        }
        clock.jump(.seconds(-400 * 86_400))
        keeper.runDueJobs()
        #expect(try log.firstLine == .first)
        // As where a server was off for a month: after a while it is right.
        clock.jump(.seconds(30 * 86_400))
        for _ in 0..<400 {
            clock.advance(.seconds(10))
            keeper.runDueJobs()
        }
        #expect(try log.firstLine > .first)
    }

    @Test("what is dropped is written into the log first: the lines, their root, and the rule; what cannot be is kept")
    func records() throws {
        let log = try SnapshotFixture(segmentSizeBytes: 4000)
        try log.make(through: 200)
        try log.make(through: log.end)
        let newest = try log.store.names().last
        let keeper = try log.keeper(interval: 0, retention: RetentionLimits(sizeBytes: 5), newest: newest)
        let said = Mutex<[(dropped: LogDropped, first: SequenceNumber?)]>([])
        keeper.record { dropped in
            said.withLock { $0.append((dropped, try? log.firstLine)) }
            return said.withLock { $0.count } == 1 ? SnapshotKeeper.DropRefusal("the disk is full") : nil
        }
        keeper.runDueJobs()
        #expect(try log.firstLine == .first)
        #expect(log.logs.all.contains("warning nothing is dropped: the log could not say so the disk is full"))
        keeper.runDueJobs()
        let first = try log.firstLine
        #expect(first > .first)
        let (dropped, firstThen) = try #require(said.withLock { $0.last })
        #expect(firstThen == .first, "it was said before anything went")
        let header = try #require(try log.reader.header(of: SegmentName(base: first)))
        #expect(
            dropped
                == LogDropped(
                    first: 1,
                    size: first.rawValue - 1,
                    root: header.frontier.root,
                    rule: "retention_size",
                    limit: 5
                )
        )
    }

    @Test(
        "what a follower drops is noted beside the log first; once it decides itself the log says it, and the note goes"
    )
    func notes() throws {
        let log = try SnapshotFixture(segmentSizeBytes: 4000)
        try log.make(through: 200)
        try log.make(through: log.end)
        let newest = try log.store.names().last
        let keeper = try log.keeper(interval: 0, retention: RetentionLimits(sizeBytes: 5), newest: newest)
        keeper.runDueJobs()
        let first = try log.firstLine
        let header = try #require(try log.reader.header(of: SegmentName(base: first)))
        let loss = LogRetention.Loss(first: .first, frontier: header.frontier)
        let note = DropNote(logID: header.logID, loss, reason: "retention_size", limit: 5)
        #expect(try log.note == note)

        let said = Mutex<[LogDropped]>([])
        let isRefused = Mutex(true)
        let promoted = try log.keeper(interval: 0, newest: newest)
        promoted.record { dropped in
            said.withLock { $0.append(dropped) }
            return isRefused.withLock { $0 } ? SnapshotKeeper.DropRefusal("the disk is full") : nil
        }
        promoted.recordEarlierDrops()
        #expect(try log.note == note, "it stays for the next start")
        isRefused.withLock { $0 = false }
        promoted.recordEarlierDrops()
        promoted.recordEarlierDrops()
        let expected = LogDropped(
            first: 1,
            size: first.rawValue - 1,
            root: header.frontier.root,
            rule: "followed",
            limit: 0
        )
        #expect(said.withLock { $0 } == [expected, expected])
        #expect(try log.note == nil)
    }

    @Test("of lines that somebody took away, behind those in the note, the log says nothing")
    func cutByHand() throws {
        let log = try SnapshotFixture(segmentSizeBytes: 4000)
        let segments = try SegmentCatalog(TestLog.directory, fileSystem: log.disk).segments
        let header = try #require(try log.reader.header(of: segments[1]))
        try DropNote(
            logID: header.logID,
            LogRetention.Loss(first: .first, frontier: header.frontier),
            reason: "retention_size",
            limit: 5
        ).write(in: TestLog.directory, fileSystem: log.disk)
        for segment in segments.prefix(2) { try log.disk.remove(TestLog.path(ofSegment: segment.base.rawValue)) }
        let keeper = try log.keeper(interval: 0)
        keeper.record { _ in
            Issue.record("nothing may be said")
            return nil
        }
        keeper.recordEarlierDrops()
        #expect(try log.note != nil)
    }

    @Test("nothing is dropped if one of the two snapshots cannot be read any more")
    func damagedSince() throws {
        let log = try SnapshotFixture(segmentSizeBytes: 4000)
        let older = try #require(try log.make(through: 200))
        let keeper = try log.keeper(interval: 50, retention: RetentionLimits(), newest: older.name)
        keeper.runDueJobs()
        let newest = try #require(try log.store.names().last)
        #expect(newest > older.name)
        for name in [older.name, newest] {
            var disk = log.disk.disk
            disk[log.store.path(of: name)]?[70] ^= 1
            let copy = SnapshotFixture(FaultyFileSystem(disk))
            let dropping = try copy.keeper(
                interval: 0,
                retention: RetentionLimits(sizeBytes: 0),
                newest: newest
            )
            dropping.runDueJobs()
            #expect(try copy.firstLine == .first)
        }
    }

    @Test("a log that does not give what it recorded is neither snapshotted nor dropped, and that is said once")
    func contradiction() throws {
        let log = try SnapshotFixture(segmentSizeBytes: 4000)
        // The state of the snapshot is another one's: from there on the digests differ.
        let keeper = try log.forgedKeeper()
        keeper.runDueJobs()
        keeper.runDueJobs()
        #expect(log.logs.all.filter { $0.hasPrefix("critical") }.count == 1)
        #expect(try log.firstLine == .first)
    }

    @Test("a stop makes a last snapshot if it is worth it")
    func atStop() async throws {
        let log = try SnapshotFixture()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        for (interval, count) in [(1_000_000, 0), (1000, 1)] as [(UInt64, Int)] {
            let keeper = try log.keeper(interval: interval)
            keeper.start(on: group.next(), recordingDrops: nil)
            await keeper.stop()
            #expect(try log.store.names().count == count)
        }
        try await group.shutdownGracefully()
    }

    @Test("what must not meet a snapshot being made runs by itself, and its result comes back")
    func exclusively() async throws {
        let log = try SnapshotFixture()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let keeper = try log.keeper(interval: 1_000_000)
        keeper.start(on: group.next(), recordingDrops: nil)
        #expect(try await keeper.exclusively { 42 } == 42)
        await keeper.stop()
        try await group.shutdownGracefully()
    }
}

extension SnapshotFixture {
    /// A keeper of a log with a checkpoint behind it that is not true.
    fileprivate func forgedKeeper() throws -> SnapshotKeeper {
        let log = try TestLog(self.disk, TestLog.configuration(segmentSizeBytes: 4000))
        let end = try #require(log.recovery.end).rawValue
        let event = Event(
            time: Timestamp(microseconds: 1_795_470_400_000_000),
            source: SampleLog.source,
            payload: .logCheckpointed(
                LogCheckpointed(
                    size: end,
                    root: log.recovery.frontier.root,
                    stateDigest: Hash256(words: (1, 1, 1, 1)),
                    note: nil
                )
            )
        )
        var batch = LineBatch()
        batch.append(content: nil) { event.appendHead(to: &$0) }
        log.commit(batch)
        log.close()
        return try self.keeper(interval: 10, retention: RetentionLimits(sizeBytes: 0))
    }
}
