package import EventLog
package import LogValues
import Synchronization
package import SystemPackage

/// A disk in memory that fails on command, and that can be looked at as after a power failure.
///
/// Calls are counted from 1, reads included, so that a test can make each of them fail in turn.
package final class FaultyFileSystem: FileSystem {
    /// What happens at a call.
    package enum Fault: Sendable {
        /// The call does nothing and fails.
        case error(Errno)
        /// A write takes only so many bytes, at least one, and says so; other calls are not touched.
        case short(Int)
        /// A write puts down only so many bytes and fails; other calls do nothing and fail.
        case torn(keeping: Int)
    }

    /// When a fault happens.
    package enum Moment: Sendable {
        case at(call: Int)
        case from(call: Int)
        /// At every call of this kind from now on.
        case every(FileSystemError.Operation)
        /// Once, at the next call of this kind.
        case next(FileSystemError.Operation)
    }

    fileprivate struct State {
        var disk: Disk
        var open: [Int32: Int] = [:]
        /// Nodes by descriptor.
        var locked: [Int32: Int] = [:]
        var lockedDirectories: [Int32: FilePath] = [:]
        var nextDescriptor: Int32 = 3
        var callCount = 0
        var counts: [FileSystemError.Operation: Int] = [:]
        var faults: [(Moment, Fault)] = []
        /// Files that take nothing any more.
        var refusing: Set<String> = []
        /// Bytes that still fit on the disk.
        var room = Int.max
    }

    private let state: Mutex<State>

    package init(_ disk: Disk = Disk()) {
        self.state = Mutex(State(disk: disk))
    }

    /// The disk as the running system sees it.
    package var disk: Disk { self.state.withLock { $0.disk } }
    /// Calls so far, `close` left out.
    package var callCount: Int { self.state.withLock { $0.callCount } }

    package func count(of operation: FileSystemError.Operation) -> Int {
        self.state.withLock { $0.counts[operation, default: 0] }
    }

    package func fail(_ moment: Moment, _ fault: Fault = .error(.ioError)) {
        self.state.withLock { $0.faults.append((moment, fault)) }
    }

    package func healAll() {
        self.state.withLock { $0.faults.removeAll() }
    }

    /// From now on every write to a file fails.
    package func refuseWrites(to path: FilePath) {
        self.state.withLock { _ = $0.refusing.insert(path.string) }
    }

    /// From now on the disk takes so many bytes more; the write that crosses the end is short.
    package func limitRoom(to bytes: Int) {
        self.state.withLock { $0.room = bytes }
    }

    package func createDirectory(_ path: FilePath) throws(FileSystemError) -> Bool {
        try self.call(.createDirectory, path) { state throws(FileSystemError) in
            state.disk.makeDirectory(path)
        }
    }

    package func list(_ directory: FilePath) throws(FileSystemError) -> [String] {
        try self.call(.list, directory) { state throws(FileSystemError) in
            guard let names = state.disk.names(in: directory) else {
                throw FileSystemError(.list, directory, .noSuchFileOrDirectory)
            }
            return names
        }
    }

    package func open(_ path: FilePath, _ access: FileAccess) throws(FileSystemError) -> OpenFile {
        try self.call(.open, path) { state throws(FileSystemError) in
            let found = state.disk.node(at: path)
            let node: Int
            switch (access, found) {
            case (.read, let found?), (.readAndWrite, let found?):
                node = found
            case (.replace, let found?):
                state.disk.truncate(found, to: 0)
                node = found
            case (.create, .some):
                throw FileSystemError(.open, path, .fileExists)
            case (.create, nil), (.replace, nil):
                node = state.disk.makeFile(at: path)
            case (.read, nil), (.readAndWrite, nil):
                throw FileSystemError(.open, path, .noSuchFileOrDirectory)
            }
            return state.add(node, path)
        }
    }

    package func size(_ file: OpenFile) throws(FileSystemError) -> UInt64 {
        try self.call(.size, file.path) { state throws(FileSystemError) in
            UInt64(state.disk.bytes(of: try state.node(of: file, .size)).count)
        }
    }

    package func read(
        _ file: OpenFile,
        into target: inout MutableSpan<UInt8>,
        at offset: UInt64
    ) throws(FileSystemError) -> Int {
        let bytes = try self.call(.read, file.path) { state throws(FileSystemError) in
            state.disk.bytes(of: try state.node(of: file, .read))
        }
        let part = bytes.dropFirst(Int(clamping: offset)).prefix(target.count)
        // In one piece, as what is written is.
        unsafe target.withUnsafeMutableBytes { unsafe $0.copyBytes(from: part) }
        return part.count
    }

    package func write(
        _ file: OpenFile,
        _ bytes: Bytes,
        at offset: UInt64
    ) throws(FileSystemError) -> Int {
        let given = Array(bytes)
        return try self.state.withLock { state throws(FileSystemError) in
            let node = try state.node(of: file, .write)
            guard !state.refusing.contains(file.path.string) else { throw FileSystemError(.write, file.path, .ioError) }
            var count = min(given.count, state.room)
            var failure: Errno?
            switch state.count(.write) {
            case .error(let code):
                count = 0
                failure = code
            case .short(let limit):
                count = min(count, max(limit, 1))
            case .torn(let limit):
                count = min(count, limit)
                failure = .ioError
            case nil:
                if count == 0 { failure = .noSpace }
            }
            state.disk.write(given.prefix(count), to: node, at: Int(offset))
            state.room -= count
            if let failure { throw FileSystemError(.write, file.path, failure) }
            return count
        }
    }

    package func truncate(_ file: OpenFile, to size: UInt64) throws(FileSystemError) {
        try self.call(.truncate, file.path) { state throws(FileSystemError) in
            state.disk.truncate(try state.node(of: file, .truncate), to: Int(clamping: size))
        }
    }

    package func sync(_ file: OpenFile) throws(FileSystemError) {
        try self.call(.sync, file.path) { state throws(FileSystemError) in
            state.disk.sync(try state.node(of: file, .sync))
        }
    }

    package func close(_ file: OpenFile) {
        self.state.withLock { state in
            state.open[file.descriptor] = nil
            state.locked[file.descriptor] = nil
            state.lockedDirectories[file.descriptor] = nil
        }
    }

    package func rename(_ path: FilePath, to target: FilePath) throws(FileSystemError) {
        try self.call(.rename, path) { state throws(FileSystemError) in
            guard state.disk.rename(path, to: target) else {
                throw FileSystemError(.rename, path, .noSuchFileOrDirectory)
            }
        }
    }

    package func remove(_ path: FilePath) throws(FileSystemError) {
        try self.call(.remove, path) { state throws(FileSystemError) in
            guard state.disk.remove(path) else { throw FileSystemError(.remove, path, .noSuchFileOrDirectory) }
        }
    }

    package func flushDirectory(_ path: FilePath) throws(FileSystemError) {
        try self.call(.syncDirectory, path) { state throws(FileSystemError) in
            state.disk.syncDirectory(path)
        }
    }

    package func lock(_ path: FilePath) throws(FileSystemError) -> OpenFile? {
        try self.call(.lock, path) { state throws(FileSystemError) -> OpenFile? in
            // By node, as the system locks: a file that was removed and made anew is another one.
            let node = state.disk.node(at: path) ?? state.disk.makeFile(at: path)
            guard !state.locked.values.contains(node) else { return nil }
            let file = state.add(node, path)
            state.locked[file.descriptor] = node
            return file
        }
    }

    package func lockDirectory(_ path: FilePath) throws(FileSystemError) -> OpenFile? {
        try self.call(.lock, path) { state throws(FileSystemError) -> OpenFile? in
            guard state.disk.names(in: path) != nil else {
                throw FileSystemError(.lock, path, .noSuchFileOrDirectory)
            }
            guard !state.lockedDirectories.values.contains(path) else { return nil }
            let file = state.add(-1, path)
            state.lockedDirectories[file.descriptor] = path
            return file
        }
    }

    package func status(of path: FilePath) throws(FileSystemError) -> FileStatus {
        try self.call(.size, path) { state throws(FileSystemError) in
            if let node = state.disk.node(at: path) { return Self.status(of: node) }
            guard state.disk.names(in: path) != nil else {
                throw FileSystemError(.size, path, .noSuchFileOrDirectory)
            }
            var status = Self.status(of: -1)
            status.isDirectory = true
            return status
        }
    }

    package func status(of file: OpenFile) throws(FileSystemError) -> FileStatus {
        try self.call(.size, file.path) { state throws(FileSystemError) in
            Self.status(of: try state.node(of: file, .size))
        }
    }

    /// A node is a file's number; it has one owner, one mode and one name.
    private static func status(of node: Int) -> FileStatus {
        FileStatus(identity: FileStatus.Identity(device: 0, number: UInt64(bitPattern: Int64(node))))
    }

    package func setOwner(_ status: FileStatus, of file: OpenFile) throws(FileSystemError) {
        try self.call(.setOwner, file.path) { _ throws(FileSystemError) in }
    }

    /// There are no links here.
    package func linkTarget(of path: FilePath) throws(FileSystemError) -> FilePath? { nil }

    /// Files that are open, and locks that are held; 0 when everything was let go of.
    package var openCount: Int { self.state.withLock { $0.open.count } }

    private func call<R: Sendable>(
        _ operation: FileSystemError.Operation,
        _ path: FilePath,
        _ body: (inout State) throws(FileSystemError) -> sending R
    ) throws(FileSystemError) -> R {
        try self.state.withLock { state throws(FileSystemError) in
            switch state.count(operation) {
            case .error(let code): throw FileSystemError(operation, path, code)
            case .torn: throw FileSystemError(operation, path, .ioError)
            case .short, nil: return try body(&state)
            }
        }
    }
}

extension FaultyFileSystem.State {
    /// Counts a call, and says what is to go wrong with it.
    fileprivate mutating func count(_ operation: FileSystemError.Operation) -> FaultyFileSystem.Fault? {
        self.callCount += 1
        self.counts[operation, default: 0] += 1
        for (index, (moment, fault)) in self.faults.enumerated() {
            switch moment {
            case .at(let call) where call == self.callCount: return fault
            case .from(let call) where call <= self.callCount: return fault
            case .every(operation): return fault
            case .next(operation):
                self.faults.remove(at: index)
                return fault
            case .at, .from, .every, .next: continue
            }
        }
        return nil
    }

    fileprivate mutating func add(_ node: Int, _ path: FilePath) -> OpenFile {
        let file = OpenFile(descriptor: self.nextDescriptor, path: path)
        self.nextDescriptor += 1
        self.open[file.descriptor] = node
        return file
    }

    fileprivate func node(
        of file: OpenFile,
        _ operation: FileSystemError.Operation
    ) throws(FileSystemError) -> Int {
        guard let node = self.open[file.descriptor] else {
            throw FileSystemError(operation, file.path, .badFileDescriptor)
        }
        return node
    }
}
