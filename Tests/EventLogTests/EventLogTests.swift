import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("EventLog")
struct EventLogTests {
    @Test("lines get numbers, salt and content, and are read back as they were written")
    func readsBack() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk)
        #expect(log.log.end == nil && log.recovery.isNew)
        log.commit(TestLog.batch("a", "b"))
        log.commit(TestLog.batch("c", isPlain: true))
        log.close()
        let head = #""type":"message.posted","data":{"channel":"room""#
        #expect(
            try TestLog.lines(disk) == [
                #"{"seq":1,"more":true,"# + head + #"},"salt":"AAAAAAAAAAEAAAAAAAAAAA","content":{"text":"a"}}"#,
                #"{"seq":2,"# + head + #"},"salt":"AAAAAAAAAAEAAAAAAAAAAQ","content":{"text":"b"}}"#,
                #"{"seq":3,"# + head + #","text":"c"}}"#,
            ]
        )
        #expect(log.log.end == SequenceNumber(3))
        #expect(disk.openCount == 0)
    }

    @Test("the first line of a segment says the log, the format, the base and the tree before it")
    func header() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk, TestLog.configuration(segmentSizeBytes: 1))
        log.commit(TestLog.batch("a"))
        let root = try #require(log.commits.last).root
        log.commit(TestLog.batch("b"))
        log.close()
        let walks = try [1, 2].map { base in
            try LZ4FrameReaderTests.walk(try #require(disk.disk[TestLog.path(ofSegment: base)]), isStrict: true)
        }
        let lines = walks.map { String(decoding: $0.text.prefix { $0 != 0x0A }, as: UTF8.self) }
        let common = #"{"log":"0123456789abcdef0011223344556677","format":1,"base":"#
        #expect(
            lines == [
                common + #"1,"opened":"2026-11-18T11:06:40.123456Z","prev":"\#(Hash256.ofNothing)","frontier":[]}"#,
                common + #"2,"opened":"2026-11-18T11:06:40.123456Z","prev":"\#(root)","frontier":["\#(root)"]}"#,
            ]
        )
    }

    @Test("a commit's report tells its lines, and the tree of the redacted lines up to its end")
    func reports() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk)
        log.commit(TestLog.batch("a", "b"))
        log.commit(TestLog.batch("c"))
        log.close()
        let second = try #require(log.commits.last)
        #expect(second.first == SequenceNumber(3) && second.last == SequenceNumber(3) && second.lineCount == 1)
        #expect(second.segment == SegmentName(base: .first))
        var frontier = Frontier()
        for (index, line) in try TestLog.lines(disk).enumerated() {
            frontier.append(leaf: .leaf(try RedactionTests.redact(line)))
            if index == 1 { #expect(frontier == log.commits.first?.frontier) }
        }
        #expect(frontier == second.frontier)
        #expect(second.root == frontier.root && second.treeSize == 3)
        #expect(try TestLog(disk).recovery.frontier == frontier)
    }

    @Test("one commit is one write and one sync")
    func oneFlush() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk)
        let (writes, syncs) = (disk.count(of: .write), disk.count(of: .sync))
        log.commit(TestLog.batch("a", "b", "c"))
        #expect(disk.count(of: .write) == writes + 1)
        #expect(disk.count(of: .sync) == syncs + 1)
        log.close()
    }

    @Test("at level os nothing is synced before the clean stop")
    func systemSyncs() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk, TestLog.configuration(segmentSizeBytes: 1, durability: .os))
        for text in ["a", "b", "c"] { log.commit(TestLog.batch(text)) }
        log.log.noteSynced()
        #expect(disk.count(of: .sync) == 0)
        log.close()
        #expect(disk.count(of: .sync) == 2, "the last segment, and the note")
    }

    @Test("at level interval a commit is reported before it is synced, and a segment is synced before the next one")
    func interval() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(
            disk,
            TestLog.configuration(segmentSizeBytes: 1, durability: .interval(.seconds(3600)))
        )
        #expect(disk.count(of: .sync) == 3, "the new segment's frame header, its header line, and the note")
        log.commit(TestLog.batch("a"))
        #expect(disk.count(of: .sync) == 3)
        log.commit(TestLog.batch("b"))
        #expect(disk.count(of: .sync) == 6, "the first segment's end, and the second one's headers")
        log.close()
    }

    @Test("after a sync that failed nothing is committed any more, and the log is valid when it is opened again")
    func failedSync() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk)
        log.commit(TestLog.batch("a"))
        disk.fail(.next(.sync))
        log.commit(TestLog.batch("b", "c"))
        #expect(log.failures.map(\.lineCount) == [2])
        guard case .fileSystem(let error)? = log.failures.first?.error else {
            Issue.record("the failure says which call failed")
            return
        }
        #expect(error.operation == .sync && error.code == .ioError)
        let writes = disk.count(of: .write)
        log.commit(TestLog.batch("d"))
        #expect(log.failures.map(\.lineCount) == [2, 1])
        #expect(log.log.failure == .fileSystem(error))
        log.close()
        #expect(disk.count(of: .write) == writes, "nothing is written after a failure")
        #expect(log.log.end == .first)

        let again = try TestLog(disk)
        #expect(again.recovery.end == .first, "what was refused does not come back")
        again.close()
    }

    @Test("what cannot be written whole is refused, and recovery cuts off the part that was", arguments: [true, false])
    func fullDisk(canTruncate: Bool) throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk)
        log.commit(TestLog.batch("a"))
        disk.limitRoom(to: 20)
        if !canTruncate { disk.fail(.next(.truncate)) }
        log.commit(TestLog.batch("b"))
        #expect(log.failures.first?.error == .fileSystem(FileSystemError(.write, TestLog.path(ofSegment: 1), .noSpace)))
        log.close()
        disk.limitRoom(to: .max)
        let again = try TestLog(disk)
        #expect(again.recovery.cut?.sizeBytes == (canTruncate ? nil : 20))
        again.commit(TestLog.batch("c"))
        again.close()
        #expect(try TestLog.lines(disk).count == 2)
    }

    @Test("a second writer is told that the directory is locked, until the first one lets go")
    func locked() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk)
        #expect(throws: EventLogError.locked("/data/lock")) { try TestLog(disk) }
        log.close()
        try TestLog(disk).close()
    }

    @Test("a log that is let go of without a clean stop lets go of the lock, and loses nothing")
    func abandoned() async throws {
        let disk = FaultyFileSystem()
        try TestLog(disk).commit(TestLog.batch("a"))
        while disk.openCount > 0 { await Task.yield() }
        let again = try TestLog(disk)
        #expect(again.recovery.end == .first && !again.recovery.wasClosedCleanly)
        again.close()
    }

    @Test("after the clean stop nothing is taken, and a second stop does nothing")
    func closed() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk)
        log.close()
        log.close()
        log.append(TestLog.batch("late"))
        #expect(try TestLog.lines(disk).isEmpty)
    }

    @Test("a restart goes on in the same segment while it is not full, and its empty runs add nothing")
    func restarts() throws {
        let disk = FaultyFileSystem()
        for text in ["a", "b", "c"] {
            let log = try TestLog(disk)
            log.commit(TestLog.batch(text))
            log.close()
        }
        let bytes = disk.disk[TestLog.path(ofSegment: 1)]
        try TestLog(disk).close()
        #expect(disk.disk[TestLog.path(ofSegment: 1)] == bytes)
        #expect(try SegmentCatalog(TestLog.directory, fileSystem: disk).segments == [SegmentName(base: .first)])
        #expect(try TestLog.lines(disk).count == 3)
    }

    @Test("lines that are appended from many threads are all there, each batch in one piece")
    func manyThreads() async throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk)
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for _ in 0..<20 { log.append(TestLog.batch("\(task)", "\(task)", "\(task)")) }
                }
            }
        }
        log.close()
        let lines = try TestLog.lines(disk)
        #expect(lines.count == 8 * 20 * 3)
        for start in stride(from: 0, to: lines.count, by: 3) {
            #expect(Set(lines[start..<start + 3].map { $0.suffix(12) }).count == 1)
        }
        #expect(log.commits.map(\.lineCount).reduce(0, +) == lines.count)
    }

    @Test("a long opening tells how far it has come")
    func progress() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk, TestLog.configuration(segmentSizeBytes: 64 << 20))
        for number in 0..<3 { log.commit(TestLog.batch(TestLog.noise(2_000_000, seed: UInt64(number)))) }
        log.close()
        var steps: [RecoveryProgress] = []
        let (again, _) = try EventLog.open(
            TestLog.directory,
            fileSystem: disk,
            onProgress: { steps.append($0) }
        )
        again.close()
        #expect(steps.count >= 2)
        #expect(steps.allSatisfy { $0.readBytes <= $0.sizeBytes })
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.readBytes < $1.readBytes })
    }
}
