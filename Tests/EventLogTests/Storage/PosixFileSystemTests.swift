import Foundation
import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("PosixFileSystem")
struct PosixFileSystemTests {
    /// Calls `body` with the path of a directory that is removed afterwards.
    private func withDirectory(_ body: (FilePath) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "eventlog-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: url) }
        try body(FilePath(url.path))
    }

    @Test("a log on a real disk is read back, by a follower too, and a second writer is refused")
    func realLog() throws {
        try self.withDirectory { directory in
            let data = directory.appending("data")
            let fileSystem = PosixFileSystem()
            let log = try TestLog(fileSystem, TestLog.configuration(segmentSizeBytes: 400), directory: data)
            let follower = Follower(LogFollower(data, fileSystem: fileSystem) { false })
            for number in 1...5 {
                log.commit(TestLog.batch("text \(number)"))
                #expect(try follower.next() == UInt64(number))
            }
            #expect(throws: EventLogError.locked(data.appending("lock"))) {
                try TestLog(fileSystem, directory: data)
            }
            log.close()
            #expect(try TestLog.lines(fileSystem, directory: data).count == 5)
            let again = try TestLog(fileSystem, directory: data)
            #expect(again.recovery.wasClosedCleanly && again.recovery.end == SequenceNumber(5))
            #expect(again.recovery.segmentCount > 1)
            again.close()
        }
    }

    @Test("calls do what the protocol says")
    func calls() throws {
        try self.withDirectory { directory in
            let fileSystem = PosixFileSystem()
            let folder = directory.appending("folder")
            #expect(try fileSystem.createDirectory(folder))
            #expect(try !fileSystem.createDirectory(folder))
            let path = folder.appending("file")
            let file = try fileSystem.open(path, .create)
            #expect(throws: FileSystemError(.open, path, .fileExists)) { try fileSystem.open(path, .create) }
            let part: [UInt8] = [1, 2, 3, 4]
            #expect(try fileSystem.write(file, part.span, at: 2) == 4)
            #expect(try fileSystem.size(file) == 6)
            try fileSystem.truncate(file, to: 3)
            try fileSystem.sync(file)
            var buffer: [UInt8] = [9, 9, 9, 9, 9]
            #expect(try fileSystem.read(file, into: &buffer, from: 0, at: 1) == 2)
            #expect(buffer == [0, 1, 9, 9, 9])
            try fileSystem.rename(path, to: folder.appending("other"))
            try fileSystem.syncDirectory(folder)
            #expect(try fileSystem.list(folder) == ["other"])
            fileSystem.close(file)
            #expect(throws: FileSystemError(.open, path, .noSuchFileOrDirectory)) { try fileSystem.open(path, .read) }
            #expect(throws: FileSystemError(.list, path, .noSuchFileOrDirectory)) { try fileSystem.list(path) }
            let replaced = try fileSystem.open(folder.appending("other"), .replace)
            #expect(try fileSystem.size(replaced) == 0)
            fileSystem.close(replaced)
        }
    }

    @Test("a lock is held until it is closed")
    func locks() throws {
        try self.withDirectory { directory in
            let fileSystem = PosixFileSystem()
            let path = directory.appending("lock")
            let lock = try #require(try fileSystem.lock(path))
            #expect(try fileSystem.lock(path) == nil)
            fileSystem.close(lock)
            fileSystem.close(try #require(try fileSystem.lock(path)))
        }
    }
}
