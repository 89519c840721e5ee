import EventLog
import LogValues
import SystemPackage

/// The operating system's files on a disk whose sync takes as long as is asked for, and does nothing else: so figures do not
/// depend on the disk of the machine, nor on who else uses it.
struct DelayedSyncFileSystem: FileSystem {
    private let files = PosixFileSystem()
    let delay: Duration

    func sync(_ file: OpenFile) throws(FileSystemError) {
        if self.delay > .zero { PosixClock.sleep(for: self.delay) }
    }

    func flushDirectory(_ path: FilePath) throws(FileSystemError) {}

    func createDirectory(_ path: FilePath) throws(FileSystemError) -> Bool { try self.files.createDirectory(path) }

    func list(_ directory: FilePath) throws(FileSystemError) -> [String] { try self.files.list(directory) }

    func open(_ path: FilePath, _ access: FileAccess) throws(FileSystemError) -> OpenFile {
        try self.files.open(path, access)
    }

    func size(_ file: OpenFile) throws(FileSystemError) -> UInt64 { try self.files.size(file) }

    func read(_ file: OpenFile, into bytes: inout MutableSpan<UInt8>, at offset: UInt64) throws(FileSystemError) -> Int
    {
        try self.files.read(file, into: &bytes, at: offset)
    }

    func write(_ file: OpenFile, _ bytes: Bytes, at offset: UInt64) throws(FileSystemError) -> Int {
        try self.files.write(file, bytes, at: offset)
    }

    func truncate(_ file: OpenFile, to size: UInt64) throws(FileSystemError) { try self.files.truncate(file, to: size) }

    func close(_ file: OpenFile) { self.files.close(file) }

    func rename(_ path: FilePath, to target: FilePath) throws(FileSystemError) {
        try self.files.rename(path, to: target)
    }

    func remove(_ path: FilePath) throws(FileSystemError) { try self.files.remove(path) }

    func lock(_ path: FilePath) throws(FileSystemError) -> OpenFile? { try self.files.lock(path) }

    func lockDirectory(_ path: FilePath) throws(FileSystemError) -> OpenFile? { try self.files.lockDirectory(path) }

    func status(of path: FilePath) throws(FileSystemError) -> FileStatus { try self.files.status(of: path) }

    func status(of file: OpenFile) throws(FileSystemError) -> FileStatus { try self.files.status(of: file) }

    func setOwner(_ status: FileStatus, of file: OpenFile) throws(FileSystemError) {
        try self.files.setOwner(status, of: file)
    }

    func linkTarget(of path: FilePath) throws(FileSystemError) -> FilePath? { try self.files.linkTarget(of: path) }
}
