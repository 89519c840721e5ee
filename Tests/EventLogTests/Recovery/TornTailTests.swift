import LogValues
import RawJSON
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("Torn tails")
struct TornTailTests {
    @Test("a segment cut at any byte keeps every whole commit, and the cut bytes", arguments: [1, 2])
    func cutAnywhere(frames: Int) throws {
        let sample = try SmallLog.make(frames: frames)
        let path = TestLog.path(ofSegment: 1)
        let bytes = try #require(sample.withoutNote[path])
        for size in 0...bytes.count {
            var disk = sample.withoutNote
            disk[path] = Array(bytes[..<size])
            let fileSystem = FaultyFileSystem(disk)
            let log = try TestLog(fileSystem)
            let kept = sample.commitEnds.last { $0.size <= size }?.lineCount
            if let kept {
                #expect(log.recovery.end == (kept == 0 ? nil : SequenceNumber(UInt64(kept))), "cut at \(size)")
                #expect(try TestLog.lines(fileSystem) == Array(sample.lines[..<kept]), "cut at \(size)")
            }
            self.expectKeptBytes(of: log.recovery, Array(bytes[..<size]), fileSystem)
            try self.expectGoesOn(log, fileSystem, "cut at \(size)")
        }
    }

    private func expectKeptBytes(of report: RecoveryReport, _ bytes: [UInt8], _ fileSystem: FaultyFileSystem) {
        if let cut = report.cut {
            #expect(fileSystem.disk[cut.keptAs] == Array(bytes[Int(cut.offset)...]))
            #expect(cut.sizeBytes == UInt64(bytes.count) - cut.offset)
        } else if let aside = report.setAside.first {
            #expect(fileSystem.disk[aside] == bytes)
        }
    }

    /// The log can be written, closed, and read by the strictest of readers.
    private func expectGoesOn(_ log: TestLog, _ fileSystem: FaultyFileSystem, _ comment: String) throws {
        let before = try TestLog.lines(fileSystem)
        log.commit(TestLog.batch("after the crash", isPlain: true))
        log.close()
        let after = try TestLog.lines(fileSystem)
        #expect(after.dropLast() == before[...], "\(comment)")
        #expect(after.last?.contains("after the crash") == true)
        let again = try TestLog(fileSystem)
        #expect(again.recovery.wasClosedCleanly && again.recovery.cut == nil, "\(comment)")
        #expect(again.recovery.end == SequenceNumber(UInt64(after.count)))
        again.close()
    }

    @Test("a bit flipped anywhere in the only segment is noticed, or costs the last commit only", arguments: [1, 2])
    func flipAnywhere(frames: Int) throws {
        let sample = try SmallLog.make(frames: frames)
        let path = TestLog.path(ofSegment: 1)
        let bytes = try #require(sample.disk[path])
        let lastCommit = sample.commitEnds[sample.commitEnds.count - 2]
        var generator = SeededGenerator(seed: 7)
        for at in bytes.indices {
            var disk = sample.withoutNote
            var flipped = bytes
            flipped[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            disk[path] = flipped
            let fileSystem = FaultyFileSystem(disk)
            do {
                let log = try TestLog(fileSystem)
                #expect(at >= lastCommit.size, "flipped at \(at)")
                #expect(try TestLog.lines(fileSystem) == Array(sample.lines[..<lastCommit.lineCount]))
                #expect(log.recovery.cut != nil)
                log.close()
            } catch EventLogError.damaged(let file, let offset, _) {
                #expect(file == SegmentName(base: .first).fileName)
                let start = sample.commitEnds.last { $0.size <= at }?.size ?? 0
                #expect(offset <= at && (offset >= start || frames > 1), "flipped at \(at), found at \(offset)")
                #expect(fileSystem.disk[path] == flipped, "nothing is changed in a damaged log")
            }
            self.expectNoFalseLines(fileSystem, sample)
        }
    }

    /// A reader hands out lines that were written, or nothing.
    private func expectNoFalseLines(_ fileSystem: FaultyFileSystem, _ sample: SmallLog) {
        var found: [String] = []
        _ = try? LogReader(TestLog.directory, fileSystem: fileSystem).forEachLine { line in
            found.append(String(decoding: line.bytes, as: UTF8.self))
        }
        #expect(found == Array(sample.lines.prefix(found.count)))
    }

    @Test("a sealed segment with a bit flipped anywhere is found damaged by the reader, near that byte")
    func flipSealed() throws {
        let sample = try SmallLog.make(segments: 2)
        let path = TestLog.path(ofSegment: 1)
        let bytes = try #require(sample.disk[path])
        for at in bytes.indices {
            var disk = sample.disk
            disk[path]?[at] ^= 1 << UInt8(at % 8)
            let fileSystem = FaultyFileSystem(disk)
            self.expectNoFalseLines(fileSystem, sample)
            do {
                try LogReader(TestLog.directory, fileSystem: fileSystem).forEachLine { _ in }
                Issue.record("flipped at \(at), and nobody noticed")
            } catch EventLogError.damaged(let file, let offset, _) {
                #expect(file == SegmentName(base: .first).fileName && offset <= at)
            }
        }
    }

    @Test("a sealed segment cut anywhere is found damaged by the reader")
    func cutSealed() throws {
        let sample = try SmallLog.make(segments: 2)
        let path = TestLog.path(ofSegment: 1)
        for size in 0..<(sample.disk[path]?.count ?? 0) {
            var disk = sample.disk
            disk[path] = disk[path].map { Array($0[..<size]) }
            let fileSystem = FaultyFileSystem(disk)
            self.expectNoFalseLines(fileSystem, sample)
            #expect(throws: EventLogError.self, "cut at \(size)") {
                try LogReader(TestLog.directory, fileSystem: fileSystem).forEachLine { _ in }
            }
        }
    }

