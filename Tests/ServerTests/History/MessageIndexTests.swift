import EventLog
import LogValues
import Projections
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Archive

@Suite("The index of messages")
struct MessageIndexTests {
    /// Everything that can be asked, against what reading the whole log finds.
    private func expectAll(_ index: MessageIndex, _ log: HistoryLog, _ comment: String = "") throws {
        for number in [0, 6, 12, 18, 102, 228, 234, 1002, 1230, 9_999] {
            #expect(try index.lines(ofMessage: HistoryLog.uuid(number)) == log.lines(ofMessage: number), "\(comment)")
        }
        for room in 0..<6 {
            let name = ChannelName("room-\(room)")
            let posts = try index.read { view in
                try self.all(.first...SequenceNumber(1000), of: name, view)
            }
            #expect(posts == self.posts(to: name, log), "\(comment)")
        }
        #expect(log.fileSystem.openCount <= 3, "only the log's own files are open")
    }

    private func all(
        _ range: ClosedRange<SequenceNumber>,
        of name: ChannelName,
        _ view: IndexView
    ) throws -> [SequenceNumber] {
        try view.posts(toChannel: name, in: range, limit: 1000, fromEnd: true).filter { number in
            try view.line(at: number) { IndexedLine($0)?.subject.names(name) ?? false }
        }
    }

    private func posts(to name: ChannelName, _ log: HistoryLog) -> [SequenceNumber] {
        log.events.enumerated().compactMap { index, event in
            guard case .messagePosted(let message) = event.payload, message.addressing.channel == name else {
                return nil
            }
            return SequenceNumber(UInt64(index + 1))
        }
    }

    @Test("it finds what reading the whole log finds", arguments: [1 << 20, 8 << 10, 2 << 10], [1, 1024, 1 << 20])
    func findsAll(segmentSizeBytes: Int, frameSizeBytes: Int) throws {
        let log = try HistoryLog.busy(segmentSizeBytes: segmentSizeBytes, frameSizeBytes: frameSizeBytes)
        try self.expectAll(try log.readyIndex(), log)
        #expect(log.indexPaths.count == log.segments.count - 1, "one file for each sealed segment")
        // A later run opens the files of the first.
        let before = log.fileSystem.count(of: .write)
        try self.expectAll(try log.readyIndex(), log)
        #expect(log.fileSystem.count(of: .write) == before)
        log.log.close()
    }

    @Test("names that share a hash are told apart by their lines")
    func collisions() throws {
        let log = try HistoryLog.busy()
        let same = IndexHash(message: { _ in 7 }, channel: { _ in 7 })
        try self.expectAll(try log.readyIndex(hash: same), log)
        try self.expectAll(try log.readyIndex(hash: same), log, "from files")
        let few = IndexHash(message: { $0.high % 3 }, channel: { UInt64($0.utf8.last ?? 0) % 2 })
        for path in log.indexPaths { try log.fileSystem.remove(path) }
        try self.expectAll(try log.readyIndex(hash: few), log)
        #expect(try log.readyIndex(hash: few).read { try $0.isKnown(ChannelName("room-5"), through: .last) } == false)
        #expect(try log.readyIndex(hash: few).read { try $0.isKnown(ChannelName("room-4"), through: .last) })
        log.log.close()
    }

    @Test("what is committed before a reading is found by it, across the end of a segment")
    func liveTail() throws {
        let log = try HistoryLog(segmentSizeBytes: 4 << 10)
        let end = Mutex<SequenceNumber?>(nil)
        let index = log.index { end.withLock { $0 } }
        try index.catchUp()
        #expect(try index.lines(ofMessage: HistoryLog.uuid(1)) == [])
        for number in 1...60 {
            let line = log.post(number, to: "room")
            #expect(try index.lines(ofMessage: HistoryLog.uuid(number)) == [], "not committed as far as it is told")
            end.withLock { $0 = line }
            #expect(try index.lines(ofMessage: HistoryLog.uuid(number)) == [line])
            #expect(try index.lines(ofMessage: HistoryLog.uuid(1)) == [SequenceNumber(1)])
        }
        #expect(log.segments.count > 3 && log.indexPaths.count == log.segments.count - 1)
        log.log.close()
    }

