import LogValues
import RawJSON
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("Retention")
struct LogRetentionTests {
    /// Five segments of two lines each, begun a second apart.
    private static func disk() throws -> FaultyFileSystem {
        let disk = FaultyFileSystem()
        let clock = Clock()
        var configuration = TestLog.configuration(segmentSizeBytes: 1)
        configuration.now = { clock.next() }
        let log = try TestLog(disk, configuration)
        for number in 0..<5 { log.commit(TestLog.batch("a\(number)", "b\(number)")) }
        log.close()
        return disk
    }

    private final class Clock: @unchecked Sendable {
        // Asked by the commit thread alone.
        private var time: Int64 = 1_795_000_000_000_000

        func next() -> Int64 {
            self.time += 1_000_000
            return self.time
        }
    }

    private static func bases(_ disk: FaultyFileSystem) throws -> [UInt64] {
        try SegmentCatalog(TestLog.directory, fileSystem: disk).segments.map(\.base.rawValue)
    }

    private static func retention(_ limits: RetentionLimits, _ disk: FaultyFileSystem) -> LogRetention {
        LogRetention(TestLog.directory, limits, fileSystem: disk)
    }

    @Test("without limits nothing is ever due")
    func off() throws {
        let disk = try Self.disk()
        #expect(try Self.retention(RetentionLimits(), disk).dueSegments(now: .max) == nil)
    }

    @Test(
        "a segment is too old when the next one was begun longer ago than the limit; the last one never is",
        arguments: [(2, 0), (12, 0), (13, 1), (14, 2), (16, 4), (1000, 4)] as [(Int64, Int)]
    )
    func age(seconds: Int64, count: Int) throws {
        let disk = try Self.disk()
        // The segments were begun at 1, 2, 3, 4 and 5 seconds.
        let now = 1_795_000_000_000_000 + seconds * 1_000_000 - 1_000_000
        let due = try Self.retention(RetentionLimits(age: .seconds(10)), disk).dueSegments(now: now)?.segments ?? []
        #expect(due.map(\.base.rawValue) == [1, 3, 5, 7, 9].prefix(count).map { UInt64($0) })
    }

    @Test("the oldest go until the rest fits the size; the last one stays however large it is")
    func size() throws {
        let disk = try Self.disk()
        let sizes = try Self.bases(disk).map { try #require(disk.disk[TestLog.path(ofSegment: $0)]).count }
        let all = UInt64(sizes.reduce(0, +))
        for (limit, count) in [(all, 0), (all - 1, 1), (UInt64(sizes[3] + sizes[4]), 3), (0, 4)] {
            let due = try Self.retention(RetentionLimits(sizeBytes: limit), disk).dueSegments(now: 0)?.segments ?? []
            #expect(due.count == count)
        }
    }

    @Test("only whole segments that end at or before the given line go", arguments: 0...11)
    func bound(line: Int) throws {
        let disk = try Self.disk()
        let retention = Self.retention(RetentionLimits(sizeBytes: 0), disk)
        let due = try retention.dueSegments(now: 0)?.segments ?? []
        #expect(try retention.lastLine(of: due) == SequenceNumber(8))
        let dropped = try retention.drop(due, through: SequenceNumber(UInt64(line)))
        #expect(dropped.count == min(line / 2, 4))
        #expect(try Self.bases(disk) == [1, 3, 5, 7, 9].suffix(5 - dropped.count))
    }

    @Test("what remains is read from its first line on, says where it begins, and is written on")
    func remains() throws {
        let disk = try Self.disk()
        let before = try TestLog.lines(disk)
        let retention = Self.retention(RetentionLimits(sizeBytes: 0), disk)
        _ = try retention.drop(retention.dueSegments(now: 0)?.segments ?? [], through: SequenceNumber(4))
        let reader = LogReader(TestLog.directory, fileSystem: disk)
        var lines: [String] = []
        try reader.forEachLine { lines.append(String(decoding: $0.bytes, as: UTF8.self)) }
        #expect(lines == Array(before.suffix(6)))
        #expect(
            throws: EventLogError.missingLine(.first, firstSegment: SegmentName(base: SequenceNumber(5)))
        ) { _ = try reader.cursor(from: .first) }

        let log = try TestLog(disk)
        #expect(log.recovery.firstLine == SequenceNumber(5))
        #expect(log.recovery.end == SequenceNumber(10))
        log.commit(TestLog.batch("more"))
        log.close()
        let whole = try Self.disk()
        let reference = try TestLog(whole)
        reference.commit(TestLog.batch("more"))
        reference.close()
        #expect(log.commits.last?.root == reference.commits.last?.root, "the tree is that of all lines")
    }

