import LogValues
import RawJSON
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("Frames of bounded size")
struct FrameTests {
    private static let path = TestLog.path(ofSegment: 1)
    /// End mark, content checksum, and the next frame's header.
    private static let turnSizeBytes = 4 + 4 + 7

    /// Where the frames of a file begin.
    private static func frameOffsets(_ disk: Disk) throws -> [UInt64] {
        let fileSystem = FaultyFileSystem(disk)
        var reader = LZ4FrameReader(try fileSystem.open(Self.path, .read), fileSystem)
        var offsets: [UInt64] = []
        while true {
            switch try reader.next() {
            case .frameStart: offsets.append(reader.frameOffset)
            case .block, .frameEnd: break
            case .endOfFile: return offsets
            case .fault(let damage):
                Issue.record("\(damage)")
                return offsets
            }
        }
    }

    @Test("a frame is ended by the commit that fills it, and the next one is begun at once")
    func filledFrames() throws {
        let fileSystem = FaultyFileSystem()
        let log = try TestLog(fileSystem, TestLog.configuration(frameSizeBytes: 4096))
        for number in 0..<20 { log.commit(TestLog.batch(TestLog.noise(1000, seed: UInt64(number)))) }
        let syncs = fileSystem.count(of: .sync)
        let open = fileSystem.disk
        log.close()
        #expect(syncs == 22, "two for the headers, one a commit: a frame's end is synced with the commit that fills it")
        // The header's text counts too, so that the first frame has three lines, and the others have four.
        #expect(try Self.frameOffsets(open).count == 6)
        #expect(try TestLog.lines(fileSystem).count == 20)
        let again = try TestLog(FaultyFileSystem(open))
        #expect(!again.recovery.wasClosedCleanly && again.recovery.cut == nil)
        again.close()
    }

    @Test("a log with a frame for each commit, cut at any byte, keeps every commit whose block is whole")
    func cutAnywhere() throws {
        let sample = try SmallLog.make(frameSizeBytes: 1)
        let bytes = try #require(sample.withoutNote[Self.path])
        for size in 0...bytes.count {
            var disk = sample.withoutNote
            disk[Self.path] = Array(bytes[..<size])
            let fileSystem = FaultyFileSystem(disk)
            let log = try TestLog(fileSystem, TestLog.configuration(frameSizeBytes: 1))
            let kept = sample.commitEnds.last { $0.size - Self.turnSizeBytes <= size }?.lineCount ?? 0
            #expect((log.recovery.end?.rawValue ?? 0) == UInt64(kept), "cut at \(size)")
            if sample.commitEnds.contains(where: { $0.size == size }) {
                #expect(log.recovery.cut == nil && !log.recovery.wasClosedCleanly, "cut at \(size)")
            }
            #expect(try TestLog.lines(fileSystem) == Array(sample.lines[..<kept]), "cut at \(size)")
            log.commit(TestLog.batch("after the crash"))
            log.close()
            #expect(try TestLog.lines(fileSystem).count == kept + 1, "cut at \(size)")
            #expect(try TestLog(fileSystem).recovery.wasClosedCleanly, "cut at \(size)")
        }
    }

    @Test("a bit flipped anywhere in it is noticed, or costs the last commit at most")
    func flipAnywhere() throws {
        let sample = try SmallLog.make(frameSizeBytes: 1)
        let bytes = try #require(sample.withoutNote[Self.path])
        let before = sample.commitEnds[sample.commitEnds.count - 2]
        var generator = SeededGenerator(seed: 3)
        for at in bytes.indices {
            var disk = sample.withoutNote
            disk[Self.path]?[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            let fileSystem = FaultyFileSystem(disk)
            do {
                let log = try TestLog(fileSystem)
                let found = try TestLog.lines(fileSystem)
                #expect(at >= before.size && log.recovery.cut != nil, "flipped at \(at)")
                #expect(found.count >= before.lineCount && found[...] == sample.lines.prefix(found.count))
                log.close()
            } catch EventLogError.damaged(_, let offset, _) {
                #expect(offset <= at, "flipped at \(at), found at \(offset)")
            }
        }
    }

    @Test("a frame that is missing, there twice, or in another's place is found")
    func wholeFrames() throws {
        let sample = try SmallLog.make(frameSizeBytes: 1)
        let bytes = try #require(sample.withoutNote[Self.path])
        let ends = try Self.frameOffsets(sample.disk).map { Int($0) }
        var damaged: [[UInt8]] = []
        for index in 1..<ends.count - 2 {
            let (start, end, next) = (ends[index], ends[index + 1], ends[index + 2])
            damaged.append(Array(bytes[..<start] + bytes[end...]))
            damaged.append(Array(bytes[..<end] + bytes[start...]))
            damaged.append(Array(bytes[..<start] + bytes[end..<next] + bytes[start..<end] + bytes[next...]))
        }
        #expect(damaged.count == 12)
        for bytes in damaged {
            var disk = sample.withoutNote
            disk[Self.path] = bytes
            #expect(throws: EventLogError.self) { try TestLog(FaultyFileSystem(disk)) }
            #expect(throws: EventLogError.self) { try TestLog.lines(FaultyFileSystem(disk)) }
        }
    }

    // MARK: Reading from the middle

    @Test("a cursor that skips to any frame hands out what one from the start does", arguments: [1, 40, 1 << 20])
    func skipping(frameSizeBytes: Int) throws {
        let sample = try SmallLog.make(segments: 2, frameSizeBytes: frameSizeBytes)
        let fileSystem = FaultyFileSystem(sample.disk)
        let reader = LogReader(TestLog.directory, fileSystem: fileSystem)
        var places: [FramePlace] = []
        try reader.forEachLine { line in
            guard places.last?.offset != line.frameOffset || places.last?.segment != line.segment else { return }
            places.append(FramePlace(segment: line.segment, offset: line.frameOffset, first: line.sequenceNumber))
        }
        for place in places {
            for first in place.first.rawValue...UInt64(sample.lines.count) {
                var cursor = try reader.cursor(from: SequenceNumber(first), skippingTo: place)
                var found: [String] = []
                while try cursor?.advance() == true, let line = cursor?.line {
                    found.append(String(decoding: line.bytes, as: UTF8.self))
                }
                #expect(found == Array(sample.lines[Int(first - 1)...]), "from \(first), skipping to \(place)")
            }
        }
        #expect(fileSystem.openCount == 0)
    }

    @Test("a place where no frame begins, or another one than was said, gives damage or nothing, and no false line")
    func wrongPlace() throws {
        let sample = try SmallLog.make(frameSizeBytes: 1)
        let fileSystem = FaultyFileSystem(sample.disk)
        let reader = LogReader(TestLog.directory, fileSystem: fileSystem)
        let offsets = try Self.frameOffsets(sample.disk)
        let size = UInt64(try #require(sample.disk[Self.path]).count)
        for offset in 1...size + 9 where offset != offsets[2] {
            let place = FramePlace(segment: SegmentName(base: .first), offset: offset, first: SequenceNumber(2))
            let isThere = try Self.hasLine(at: place, reader)
            #expect(!isThere, "at \(offset)")
        }
    }

    /// Whether a line is read there; damage that is noticed is none.
    private static func hasLine(at place: FramePlace, _ reader: LogReader) throws -> Bool {
        do {
            var cursor = try reader.cursor(from: place.first, skippingTo: place)
            return try cursor?.advance() == true
        } catch EventLogError.damaged {
            return false
        }
    }
}
