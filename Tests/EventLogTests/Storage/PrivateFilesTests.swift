import Foundation
import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Who may get at the files", .serialized)
struct PrivateFilesTests {
    private let fileSystem = PosixFileSystem()

    /// Calls `body` with the path of a directory that is removed afterwards.
    private func withDirectory(_ body: (FilePath) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "private-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: url) }
        try body(FilePath(url.path))
    }

    private func permissions(below directory: FilePath) throws -> [String: UInt16] {
        var modes: [String: UInt16] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: directory.string) {
            modes[path] = try self.fileSystem.status(of: directory.pushing(FilePath(path))).permissions
        }
        return modes
    }

    @Test("what a log is made of is its owner's alone, whatever the umask", arguments: [0o000, 0o022])
    func modes(mask: Int) throws {
        try self.withDirectory { directory in
            let data = directory.appending("data")
            let old = umask(mode_t(mask))
            defer { _ = umask(old) }
            let log = try TestLog(self.fileSystem, TestLog.configuration(segmentSizeBytes: 400), directory: data)
            for number in 1...5 { log.commit(TestLog.batch("text \(number)")) }
            log.log.noteSynced()
            log.close()
            let erasure = LogErasure(data, logID: log.log.logID)
            try erasure.begin(after: SequenceNumber(5))
            for (path, mode) in try self.permissions(below: directory) {
                #expect(mode & 0o077 == 0, "\(path) has mode \(String(mode, radix: 8))")
            }
        }
    }

    @Test("a file that takes another's place has its mode")
    func adoptedMode() throws {
        try self.withDirectory { directory in
            let path = directory.appending("note")
            try self.fileSystem.replaceFile(at: path, with: [1])
            var status = try self.fileSystem.status(of: path)
            #expect(status.permissions == 0o600)
            let file = try self.fileSystem.open(path, .readAndWrite)
            status.permissions = 0o640
            try self.fileSystem.setOwner(status, of: file)
            self.fileSystem.close(file)
            try self.fileSystem.replaceFile(at: path, with: [1, 2])
            let replaced = try self.fileSystem.status(of: path)
            #expect(replaced.permissions == 0o640)
            #expect(replaced.identity != status.identity)
        }
    }

    @Test("what root makes in another user's directory belongs to that user", .enabled(if: geteuid() == 0))
    func ownerOfDirectory() throws {
        try self.withDirectory { directory in
            unsafe #expect(chown(directory.string, 65_534, 65_533) == 0)
            _ = try self.fileSystem.createDirectory(directory.appending("folder"))
            self.fileSystem.close(try self.fileSystem.open(directory.appending("folder/new"), .create))
            self.fileSystem.close(try self.fileSystem.open(directory.appending("other"), .replace))
            for path in ["folder", "folder/new", "other"] {
                let status = try self.fileSystem.status(of: directory.pushing(FilePath(path)))
                #expect(status.owner == 65_534 && status.group == 65_533, "\(path)")
            }
            // What was there before is nobody's to give away.
            let path = directory.appending("other")
            unsafe #expect(chown(path.string, 0, 0) == 0)
            self.fileSystem.close(try self.fileSystem.open(path, .replace))
            let status = try self.fileSystem.status(of: path)
            #expect(status.owner == 0)
        }
    }

    @Test("nothing is emptied through a symbolic link")
    func replaceThroughLink() throws {
        try self.withDirectory { directory in
            let target = directory.appending("target")
            try self.fileSystem.replaceFile(at: target, with: [1, 2, 3])
            unsafe #expect(symlink(target.string, directory.appending("link").string) == 0)
            #expect(throws: FileSystemError.self) { try self.fileSystem.open(directory.appending("link"), .replace) }
            let bytes = try self.fileSystem.contents(of: target, limit: 10)
            #expect(bytes?.count == 3)
        }
    }
}