    @Test(
        "what LZ4 lets through is found by numbers and structure, and nothing is cut",
        arguments: HiddenDamage.allCases
    )
    func hiddenDamage(damage: HiddenDamage) throws {
        let sample = try SmallLog.make()
        let path = TestLog.path(ofSegment: 1)
        var disk = sample.withoutNote
        let changed = damage.applied(to: try #require(disk[path]), ends: sample.commitEnds.map(\.size))
        disk[path] = changed
        let fileSystem = FaultyFileSystem(disk)
        #expect(throws: EventLogError.self) { try TestLog(fileSystem) }
        #expect(fileSystem.disk[path] == changed)
        #expect(throws: EventLogError.self) {
            try LogReader(TestLog.directory, fileSystem: fileSystem).forEachLine { _ in }
        }
        self.expectNoFalseLines(fileSystem, sample)
    }

    @Test(
        "zeros, noise and foreign frames behind the end are cut off, and kept",
        arguments: [
            [UInt8](repeating: 0, count: 1), [UInt8](repeating: 0, count: 4), [UInt8](repeating: 0, count: 8),
            [UInt8](repeating: 0, count: 4096), [0x04, 0x22, 0x4D], [0x50, 0x2A, 0x4D, 0x18, 1, 0, 0, 0, 9], [7, 1, 2],
        ],
        [true, false]
    )
    func behindTheEnd(tail: [UInt8], isClosed: Bool) throws {
        let sample = try SmallLog.make()
        let path = TestLog.path(ofSegment: 1)
        var disk = sample.disk
        if isClosed {
            let fileSystem = FaultyFileSystem(disk)
            try TestLog(fileSystem).close()
            disk = fileSystem.disk
        }
        disk[path]? += tail
        let fileSystem = FaultyFileSystem(disk)
        let log = try TestLog(fileSystem)
        #expect(log.recovery.cut.map { fileSystem.disk[$0.keptAs] } == tail)
        #expect(try TestLog.lines(fileSystem) == sample.lines)
        try self.expectGoesOn(log, fileSystem, "\(tail.count) bytes")
    }

    @Test("torn files of earlier crashes are not written over")
    func tornNames() throws {
        let sample = try SmallLog.make()
        let path = TestLog.path(ofSegment: 1)
        var disk = sample.disk
        var kept: [FilePath: [UInt8]] = [:]
        for tail in [[UInt8(7)], [8], [9]] {
            disk[path]? += tail
            let fileSystem = FaultyFileSystem(disk)
            let log = try TestLog(fileSystem)
            kept[try #require(log.recovery.cut?.keptAs)] = tail
            log.close()
            disk = fileSystem.disk
        }
        #expect(kept.count == 3)
        #expect(kept.allSatisfy { disk[$0.key] == $0.value })
        #expect(kept.keys.allSatisfy { $0.string.hasSuffix(".torn") })
    }

    @Test("a proposal over several blocks is there wholly, or not at all")
    func severalBlocks() throws {
        let fileSystem = FaultyFileSystem()
        // One frame: what ends a filled one would stand behind the last block.
        let log = try TestLog(fileSystem, TestLog.configuration(frameSizeBytes: 1 << 20))
        log.commit(TestLog.batch("before"))
        let path = TestLog.path(ofSegment: 1)
        let before = try #require(fileSystem.disk[path]).count
        // Text that does not compress, so that each block is as large as it can be.
        let long = (0..<3).map { TestLog.noise(200_000, seed: $0) }
        log.commit(TestLog.batch(long))
        let disk = fileSystem.disk
        let size = try #require(disk[path]).count
        #expect(try TestLog.lines(fileSystem).count == 4)
        #expect(fileSystem.count(of: .write) == 6, "two headers, the first commit, three blocks")
        for cut in [before + 1, before + 100_000, before + 300_000, size - 100_000, size - 1] {
            var torn = disk
            torn[path] = disk[path].map { Array($0[..<cut]) }
            let tornSystem = FaultyFileSystem(torn)
            #expect(try TestLog.lines(tornSystem).count == 1)
            let recovered = try TestLog(tornSystem)
            #expect(recovered.recovery.end == SequenceNumber(1))
            #expect(recovered.recovery.cut?.offset == UInt64(before))
            recovered.close()
            #expect(try TestLog.lines(tornSystem).count == 1)
        }
    }

    @Test("the search for intact blocks crosses its window, and gives up rather than cut when too much looks like one")
    func search() throws {
        var writer = try LZ4FrameWriter()
        let block = Array(try writer.block(Array("a block".utf8)).dropFirst(7))
        for gap in [0, 1, 1_834_990, 1_835_000, 2_097_140, 2_097_152, 3_000_000] {
            var disk = Disk()
            disk["/file"] = [1] + [UInt8](repeating: 0xFF, count: gap) + block
            let found = FaultyFileSystem(disk)
            let file = try found.open("/file", .read)
            #expect(try TornTail.search(behind: 0, in: file, found) == .intactBlock(offset: UInt64(gap) + 1))
            #expect(try TornTail.search(behind: UInt64(gap) + 1, in: file, found) == .nothingIntact)
        }
        var disk = Disk()
        disk["/file"] = [UInt8](repeating: 3, count: 4) + Array(repeating: [0, 0, 1, 0], count: 100_000).joined()
        let suspicious = FaultyFileSystem(disk)
        let file = try suspicious.open("/file", .read)
        #expect(try TornTail.search(behind: 0, in: file, suspicious, hashLimitBytes: 1 << 20) == .undecided)
    }
}
