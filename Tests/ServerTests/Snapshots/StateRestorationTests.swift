import EventLog
import LogValues
import Projections
import SystemPackage
import TestSupport
import Testing

@testable import Archive

@Suite("A start from a snapshot")
struct StateRestorationTests {
    @Test(
        "gives the same state, position and listeners' position as a replay of all lines",
        arguments: 1...6 as ClosedRange<UInt64>
    )
    func sameAsReplay(seed: UInt64) throws {
        let log = try SnapshotFixture(seed: seed)
        let replay = try log.replayed()
        let expected = snapshotLines(of: replay.state)
        for size in try log.checkpointSizes() {
            // As it was made when the log ended there: behind it stands the checkpoint.
            try log.store.removeAll(butNewest: 0)
            guard let made = try log.make(through: size + 1) else { continue }
            #expect(made.name.through.rawValue == size)
            let restored = try log.restore()
            #expect(restored.snapshot == made.name)
            #expect(restored.eventCount == (try log.end) - size)
            #expect(snapshotLines(of: restored.state) == expected)
            #expect(restored.state.position == replay.state.position)
            #expect(restored.seenByListeners == replay.seenByListeners)
            var digested = restored.state
            var reference = replay.state
            #expect(digested.digest() == reference.digest())
        }
        #expect(log.logs.all.isEmpty)
    }

    @Test("what comes after it is answered and shown as after a replay")
    func goesOn() throws {
        let log = try SnapshotFixture(seed: 9)
        try log.make(through: log.end)
        var restored = try log.restore().state
        var replayed = try log.replayed().state
        var generator = EventGenerator(seed: 5)
        for event in generator.events(300) {
            var changes: [Change] = []
            var expected: [Change] = []
            let outcome = restored.apply(event, at: restored.position.next, into: &changes)
            #expect(outcome == replayed.apply(event, at: replayed.position.next, into: &expected))
            #expect(changes == expected)
        }
        #expect(snapshotLines(of: restored) == snapshotLines(of: replayed))
    }

    @Test("one snapshot made from another is the same file, but for the time it was made")
    func chained() throws {
        let direct = try SnapshotFixture(seed: 3)
        let chained = try SnapshotFixture(seed: 3)
        let end = try direct.end
        try direct.make(through: end)
        for size in try chained.checkpointSizes() { try chained.make(through: size + 1) }
        let names = try chained.store.names()
        #expect(names.count > 3)
        let last = try #require(names.last)
        #expect(direct.disk.disk[direct.store.path(of: last)] == chained.disk.disk[chained.store.path(of: last)])
    }

    @Test("a snapshot that is damaged anywhere is passed over with a warning, and the older one is used")
    func damaged() throws {
        let log = try SnapshotFixture()
        let older = try #require(try log.make(through: 150))
        let newer = try #require(try log.make(through: log.end))
        let expected = snapshotLines(of: try log.replayed().state)
        let path = log.store.path(of: newer.name)
        let whole = try #require(log.disk.disk[path])
        for position in stride(from: 0, to: whole.count, by: 97) {
            var disk = log.disk.disk
            disk[path]?[position] ^= 1
            let copy = SnapshotFixture(FaultyFileSystem(disk))
            let restored = try copy.restore()
            #expect(restored.snapshot == older.name)
            #expect(snapshotLines(of: restored.state) == expected)
            #expect(copy.logs.all.count == 1)
            #expect(copy.logs.all.first?.hasPrefix("warning snapshot passed over") == true)
        }
    }

    @Test("if all snapshots are damaged, all lines are replayed")
    func allDamaged() throws {
        let log = try SnapshotFixture()
        try log.make(through: 150)
        try log.make(through: log.end)
        var disk = log.disk.disk
        for name in try log.store.names() { disk[log.store.path(of: name)] = [1, 2, 3] }
        let copy = SnapshotFixture(FaultyFileSystem(disk))
        let restored = try copy.restore()
        #expect(restored.snapshot == nil)
        #expect(snapshotLines(of: restored.state) == snapshotLines(of: try log.replayed().state))
        #expect(copy.logs.all.count == 2)
    }

