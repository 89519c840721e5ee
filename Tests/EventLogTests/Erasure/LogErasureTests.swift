import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("Erasing contents")
struct LogErasureTests {
    private let fileSystem = FaultyFileSystem()

    @Test(
        "lines lose salt and content, keep all else, and the tree stays what it was",
        arguments: [
            Durability.always, .interval(.seconds(100)), .os,
        ]
    )
    func redactedForm(durability: Durability) throws {
        let log = try ErasedLog(self.fileSystem, durability)
        log.fill()
        let before = try TestLog.lines(self.fileSystem)
        let root = try #require(log.log.commits.last).root
        let report = try #require(try log.erase(2, 5, 9))
        #expect(report.erasedCount == 3)
        #expect(report.orders == [SequenceNumber(10)])
        let after = try TestLog.lines(self.fileSystem)
        #expect(try ErasedLog.filesWithSecret(on: self.fileSystem.disk).isEmpty)
        for (index, (old, new)) in zip(before, after).enumerated() {
            if [1, 4, 8].contains(index) {
                #expect(new == Self.redacted(old))
            } else {
                #expect(new == old)
            }
        }
        #expect(try Self.root(of: after.prefix(before.count)) == root)
        #expect(try !log.erasure.isPending())
    }

    @Test("a line of the live segment is erased too: that segment is ended, and the log goes on in the next one")
    func liveSegment() throws {
        let log = try ErasedLog(self.fileSystem, segmentSizeBytes: 1 << 20)
        log.fill()
        let report = try #require(try log.erase(9))
        #expect(report.segments.map(\.base) == [.first])
        log.log.commit(TestLog.batch("goes on"))
        log.log.close()
        let reopened = try ErasedLog(self.fileSystem, segmentSizeBytes: 1 << 20)
        #expect(reopened.log.recovery.end == SequenceNumber(11))
        #expect(reopened.log.recovery.segmentCount == 2)
        #expect(try TestLog.lines(self.fileSystem).count == 11)
    }

    @Test("only segments that hold such a line are written anew")
    func otherSegments() throws {
        let log = try ErasedLog(self.fileSystem)
        log.fill()
        let names = try SegmentCatalog(TestLog.directory, fileSystem: self.fileSystem).segments
        try #require(names.count > 2)
        let before = self.fileSystem.disk
        let report = try #require(try log.erase(2))
        #expect(report.segments == [names[0]])
        for name in names.dropFirst().dropLast() {
            let path = TestLog.path(ofSegment: name.base.rawValue)
            #expect(self.fileSystem.disk[path] == before[path])
        }
    }

    @Test("commits stay commits: a proposal is whole in what a reader sees of a cut file")
    func proposals() throws {
        let log = try ErasedLog(self.fileSystem, segmentSizeBytes: 1 << 20)
        log.fill()
        _ = try log.erase(5)
        let path = TestLog.path(ofSegment: 1)
        let bytes = try #require(self.fileSystem.disk[path])
        for size in 0..<bytes.count {
            let cut = FaultyFileSystem(Disk())
            _ = try cut.createDirectory(TestLog.directory.appending("log"))
            let file = try cut.open(path, .create)
            try cut.writeAll(file, Array(bytes.prefix(size)), at: 0)
            let count = (try? TestLog.lines(cut))?.count ?? 0
            #expect(![4, 5].contains(count), "cut at \(size)")
        }
        #expect(try TestLog.lines(self.fileSystem).count == 10)
    }

    @Test("what was erased before, lines without content, and lines behind the order are left alone")
    func nothingToDo() throws {
        let log = try ErasedLog(self.fileSystem)
        log.fill()
        _ = try log.erase(2)
        let before = self.fileSystem.disk
        let report = try #require(try log.erase(2, 3, 1_000))
        #expect(report.erasedCount == 0)
        #expect(report.segments.isEmpty)
        #expect(self.fileSystem.disk[TestLog.path(ofSegment: 1)] == before[TestLog.path(ofSegment: 1)])
        #expect(!self.fileSystem.disk.paths.contains { $0.string.hasSuffix(".erasing") })
    }

