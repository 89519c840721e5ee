package import EventLog
package import LogValues
package import SystemPackage

/// A file system in front of another one, which does as that one does wherever it says nothing else.
package protocol FileSystemLayer: FileSystem {
    associatedtype Disk: FileSystem

    var disk: Disk { get }
}

extension FileSystemLayer {
    package func sync(_ file: OpenFile) throws(FileSystemError) { try self.disk.sync(file) }

    package func createDirectory(_ path: FilePath) throws(FileSystemError) -> Bool {
        try self.disk.createDirectory(path)
    }

    package func list(_ directory: FilePath) throws(FileSystemError) -> [String] { try self.disk.list(directory) }

    package func open(_ path: FilePath, _ access: FileAccess) throws(FileSystemError) -> OpenFile {
        try self.disk.open(path, access)
    }

    package func size(_ file: OpenFile) throws(FileSystemError) -> UInt64 { try self.disk.size(file) }

    package func read(
        _ file: OpenFile,
        into bytes: inout MutableSpan<UInt8>,
        at offset: UInt64
    ) throws(FileSystemError) -> Int { try self.disk.read(file, into: &bytes, at: offset) }

    package func write(_ file: OpenFile, _ bytes: Bytes, at offset: UInt64) throws(FileSystemError)
        -> Int
    {
        try self.disk.write(file, bytes, at: offset)
    }

    package func truncate(_ file: OpenFile, to size: UInt64) throws(FileSystemError) {
        try self.disk.truncate(file, to: size)
    }

    package func close(_ file: OpenFile) { self.disk.close(file) }

    package func rename(_ path: FilePath, to target: FilePath) throws(FileSystemError) {
        try self.disk.rename(path, to: target)
    }

    package func remove(_ path: FilePath) throws(FileSystemError) { try self.disk.remove(path) }

    package func flushDirectory(_ path: FilePath) throws(FileSystemError) { try self.disk.flushDirectory(path) }

    package func lock(_ path: FilePath) throws(FileSystemError) -> OpenFile? { try self.disk.lock(path) }

    package func lockDirectory(_ path: FilePath) throws(FileSystemError) -> OpenFile? {
        try self.disk.lockDirectory(path)
    }

    package func status(of path: FilePath) throws(FileSystemError) -> FileStatus { try self.disk.status(of: path) }

    package func status(of file: OpenFile) throws(FileSystemError) -> FileStatus { try self.disk.status(of: file) }

    package func setOwner(_ status: FileStatus, of file: OpenFile) throws(FileSystemError) {
        try self.disk.setOwner(status, of: file)
    }

    package func linkTarget(of path: FilePath) throws(FileSystemError) -> FilePath? {
        try self.disk.linkTarget(of: path)
    }
}