    @Test("a snapshot of another log is passed over")
    func otherLog() throws {
        let log = try SnapshotFixture(seed: 1)
        let made = try #require(try log.make(through: log.end))
        let header = try log.store.open(made.name).header
        let foreign = SnapshotHeader(
            logID: "fedcba98765432100011223344556677",
            madeAt: 0,
            frontier: header.frontier,
            context: header.context
        )
        var state = try LoadedSnapshot(made.name, in: log.store, ofLog: SnapshotFixture.logID).state
        try log.store.write(foreign) { file in try state.writeSnapshot { try file.write($0) } }
        #expect(try log.restore().snapshot == nil)
        #expect(
            log.logs.all == [
                "warning snapshot passed over it belongs to log fedcba98765432100011223344556677"
            ]
        )
    }

    @Test("a whole snapshot of another history of the same log is passed over: the log's checkpoint says otherwise")
    func otherHistory() throws {
        let log = try SnapshotFixture(seed: 1)
        let other = try SnapshotFixture(seed: 2)
        // Made for a place that a checkpoint of the other log is about as well.
        let sizes = Set(try log.checkpointSizes()).intersection(try other.checkpointSizes())
        let made: SnapshotMaker.Made?
        if let size = sizes.max() {
            made = try other.make(through: size + 1)
        } else {
            made = try other.make(through: other.end)
        }
        let name = try #require(made).name
        var disk = log.disk.disk
        disk[log.store.path(of: name)] = other.disk.disk[other.store.path(of: name)]
        _ = disk.makeSnapshotFolder()
        let mixed = SnapshotFixture(FaultyFileSystem(disk))
        let restored = try mixed.restore()
        #expect(restored.snapshot == nil)
        #expect(snapshotLines(of: restored.state) == snapshotLines(of: try log.replayed().state))
        #expect(mixed.logs.all.count == 1)
    }

    @Test("a snapshot beyond the end of a log that was cut is not used, nor one whose checkpoint was cut off")
    func beyondEnd() throws {
        let log = try SnapshotFixture(segmentSizeBytes: 4000)
        let older = try #require(try log.make(through: 150))
        let newer = try #require(try log.make(through: log.end))
        // The last segments are lost, with `synced`, as at durability `os` after a power failure.
        var disk = log.disk.disk
        disk[TestLog.directory.appending("synced")] = nil
        let segments = try SegmentCatalog(TestLog.directory, fileSystem: log.disk).segments
        for segment in segments.reversed() {
            disk[TestLog.path(ofSegment: segment.base.rawValue)] = nil
            guard segment.base.rawValue > older.name.through.rawValue + 1 else { break }
            let cut = SnapshotFixture(FaultyFileSystem(disk))
            let restored = try cut.restore()
            #expect(restored.snapshot == older.name || restored.snapshot == nil)
            let expected = segment.base <= newer.name.through.next
            #expect(restored.snapshot != newer.name || !expected)
            #expect(snapshotLines(of: restored.state) == snapshotLines(of: try cut.replayed().state))
        }
    }

    @Test("a start without the lines that retention dropped goes on from the snapshot, and is refused without one")
    func afterRetention() throws {
        let log = try SnapshotFixture(segmentSizeBytes: 4000)
        let expected = snapshotLines(of: try log.replayed().state)
        let seen = try log.replayed().seenByListeners
        try log.make(through: 200)
        try log.make(through: log.end)
        let keeper = LogRetention(TestLog.directory, RetentionLimits(sizeBytes: 0), fileSystem: log.disk)
        let bound = try #require(try log.store.names().first).through
        #expect(try !keeper.drop(keeper.dueSegments(now: 0)?.segments ?? [], through: bound).isEmpty)
        #expect(try log.firstLine > .first)
        let restored = try log.restore()
        #expect(snapshotLines(of: restored.state) == expected)
        #expect(restored.seenByListeners == seen)

        try log.store.remove(log.store.names().suffix(1))
        #expect(snapshotLines(of: try log.restore().state) == expected, "the older one does as well")

        try log.store.remove(log.store.names())
        let first = try log.firstLine
        #expect(throws: EventLogError.historyIncomplete(first: first)) { try log.restore() }
        #expect("\(EventLogError.historyIncomplete(first: first))".contains("no snapshot stands for the lines before"))
    }

    @Test("a fault of the log's own is not put down to the snapshot")
    func logFault() throws {
        let log = try SnapshotFixture(segmentSizeBytes: 4000)
        try log.make(through: 150)
        let segments = try SegmentCatalog(TestLog.directory, fileSystem: log.disk).segments
        let behind = try #require(segments.dropLast().last { $0.base.rawValue > 160 })
        var disk = log.disk.disk
        disk[TestLog.path(ofSegment: behind.base.rawValue)]?[100] ^= 1
        let copy = SnapshotFixture(FaultyFileSystem(disk))
        #expect(throws: EventLogError.self) { try copy.restoreThrough(log.end) }
        #expect(copy.logs.all.isEmpty)
    }
}

extension SnapshotFixture {
    /// Starts, with the end known from elsewhere.
    fileprivate func restoreThrough(_ end: UInt64) throws -> StateRestoration.Result {
        try StateRestoration(
            store: self.store,
            reader: self.reader,
            logID: Self.logID,
            end: end,
            logger: self.logs.logger
        ).run {
        } progress: { _, _ in
        }
    }
}

extension Disk {
    /// A folder that files were put into behind the program's back.
    fileprivate mutating func makeSnapshotFolder() -> Bool {
        let disk = FaultyFileSystem(self)
        let isNew = (try? disk.createDirectory(TestLog.directory.appending("snapshots"))) ?? false
        self = disk.disk
        return isNew
    }
}
