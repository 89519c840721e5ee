import LogValues
import SystemPackage
import TestSupport

@testable import EventLog

/// A disk in memory whose syncs wait until a test lets them go.
final class HeldSyncs: FileSystem {
    private struct State {
        var isHolding = false
        var waiting = 0
        /// Syncs that may go on, and those of them that fail.
        var released = 0
        var failing: FileSystemError?
    }

    let disk: FaultyFileSystem
    private let state = Monitor(State())

    init(_ disk: FaultyFileSystem) {
        self.disk = disk
    }

    /// From now on every sync of a file waits.
    func hold() {
        self.state.withLock { $0.isHolding = true }
    }

    /// Returns once a sync waits.
    func waitForSync() {
        self.state.waitUntilFound { $0.waiting > 0 ? .found(()) : .wait(until: nil) }
    }

    /// Lets one sync go, which fails if an error is given.
    func release(_ error: FileSystemError? = nil) {
        self.state.withLock { state in
            state.waiting -= 1
            state.released += 1
            state.failing = error
        }
        self.state.signal()
    }

    /// From now on no sync waits, nor those that do.
    func letGo() {
        self.state.withLock { $0.isHolding = false }
        self.state.signal()
    }

    func sync(_ file: OpenFile) throws(FileSystemError) {
        self.state.withLock { if $0.isHolding { $0.waiting += 1 } }
        self.state.signal()
        let failure = self.state.waitUntilFound { state -> Monitor<State>.Look<FileSystemError?> in
            if state.isHolding, state.released == 0 { return .wait(until: nil) }
            if state.released > 0 { state.released -= 1 }
            return .found(state.failing.take())
        }
        if let failure { throw failure }
        try self.disk.sync(file)
    }

    func createDirectory(_ path: FilePath) throws(FileSystemError) -> Bool { try self.disk.createDirectory(path) }

    func list(_ directory: FilePath) throws(FileSystemError) -> [String] { try self.disk.list(directory) }

    func open(_ path: FilePath, _ access: FileAccess) throws(FileSystemError) -> OpenFile {
        try self.disk.open(path, access)
    }

    func size(_ file: OpenFile) throws(FileSystemError) -> UInt64 { try self.disk.size(file) }

    func read(_ file: OpenFile, into bytes: inout MutableSpan<UInt8>, at offset: UInt64) throws(FileSystemError) -> Int
    {
        try self.disk.read(file, into: &bytes, at: offset)
    }

    func write(_ file: OpenFile, _ bytes: Bytes, at offset: UInt64) throws(FileSystemError) -> Int {
        try self.disk.write(file, bytes, at: offset)
    }

    func truncate(_ file: OpenFile, to size: UInt64) throws(FileSystemError) { try self.disk.truncate(file, to: size) }

    func close(_ file: OpenFile) { self.disk.close(file) }

    func rename(_ path: FilePath, to target: FilePath) throws(FileSystemError) {
        try self.disk.rename(path, to: target)
    }

    func remove(_ path: FilePath) throws(FileSystemError) { try self.disk.remove(path) }

    func flushDirectory(_ path: FilePath) throws(FileSystemError) { try self.disk.flushDirectory(path) }

    func lock(_ path: FilePath) throws(FileSystemError) -> OpenFile? { try self.disk.lock(path) }

    func lockDirectory(_ path: FilePath) throws(FileSystemError) -> OpenFile? { try self.disk.lockDirectory(path) }

    func status(of path: FilePath) throws(FileSystemError) -> FileStatus { try self.disk.status(of: path) }

    func status(of file: OpenFile) throws(FileSystemError) -> FileStatus { try self.disk.status(of: file) }

    func setOwner(_ status: FileStatus, of file: OpenFile) throws(FileSystemError) {
        try self.disk.setOwner(status, of: file)
    }

    func linkTarget(of path: FilePath) throws(FileSystemError) -> FilePath? { try self.disk.linkTarget(of: path) }
}