    @Test("until it has caught up once, it says how far it is, and gives no answer")
    func building() throws {
        let log = try HistoryLog.busy()
        let index = log.index()
        #expect(throws: IndexError.building(segments: 0, of: 0)) { try index.lines(ofMessage: HistoryLog.uuid(0)) }
        log.log.close()
    }

    // MARK: Damage

    @Test("an index file with any byte changed gives the same answers", arguments: [0, 1, 2])
    func damagedFile(file: Int) throws {
        let log = try HistoryLog.busy()
        _ = try log.readyIndex()
        let path = log.indexPaths[file]
        let intact = try #require(log.fileSystem.disk[path])
        for at in stride(from: 0, to: intact.count, by: 509) {
            try log.damage { $0[path]?[at] ^= 0x10 }
            try self.expectAll(try log.readyIndex(), log, "byte \(at)")
            #expect(log.fileSystem.disk[path] == intact, "byte \(at): it was made anew")
        }
    }

    @Test("a page that is damaged while the index is in use is found by the lookup that needs it")
    func damagedWhileOpen() throws {
        let log = try HistoryLog.busy()
        log.log.close()
        let index = try log.readyIndex()
        let path = log.indexPaths[1]
        let intact = try #require(log.fileSystem.disk[path])
        for page in 1..<intact.count / 4096 {
            let file = try log.fileSystem.open(path, .readAndWrite)
            try log.fileSystem.writeAll(file, [0xA5], at: UInt64(page * 4096 + 4))
            log.fileSystem.close(file)
            try self.expectAll(index, log, "page \(page)")
        }
        try self.expectAll(try log.readyIndex(), log)
    }

    @Test(
        "index files that are cut, empty, missing, swapped, or of another log are made anew",
        arguments: ["cut", "empty", "missing", "swapped", "other log"]
    )
    func wrongFile(kind: String) throws {
        let log = try HistoryLog.busy()
        _ = try log.readyIndex()
        let paths = log.indexPaths
        let intact = paths.map { log.fileSystem.disk[$0] }
        try log.damage { disk in
            switch kind {
            case "cut": disk[paths[0]] = disk[paths[0]].map { Array($0.prefix(5000)) }
            case "empty": disk[paths[0]] = []
            case "missing": disk[paths[0]] = nil
            case "swapped": (disk[paths[0]], disk[paths[1]]) = (disk[paths[1]], disk[paths[0]])
            default: disk[paths[0]]?[20] ^= 1
            }
        }
        try self.expectAll(try log.readyIndex(), log)
        #expect(paths.map { log.fileSystem.disk[$0] } == intact)
    }

    private func kept(_ log: HistoryLog) -> [FilePath] {
        log.fileSystem.disk.paths.filter { $0.string.hasSuffix(".replaced") }
    }

    @Test("an index whose pages are not what its header promises is kept; another version's is only made anew")
    func keepsWhatContradicts() throws {
        let log = try HistoryLog.busy()
        _ = try log.readyIndex()
        let path = log.indexPaths[0]
        try log.damage { disk in
            disk[path]?[IndexPage.sizeBytes + 20] ^= 1
            // The version, with a checksum that is right.
            guard var page = disk[log.indexPaths[1]]?.prefix(IndexPage.sizeBytes) else { return }
            page[IndexPage.checksumSizeBytes + 8] -= 1
            let checksum = IndexPage.checksum(
                page.span.extracting(IndexPage.checksumSizeBytes...),
                number: 0,
                base: log.segments[1].base.rawValue
            )
            var start: [UInt8] = []
            start.append(upTo: 4) { $0.append(bigEndian: checksum.byteSwapped) }
            page.replaceSubrange(0..<4, with: start)
            disk[log.indexPaths[1]]?.replaceSubrange(0..<IndexPage.sizeBytes, with: page)
        }
        try self.expectAll(try log.readyIndex(), log)
        #expect(self.kept(log) == [FilePath(path.string + ".replaced")])
    }

    @Test("a crash while index files are written, at any call, leaves nothing that is believed")
    func crashWhileWriting() throws {
        let source = try HistoryLog.busy()
        source.log.close()
        let disk = source.fileSystem.disk
        var call = 1
        var hasFailed = true
        while hasFailed {
            let fileSystem = FaultyFileSystem(disk)
            fileSystem.fail(.from(call: call), .torn(keeping: 100))
            let first = self.index(of: source, fileSystem)
            hasFailed = (try? first.catchUp()) == nil
            let after = FaultyFileSystem(fileSystem.disk)
            let index = self.index(of: source, after)
            try index.catchUp()
            #expect(try index.lines(ofMessage: HistoryLog.uuid(6)) == source.lines(ofMessage: 6), "call \(call)")
            call += 7
        }
        #expect(call > 100)
    }

