import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("The note of how far the log was synced")
struct SyncedNoteTests {
    static let path: FilePath = "/data/synced"

    static func closedLog() throws -> Disk {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk)
        for text in ["a", "b", "c"] { log.commit(TestLog.batch(text)) }
        log.close()
        return disk.disk
    }

    @Test("a clean stop notes the last line and the root, also of an empty log")
    func cleanStop() throws {
        let note = try #require(try SyncedNote.read(in: "/data", FaultyFileSystem(try Self.closedLog())))
        #expect(note.end == SequenceNumber(3))
        #expect(note.root == (try TestLog(FaultyFileSystem(try Self.closedLog())).recovery.frontier.root))
        let disk = FaultyFileSystem()
        try TestLog(disk).close()
        #expect(try SyncedNote.read(in: "/data", disk)?.end == .start)
        try TestLog(disk).close()
    }

    @Test("a checkpoint notes what was committed before it")
    func checkpoint() throws {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk)
        log.commit(TestLog.batch("a", "b"))
        log.log.noteSynced()
        log.commit(TestLog.batch("c"))
        #expect(try SyncedNote.read(in: "/data", disk)?.end == SequenceNumber(2))
        log.close()
    }

    @Test("a log that ends before the noted line is refused, wherever it was cut, and not changed")
    func endsEarlier() throws {
        let whole = try Self.closedLog()
        let path = TestLog.path(ofSegment: 1)
        let bytes = try #require(whole[path])
        // The last 8 bytes are the end mark, which recovery makes anew.
        for size in 0..<bytes.count - 8 {
            var disk = whole
            disk[path] = Array(bytes[..<size])
            let fileSystem = FaultyFileSystem(disk)
            let error = #expect(throws: EventLogError.self, "cut at \(size)") { try TestLog(fileSystem) }
            guard case .endsBeforeSynced(let synced, _)? = error else {
                Issue.record("cut at \(size): \(String(describing: error))")
                continue
            }
            #expect(synced == SequenceNumber(3))
            #expect(fileSystem.disk[path] == disk[path])
            #expect(fileSystem.disk.paths.allSatisfy { !$0.string.hasSuffix(".torn") })
        }
    }

    @Test("a log without its last segment is refused")
    func lostSegment() throws {
        let fileSystem = FaultyFileSystem()
        let log = try TestLog(fileSystem, TestLog.configuration(segmentSizeBytes: 1))
        for text in ["a", "b"] { log.commit(TestLog.batch(text)) }
        log.close()
        for lost in [[UInt64(2)], [1, 2]] {
            var disk = fileSystem.disk
            for base in lost { disk[TestLog.path(ofSegment: base)] = nil }
            let end = lost.count == 1 ? SequenceNumber.first : nil
            #expect(throws: EventLogError.endsBeforeSynced(synced: SequenceNumber(2), end: end)) {
                try TestLog(FaultyFileSystem(disk))
            }
        }
    }

    @Test("a log with other lines up to the noted one is refused")
    func otherLines() throws {
        let other = FaultyFileSystem()
        let log = try TestLog(other)
        for text in ["a", "X", "c"] { log.commit(TestLog.batch(text)) }
        log.close()
        var disk = other.disk
        disk[Self.path] = try Self.closedLog()[Self.path]
        #expect(throws: EventLogError.differsFromSynced(SequenceNumber(3))) { try TestLog(FaultyFileSystem(disk)) }
    }

    @Test("a note with any byte changed or missing is an error")
    func damaged() throws {
        let whole = try Self.closedLog()
        let bytes = try #require(whole[Self.path])
        for at in bytes.indices {
            var flipped = whole
            flipped[Self.path]?[at] ^= 1
            #expect(throws: EventLogError.self, "byte \(at)") { try TestLog(FaultyFileSystem(flipped)) }
            var cut = whole
            cut[Self.path] = Array(bytes[..<at])
            #expect(throws: EventLogError.syncedNoteUnreadable(Self.path)) { try TestLog(FaultyFileSystem(cut)) }
        }
    }

    @Test("a note of another log is an error")
    func otherLog() throws {
        var disk = try Self.closedLog()
        disk[Self.path] = SyncedNote(logID: "other", end: SequenceNumber(3), root: .ofNothing).text
        #expect(throws: EventLogError.syncedNoteUnreadable(Self.path)) { try TestLog(FaultyFileSystem(disk)) }
    }
}
