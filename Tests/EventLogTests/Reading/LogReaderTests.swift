import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("LogReader")
struct LogReaderTests {
    /// Ten lines in segments that begin with 1, 3, 5, 7 and 9.
    static func fiveSegments() throws -> FaultyFileSystem {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk, TestLog.configuration(segmentSizeBytes: 1))
        for number in 0..<5 { log.commit(TestLog.batch("\(2 * number + 1)", "\(2 * number + 2)")) }
        log.close()
        return disk
    }

    static func numbers(_ disk: FaultyFileSystem, from first: UInt64, through last: UInt64? = nil) throws -> [UInt64] {
        var numbers: [UInt64] = []
        try LogReader(TestLog.directory, fileSystem: disk)
            .forEachLine(from: SequenceNumber(first), through: last.map { SequenceNumber($0) }) { line in
                numbers.append(line.sequenceNumber.rawValue)
            }
        return numbers
    }

    @Test("hands out the lines from any one on, through any one", arguments: 1...11 as ClosedRange<UInt64>)
    func ranges(first: UInt64) throws {
        let disk = try Self.fiveSegments()
        #expect(try Self.numbers(disk, from: first) == Array(first..<max(first, 11)))
        for last in first...12 {
            #expect(try Self.numbers(disk, from: first, through: last) == Array(first..<max(first, min(last, 10) + 1)))
        }
    }

    @Test("opens only the segments that hold the range")
    func opensFew() throws {
        let disk = try Self.fiveSegments()
        var hurt = disk.disk
        for base in [UInt64(1), 3, 9] { hurt[TestLog.path(ofSegment: base)] = [1, 2, 3] }
        #expect(try Self.numbers(FaultyFileSystem(hurt), from: 5, through: 8) == [5, 6, 7, 8])
    }

    @Test("says where a line stands, and whether more of its proposal follows")
    func places() throws {
        let disk = try Self.fiveSegments()
        var more: [Bool] = []
        var segments: Set<SegmentName> = []
        try LogReader(TestLog.directory, fileSystem: disk).forEachLine { line in
            more.append(line.hasMore)
            segments.insert(line.segment)
            #expect(line.blockOffset > 7)
        }
        #expect(
            more == Array([[true, false], [true, false], [true, false], [true, false], [true, false]].joined())
        )
        #expect(segments.count == 5)
    }

    @Test("a directory without a log has no lines")
    func noLog() throws {
        let isThere = try LogReader("/nowhere", fileSystem: FaultyFileSystem()).cursor() != nil
        #expect(!isThere)
    }

    @Test("a segment that is missing, swapped, doubled or of another log is damage", arguments: 0..<5)
    func segments(kind: Int) throws {
        var disk = try Self.fiveSegments().disk
        let (third, fifth) = (TestLog.path(ofSegment: 3), TestLog.path(ofSegment: 5))
        switch kind {
        case 0: disk[third] = nil
        case 1: (disk[third], disk[fifth]) = (disk[fifth], disk[third])
        case 2: disk[fifth] = disk[third]
        case 3: disk[third] = []
        default:
            let other = FaultyFileSystem()
            var configuration = TestLog.configuration(segmentSizeBytes: 1)
            configuration.makeLogID = { (1, 2) }
            let log = try TestLog(other, configuration)
            for number in 0..<5 { log.commit(TestLog.batch("\(2 * number + 1)", "\(2 * number + 2)")) }
            log.close()
            disk[third] = other.disk[third]
        }
        #expect(throws: EventLogError.self) { try Self.numbers(FaultyFileSystem(disk), from: 1) }
    }

    @Test("a block that was moved to the end of a segment from the next one is damage, and not handed out")
    func movedBlock() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk, TestLog.configuration(segmentSizeBytes: 1))
        // Stored as they are, since they are short, so that they decode anywhere.
        for text in ["a", "b"] { log.commit(TestLog.batch(text, isPlain: true)) }
        log.close()
        let text = Array("{\"seq\":2,\"a\":1}\n".utf8)
        var block: [UInt8] = []
        block.append(upTo: 4) { $0.append(bigEndian: (UInt32(text.count) | 0x8000_0000).byteSwapped) }
        block += text
        block.append(upTo: 4) { $0.append(bigEndian: XXH32.hash(text.span).byteSwapped) }
        var changed = disk.disk
        let path = TestLog.path(ofSegment: 1)
        let end = try #require(changed[path]).count - 8
        changed[path]?.insert(contentsOf: block, at: end)
        var found = 0
        #expect(
            throws: EventLogError.damaged(
                file: SegmentName(base: .first).fileName,
                offset: UInt64(end),
                .unexpectedLine(SequenceNumber(2))
            )
        ) {
            try LogReader(TestLog.directory, fileSystem: FaultyFileSystem(changed)).forEachLine { _ in found += 1 }
        }
        #expect(found == 1)
    }

    @Test("a first segment that is missing is told, not passed over")
    func missingFirst() throws {
        var disk = try Self.fiveSegments().disk
        disk[TestLog.path(ofSegment: 1)] = nil
        #expect(throws: EventLogError.missingLine(.first, firstSegment: SegmentName(base: SequenceNumber(3)))) {
            try Self.numbers(FaultyFileSystem(disk), from: 1)
        }
        // Whether that is retention's work or a loss is for whoever needs the lines to tell; opening says so.
        #expect(try TestLog(FaultyFileSystem(disk)).recovery.firstLine == SequenceNumber(3))
    }

    @Test("opening notices an earlier segment that is not what its name says")
    func openChecksHeaders() throws {
        var disk = try Self.fiveSegments().disk
        disk[TestLog.path(ofSegment: 5)] = disk[TestLog.path(ofSegment: 3)]
        #expect(
            throws: EventLogError.damaged(
                file: SegmentName(base: SequenceNumber(5)).fileName,
                offset: 7,
                .segmentBase(expected: SequenceNumber(5), found: SequenceNumber(3))
            )
        ) { try TestLog(FaultyFileSystem(disk)) }
    }

    @Test("tells a closed log from one that is being written and from a torn one")
    func endings() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk)
        log.commit(TestLog.batch("a"))
        let reader = LogReader(TestLog.directory, fileSystem: disk)
        #expect(try reader.forEachLine { _ in } == .open)
        #expect(try reader.forEachLine(through: .first) { _ in } == .through)
        var torn = disk.disk
        torn[TestLog.path(ofSegment: 1)]?.append(9)
        let size = try #require(disk.disk[TestLog.path(ofSegment: 1)]).count
        #expect(
            try LogReader(TestLog.directory, fileSystem: FaultyFileSystem(torn)).forEachLine { _ in }
                == .torn(segment: SegmentName(base: .first), offset: UInt64(size), .incomplete)
        )
        log.close()
        #expect(try reader.forEachLine { _ in } == .closed)
    }

    @Test("an unknown format is told from damage")
    func unknownFormat() throws {
        var writer = try LZ4FrameWriter()
        let header = Array(#"{"log":"x","format":2,"base":1,"more":{}}"#.utf8 + [0x0A])
        let bytes = try writer.block(header) + writer.ending()
        var disk = try Self.fiveSegments().disk
        disk[TestLog.path(ofSegment: 1)] = bytes
        #expect(throws: EventLogError.unknownFormat(file: SegmentName(base: .first).fileName, format: 2)) {
            try Self.numbers(FaultyFileSystem(disk), from: 1)
        }
    }

    @Test("a call that fails is an error, not the end of the log")
    func failingReads() throws {
        let disk = try Self.fiveSegments()
        let calls = disk.callCount
        _ = try Self.numbers(disk, from: 1)
        for call in 1...disk.callCount - calls {
            let failing = FaultyFileSystem(disk.disk)
            failing.fail(.at(call: call))
            #expect(throws: EventLogError.self, "call \(call)") { try Self.numbers(failing, from: 1) }
            #expect(failing.openCount == 0)
        }
    }
}
