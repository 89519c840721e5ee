import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("A log whose end went missing, with `synced`")
struct LostEndTests {
    private static let synced: FilePath = "/data/synced"
    private static let hashes: FilePath = "/data/hashes/0"

    private static func configuration(_ durability: Durability = .always) -> EventLogConfiguration {
        // Each commit fills a segment.
        var configuration = TestLog.configuration(segmentSizeBytes: 1, durability: durability)
        configuration.leafRecording = .always
        return configuration
    }

    /// Three segments of two lines each, stopped cleanly.
    private static func disk() throws -> Disk {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk, self.configuration())
        for number in 0..<3 { log.commit(TestLog.batch("a\(number)", "b\(number)")) }
        log.close()
        return disk.disk
    }

    private static func cut(_ disk: Disk) -> Disk {
        var disk = disk
        disk[TestLog.path(ofSegment: 5)] = nil
        disk[self.synced] = nil
        return disk
    }

    private static func logID(of disk: FaultyFileSystem) throws -> String {
        let log = try TestLog(disk)
        log.close()
        return log.recovery.logID
    }

    private static func snapshot(through size: UInt64, in disk: FaultyFileSystem, logID: String) throws {
        let log = try TestLog(disk)
        let frontier = log.recovery.frontier
        log.close()
        try #require(frontier.size == size)
        let header = SnapshotHeader(logID: logID, madeAt: 0, frontier: frontier, context: Array("{}".utf8))
        try SnapshotStore(in: TestLog.directory, fileSystem: disk).write(header) { _ in }
    }

    @Test("the hashes tell of its lines: a start refuses, and changes nothing")
    func hashes() throws {
        let disk = Self.cut(try Self.disk())
        let fileSystem = FaultyFileSystem(disk)
        #expect(
            throws: EventLogError.endsBeforeWitness(
                file: "hashes/0",
                line: SequenceNumber(6),
                end: SequenceNumber(4)
            )
        ) { try TestLog(fileSystem, Self.configuration()) }
        #expect(fileSystem.disk[Self.hashes] == disk[Self.hashes])
        #expect(fileSystem.disk.paths.sorted { $0.string < $1.string } == disk.paths.sorted { $0.string < $1.string })
    }

    @Test("a snapshot tells of its lines, if it is one of this log and can be read")
    func snapshot() throws {
        let whole = FaultyFileSystem(try Self.disk())
        let logID = try Self.logID(of: whole)
        for (name, isTold) in [(logID, true), ("another", false)] {
            let disk = FaultyFileSystem(whole.disk)
            try Self.snapshot(through: 6, in: disk, logID: name)
            var cut = Self.cut(disk.disk)
            cut[Self.hashes] = nil
            let file = "snapshots/\(SnapshotName(through: SequenceNumber(6)))"
            if isTold {
                #expect(
                    throws: EventLogError.endsBeforeWitness(file: file, line: SequenceNumber(6), end: SequenceNumber(4))
                ) { try TestLog(FaultyFileSystem(cut), Self.configuration()) }
                cut[
                    FilePath("/data").appending("snapshots").appending(
                        SnapshotName(through: SequenceNumber(6)).fileName
                    )
                ]?[20] ^= 1
            }
            try TestLog(FaultyFileSystem(cut), Self.configuration()).close()
        }
    }

    @Test("an index tells that there was a segment")
    func index() throws {
        var disk = Self.cut(try Self.disk())
        disk[Self.hashes] = nil
        let fileSystem = FaultyFileSystem(disk)
        _ = try fileSystem.createDirectory("/data/indexes")
        fileSystem.close(try fileSystem.open("/data/indexes/00000000000000000005.index", .create))
        #expect(
            throws: EventLogError.endsBeforeWitness(
                file: "indexes/00000000000000000005.index",
                line: SequenceNumber(5),
                end: SequenceNumber(4)
            )
        ) { try TestLog(fileSystem, Self.configuration()) }
    }

    @Test("without any segment no new log is begun beside what tells of one")
    func nothingLeft() throws {
        var disk = Self.cut(try Self.disk())
        for base: UInt64 in [1, 3] { disk[TestLog.path(ofSegment: base)] = nil }
        #expect(
            throws: EventLogError.endsBeforeWitness(file: "hashes/0", line: SequenceNumber(6), end: nil)
        ) { try TestLog(FaultyFileSystem(disk), Self.configuration()) }
    }

    @Test(
        "at `os` a power failure may have taken the end: the log goes on, and what told of it is kept",
        arguments: [true, false]
    )
    func afterPowerFailure(hasSnapshot: Bool) throws {
        let whole = FaultyFileSystem(try Self.disk())
        let logID = try Self.logID(of: whole)
        if hasSnapshot { try Self.snapshot(through: 6, in: whole, logID: logID) }
        let cut = Self.cut(whole.disk)
        let disk = FaultyFileSystem(cut)
        let log = try TestLog(disk, Self.configuration(.os))
        #expect(log.recovery.witnesses.map(\.line).max() == 6)
        let hashes = "hashes/0.00000000000000000005.replaced"
        let snapshot = "snapshots/\(SnapshotName(through: SequenceNumber(6))).beyond"
        #expect(log.recovery.contradictions.sorted() == (hasSnapshot ? [hashes, snapshot] : [hashes]))
        for text in ["other", "lines"] { log.commit(TestLog.batch(text)) }
        log.close()
        let kept = try #require(disk.disk[FilePath("/data").pushing(FilePath(hashes))])
        let before = try #require(cut[Self.hashes])
        #expect(kept == Array(before[(4 * 32)...]))
        #expect((disk.disk[FilePath("/data").pushing(FilePath(snapshot))] != nil) == hasSnapshot)
    }

    @Test(
        "with its only segment emptied, a log is begun anew at `os`, where a power failure may do that; else nothing is renamed"
    )
    func onlySegment() throws {
        let whole = FaultyFileSystem(try Self.disk())
        try Self.snapshot(through: 6, in: whole, logID: try Self.logID(of: whole))
        var cut = Self.cut(whole.disk)
        cut[TestLog.path(ofSegment: 3)] = nil
        cut[TestLog.path(ofSegment: 1)] = []
        let refusing = FaultyFileSystem(cut)
        #expect(throws: EventLogError.self) { try TestLog(refusing, Self.configuration()) }
        #expect(refusing.disk.paths.sorted { $0.string < $1.string } == cut.paths.sorted { $0.string < $1.string })
        let disk = FaultyFileSystem(cut)
        let log = try TestLog(disk, Self.configuration(.os))
        let snapshot = "snapshots/\(SnapshotName(through: SequenceNumber(6)))"
        #expect(log.recovery.isNew)
        #expect(log.recovery.witnesses.map(\.line) == [6, 6])
        #expect(
            log.recovery.contradictions.sorted() == ["hashes/0.00000000000000000001.replaced", "\(snapshot).beyond"]
        )
        log.commit(TestLog.batch("other"))
        log.close()
        try TestLog(disk, Self.configuration(.os)).close()
        // A crash at any call of that start leaves what the next one can begin with.
        for call in 1...60 {
            let crashing = FaultyFileSystem(cut)
            crashing.fail(.from(call: call))
            try? TestLog(crashing, Self.configuration(.os)).close()
            #expect(throws: Never.self, "call \(call)") {
                try TestLog(FaultyFileSystem(crashing.disk), Self.configuration(.os)).close()
            }
        }
        // Behind segments that are gone altogether it is no new log that was lost.
        cut[TestLog.path(ofSegment: 1)] = nil
        cut[TestLog.path(ofSegment: 3)] = []
        #expect(throws: EventLogError.self) { try TestLog(FaultyFileSystem(cut), Self.configuration(.os)) }
    }

    @Test("`synced` has another root than the log, behind the last segment as in it: a start refuses", arguments: 1...6)
    func otherRoot(line: UInt64) throws {
        var disk = try Self.disk()
        let text = try #require(disk[Self.synced])
        let parsed = SyncedNote(text: text.span)
        let note = try #require(parsed)
        disk[Self.synced] = SyncedNote(logID: note.logID, end: SequenceNumber(line), root: .ofNothing).text
        let fileSystem = FaultyFileSystem(disk)
        #expect(throws: EventLogError.differsFromSynced(SequenceNumber(line))) {
            try TestLog(fileSystem, Self.configuration())
        }
        #expect(fileSystem.disk[Self.synced] == disk[Self.synced])
    }

    @Test("the right root of an older place is right, wherever it stands", arguments: 0...6)
    func olderNote(line: UInt64) throws {
        var disk = try Self.disk()
        let text = try #require(disk[Self.synced])
        let parsed = SyncedNote(text: text.span)
        let note = try #require(parsed)
        var tree = Frontier()
        let hashes = try #require(disk[Self.hashes])
        for index in 0..<Int(line) {
            let leaf = Hash256(bytes: hashes.span.extracting(index * 32..<index * 32 + 32))
            tree.append(leaf: try #require(leaf))
        }
        disk[Self.synced] = SyncedNote(logID: note.logID, end: SequenceNumber(line), root: tree.root).text
        try TestLog(FaultyFileSystem(disk), Self.configuration()).close()
    }

    @Test(
        "a power failure at any call at `always` leaves no hash of a line that is gone, so that a start never refuses"
    )
    func neverRefusesInnocent() throws {
        var generator = SeededGenerator(seed: 5)
        for call in 1...120 {
            let disk = FaultyFileSystem()
            disk.fail(.from(call: call))
            if let log = try? TestLog(disk, Self.configuration()) {
                for number in 0..<3 { log.append(TestLog.batch(TestLog.noise(90_000, seed: UInt64(number)), "b")) }
                log.close()
            }
            for loss in Disk.Loss.allCases {
                let after = FaultyFileSystem(disk.disk.afterPowerFailure(loss, using: &generator))
                #expect(throws: Never.self, "call \(call), \(loss)") {
                    try TestLog(after, Self.configuration()).close()
                }
            }
        }
    }
}
