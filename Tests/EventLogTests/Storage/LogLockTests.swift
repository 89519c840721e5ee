import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("The lock of a log")
struct LogLockTests {
    private let disk = FaultyFileSystem()
    private let path = TestLog.directory.appending("lock")

    @Test("where the lock's file was removed, a second process is refused all the same")
    func removedFile() throws {
        let log = try TestLog(self.disk)
        try self.disk.remove(self.path)
        #expect(throws: EventLogError.locked(TestLog.directory)) { try TestLog(self.disk) }
        log.close()
        try TestLog(self.disk).close()
    }

    @Test("a log whose lock was removed takes nothing any more at its next segment, and touches no file")
    func noticedAtNextSegment() throws {
        let log = try TestLog(self.disk, TestLog.configuration(segmentSizeBytes: 400))
        log.commit(TestLog.batch("first"))
        try self.disk.remove(self.path)
        var before: [UInt8] = []
        for number in 0..<20 where log.failures.isEmpty {
            before = try #require(self.disk.disk[TestLog.path(ofSegment: 1)])
            log.commit(TestLog.batch("text \(number)"))
        }
        #expect(log.failures.map(\.error) == [.lockLost(self.path)])
        let after = try #require(self.disk.disk[TestLog.path(ofSegment: 1)])
        #expect(after == before)
        log.close()
    }

    @Test("a log whose lock another process has replaced says so at the next checkpoint, and notes nothing")
    func noticedAtNote() throws {
        let log = try TestLog(self.disk)
        log.commit(TestLog.batch("first"))
        try self.disk.remove(self.path)
        self.disk.close(try self.disk.open(self.path, .create))
        log.log.noteSynced()
        log.close()
        let failure = try #require(log.log.failure)
        #expect(failure == .lockLost(self.path))
        #expect(!self.disk.disk.paths.contains(TestLog.directory.appending("synced")))
    }

    @Test("a file system without locks on directories has the one on the file")
    func withoutDirectoryLocks() throws {
        // The first is the file's, the second the directory's.
        _ = try self.disk.createDirectory(TestLog.directory)
        let before = self.disk.callCount
        _ = try LogLock.take(in: TestLog.directory, self.disk)
        let calls = self.disk.callCount - before
        let other = FaultyFileSystem()
        _ = try other.createDirectory(TestLog.directory)
        other.fail(.at(call: other.callCount + calls), .error(.badFileDescriptor))
        let lock = try LogLock.take(in: TestLog.directory, other)
        #expect(throws: EventLogError.locked(self.path)) { try LogLock.take(in: TestLog.directory, other) }
        lock.release()
        #expect(other.openCount == 0)
    }
}