    @Test("the lines that are kept can still be proved, with the hashes of the others and without")
    func proves() throws {
        for keepsHashes in [true, false] {
            let disk = try Self.disk()
            if keepsHashes { try HashTree(in: TestLog.directory, .readAndWrite, fileSystem: disk).catchUp() }
            let root = try HashTree(in: TestLog.directory, .read, fileSystem: disk)
            try root.catchUp()
            let retention = Self.retention(RetentionLimits(sizeBytes: 0), disk)
            _ = try retention.drop(retention.dueSegments(now: 0)?.segments ?? [], through: SequenceNumber(6))
            let tree = try HashTree(in: TestLog.directory, .readAndWrite, fileSystem: disk)
            try tree.catchUp()
            #expect(tree.firstLine.rawValue == (keepsHashes ? 1 : 7))
            for line in tree.firstLine.rawValue...10 {
                let proof = try tree.inclusionProof(of: SequenceNumber(line), inFirst: 10)
                #expect(proof == (try root.inclusionProof(of: SequenceNumber(line), inFirst: 10)))
            }
        }
    }

    @Test("a power failure at any call leaves the log from some segment on, without a gap")
    func atomic() throws {
        let clean = try Self.disk().disk
        var generator = SeededGenerator(seed: 11)
        var starts: Set<UInt64> = []
        var callCount = 0
        var succeeded = false
        while !succeeded {
            callCount += 1
            let disk = FaultyFileSystem(clean)
            disk.fail(.from(call: callCount))
            let retention = Self.retention(RetentionLimits(sizeBytes: 0), disk)
            succeeded =
                (try? retention.drop(retention.dueSegments(now: 0)?.segments ?? [], through: SequenceNumber(8)))?.count
                == 4
            for loss in Disk.Loss.allCases {
                let after = FaultyFileSystem(disk.disk.afterPowerFailure(loss, using: &generator))
                let first = try SegmentCatalog(TestLog.directory, fileSystem: after).firstLine
                starts.insert(first.rawValue)
                let count = try TestLog.lines(after, from: first).count
                #expect(UInt64(count) == 11 - first.rawValue)
                let log = try TestLog(after)
                #expect(log.recovery.end == SequenceNumber(10))
                log.close()
            }
        }
        #expect(starts == [1, 3, 5, 7, 9], "every step was cut short once")
    }

    @Test("each segment is gone from the disk before the next one goes")
    func order() throws {
        let disk = try Self.disk()
        let retention = Self.retention(RetentionLimits(sizeBytes: 0), disk)
        let due = try retention.dueSegments(now: 0)?.segments ?? []
        let before = disk.count(of: .syncDirectory)
        _ = try retention.drop(due, through: SequenceNumber(8))
        #expect(disk.count(of: .remove) == 4)
        #expect(disk.count(of: .syncDirectory) - before == 4)
    }

    @Test("bytes that a crash tore off a dropped segment go with it, those of a kept one stay")
    func tornTails() throws {
        var damaged = try Self.disk().disk
        for base: UInt64 in [1, 9] {
            damaged[FilePath(TestLog.path(ofSegment: base).string + ".torn")] = [1, 2, 3]
            damaged[FilePath(TestLog.path(ofSegment: base).string + ".2.torn")] = [1, 2, 3]
        }
        let disk = FaultyFileSystem(damaged)
        let retention = Self.retention(RetentionLimits(sizeBytes: 0), disk)
        _ = try retention.drop(retention.dueSegments(now: 0)?.segments ?? [], through: SequenceNumber(8))
        let torn = disk.disk.paths.filter { $0.string.hasSuffix(".torn") }
        #expect(torn.count == 2)
        #expect(torn.allSatisfy { $0.string.contains("00000009.") })
    }
}