    @Test("torn tails go as well, and are named")
    func tornTails() throws {
        let log = try ErasedLog(self.fileSystem)
        log.fill()
        log.log.close()
        let segment = try #require(try SegmentCatalog(TestLog.directory, fileSystem: self.fileSystem).segments.last)
        var disk = self.fileSystem.disk
        disk.append(Array("torn: \(ErasedLog.secret)".utf8), to: TestLog.path(ofSegment: segment.base.rawValue))
        let fileSystem = FaultyFileSystem(disk)
        let reopened = try ErasedLog(fileSystem)
        #expect(reopened.log.recovery.cut != nil)
        let report = try #require(try reopened.erase(2, 5, 9))
        #expect(report.removed == ["log/\(segment.fileName).torn"])
        #expect(try ErasedLog.filesWithSecret(on: fileSystem.disk).isEmpty)
    }

    @Test("a damaged segment is refused, left as it is, and the erasure stays pending")
    func damagedSegment() throws {
        let log = try ErasedLog(self.fileSystem)
        log.fill()
        log.log.close()
        var disk = self.fileSystem.disk
        var bytes = try #require(disk[TestLog.path(ofSegment: 1)])
        bytes[bytes.count - 12] ^= 1
        disk[TestLog.path(ofSegment: 1)] = bytes
        let fileSystem = FaultyFileSystem(disk)
        let reopened = try ErasedLog(fileSystem)
        #expect(throws: EventLogError.self) { try reopened.erase(2) }
        #expect(fileSystem.disk[TestLog.path(ofSegment: 1)] == bytes)
        #expect(try reopened.erasure.isPending())
    }

    @Test("nothing begun, nothing done; begun but not ordered, forgotten")
    func notBegun() throws {
        let log = try ErasedLog(self.fileSystem)
        log.fill()
        #expect(try log.finish() == nil)
        try log.erasure.begin(after: log.log.log.end)
        #expect(try log.finish() == LogErasure.Report())
        #expect(try !log.erasure.isPending())
    }

    @Test("two orders that were begun one after the other are both carried out")
    func twoOrders() throws {
        let log = try ErasedLog(self.fileSystem)
        log.fill()
        for line in ["erase 2", "erase 5"] {
            try log.erasure.begin(after: log.log.log.end)
            log.log.commit(TestLog.batch(line, isPlain: true))
        }
        let report = try #require(try log.finish())
        #expect(report.orders == [SequenceNumber(10), SequenceNumber(11)])
        #expect(report.erasedCount == 2)
    }

    @Test("an unreadable file `erasure` makes every order be looked at again")
    func unreadableIntent() throws {
        let log = try ErasedLog(self.fileSystem)
        log.fill()
        log.log.commit(TestLog.batch("erase 2", isPlain: true))
        log.log.close()
        var disk = self.fileSystem.disk
        disk["/data/erasure"] = Array("{\"log\":\"other".utf8)
        let fileSystem = FaultyFileSystem(disk)
        let report = try #require(try ErasedLog(fileSystem).finish())
        #expect(report.erasedCount == 1)
    }

    @Test("sealing after a failure says why nothing is committed any more, and after the end that it is closed")
    func sealingFails() throws {
        let log = try ErasedLog(self.fileSystem)
        log.fill()
        self.fileSystem.fail(.every(.sync))
        log.log.commit(TestLog.batch("x"))
        #expect(throws: EventLogError.self) { try log.log.log.seal(.first) }
        log.log.close()
        let reopened = try ErasedLog(FaultyFileSystem(self.fileSystem.disk))
        reopened.log.close()
        #expect(throws: EventLogError.closed) { try reopened.log.log.seal(.first) }
    }

    private static func redacted(_ line: String) -> String? {
        var redacted: [UInt8] = []
        let text = Array(line.utf8)
        try? Redaction.redact(text.span, into: &redacted)
        return String(decoding: redacted, as: UTF8.self)
    }

    static func root(of lines: some Sequence<String>) throws -> Hash256 {
        var frontier = Frontier()
        var scratch: [UInt8] = []
        for line in lines {
            frontier.append(
                leaf: try Redaction.leafHash(of: line.utf8Span.span, scratch: &scratch)
            )
        }
        return frontier.root
    }
}