    private func index(of log: HistoryLog, _ fileSystem: FaultyFileSystem) -> MessageIndex {
        let end = log.end
        return MessageIndex(
            TestLog.directory,
            logID: log.log.log.logID,
            end: { end },
            fileSystem: fileSystem,
            hash: .standard,
            logger: HistoryLog.logger
        )
    }

    @Test("a segment that was rewritten, as by an erasure, is indexed anew")
    func rewrittenSegment() throws {
        let log = try HistoryLog.busy(frameSizeBytes: 256)
        log.log.close()
        let index = try log.readyIndex()
        // The same lines, in one frame: nothing stands where it stood.
        let other = try HistoryLog.busy(frameSizeBytes: 1 << 20)
        other.log.close()
        let segment = log.segments[1]
        let path = TestLog.directory.appending("log").appending(segment.fileName)
        #expect(other.segments == log.segments)
        let bytes = try #require(other.fileSystem.disk[path])
        let file = try log.fileSystem.open(path, .replace)
        try log.fileSystem.writeAll(file, bytes, at: 0)
        log.fileSystem.close(file)
        try self.expectAll(index, log)
        try self.expectAll(try log.readyIndex(), log)
        #expect(self.kept(log) == [], "the index of the segment as it was tells nothing")
    }

    @Test("damage of the log itself is not hidden by the index")
    func damagedLog() throws {
        let log = try HistoryLog.busy()
        _ = try log.readyIndex()
        let path = TestLog.directory.appending("log").appending(log.segments[0].fileName)
        try log.damage { $0[path]?[400] ^= 1 }
        let index = try log.readyIndex()
        #expect(throws: EventLogError.self) {
            for number in stride(from: 0, to: 60, by: 6) { _ = try index.lines(ofMessage: HistoryLog.uuid(number)) }
        }
    }

    // MARK: Retention

    @Test("segments that were dropped are forgotten, and so are their index files")
    func retention() throws {
        let log = try HistoryLog.busy()
        log.log.close()
        let running = try log.readyIndex()
        let dropped = log.segments.prefix(2)
        let first = log.segments[2].base
        for segment in dropped {
            try log.fileSystem.remove(TestLog.directory.appending("log").appending(segment.fileName))
        }
        for index in [running, try log.readyIndex()] {
            for number in stride(from: 0, through: 234, by: 6) {
                let kept = try index.lines(ofMessage: HistoryLog.uuid(number))
                let expected = log.lines(ofMessage: number)
                // An erasure is found by a line that it names, so one of a line that was dropped is not.
                #expect(kept.allSatisfy { $0 >= first && expected.contains($0) })
                if let post = expected.first, post >= first { #expect(kept == expected) }
            }
        }
        #expect(log.indexPaths.count == log.segments.count - 1)
    }

    // MARK: Time

    @Test("a moment's line is the one that a search through all lines finds, also when the clock was set")
    func time() throws {
        let log = try HistoryLog(segmentSizeBytes: 2 << 10, frameSizeBytes: 600)
        var times: [Int64] = []
        for number in 1...80 {
            // Every ten lines, the clock goes back by seven; for a while it is far ahead, then far behind.
            let step: Int64 = 40..<44 ~= number ? 100_000 : 60..<64 ~= number ? -100_000 : 0
            times.append(Int64(number - number / 10 * 7) + step)
            log.post(number, to: "room", time: HistoryLog.time(of: Int(times[number - 1])))
        }
        #expect(log.segments.count > 5)
        let index = try log.readyIndex()
        for moment in 0...40 {
            var search = MomentSearch(HistoryLog.time(of: moment))
            for (index, time) in times.enumerated() {
                search.take(HistoryLog.time(of: Int(time)), at: SequenceNumber(UInt64(index) + 1))
            }
            let found = try index.read { try $0.lastLine(through: HistoryLog.time(of: moment)) }
            let expected = try #require(search.result).rawValue
            #expect(found?.rawValue ?? 0 == expected, "moment \(moment)")
        }
        log.log.close()
    }
}
