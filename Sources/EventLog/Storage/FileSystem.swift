package import LogValues
import RawJSON
package import SystemPackage

/// Every call that this target makes on files, so that tests can make each of them fail.
///
/// Calls may come from any thread; one file is used by one thread at a time. No call retries a failure.
package protocol FileSystem: Sendable {
    /// Makes a directory whose parent exists, which its owner alone may enter. Returns false if it was there already.
    func createDirectory(_ path: FilePath) throws(FileSystemError) -> Bool
    /// The names in a directory, in any order.
    func list(_ directory: FilePath) throws(FileSystemError) -> [String]
    func open(_ path: FilePath, _ access: FileAccess) throws(FileSystemError) -> OpenFile
    func size(_ file: OpenFile) throws(FileSystemError) -> UInt64
    /// Reads up to `bytes.count` bytes that stand at `offset`; 0 at the end of the file, and fewer than asked at will.
    func read(_ file: OpenFile, into bytes: inout MutableSpan<UInt8>, at offset: UInt64) throws(FileSystemError) -> Int
    /// Writes a part of `bytes`, at least one byte, at `offset`. Returns how many.
    func write(_ file: OpenFile, _ bytes: Bytes, at offset: UInt64) throws(FileSystemError) -> Int
    /// Says that a part of the file will be read soon, so that the disk may begin; waits for nothing and cannot fail.
    func willRead(_ file: OpenFile, _ range: Range<UInt64>)
    func truncate(_ file: OpenFile, to size: UInt64) throws(FileSystemError)
    /// Brings the file's bytes and size to the disk (`fdatasync`).
    func sync(_ file: OpenFile) throws(FileSystemError)
    func close(_ file: OpenFile)
    /// Replaces what is at `target`.
    func rename(_ path: FilePath, to target: FilePath) throws(FileSystemError)
    /// Takes a file's name away.
    func remove(_ path: FilePath) throws(FileSystemError)
    /// Brings a directory's entries to the disk; fails where the file system cannot (``syncDirectory(_:)`` does not).
    func flushDirectory(_ path: FilePath) throws(FileSystemError)
    /// Takes an exclusive lock that ends with `close`, or with the process. Nil if another holder has it.
    func lock(_ path: FilePath) throws(FileSystemError) -> OpenFile?
    /// Takes such a lock on a directory, which must be there.
    func lockDirectory(_ path: FilePath) throws(FileSystemError) -> OpenFile?
    /// Tells about the file that the path leads to, links followed.
    func status(of path: FilePath) throws(FileSystemError) -> FileStatus
    func status(of file: OpenFile) throws(FileSystemError) -> FileStatus
    /// Gives a file an owner, as far as this process may do that, and a mode.
    func setOwner(_ status: FileStatus, of file: OpenFile) throws(FileSystemError)
    /// Finds where a symbolic link leads, all links followed; nil if the path is none, or nothing is there.
    func linkTarget(of path: FilePath) throws(FileSystemError) -> FilePath?
    /// Bytes that may still be written in a directory; nil if that is not known.
    func room(in directory: FilePath) -> UInt64?
}

/// The purpose that a file is opened for.
///
/// New files are private, whatever the process's umask says: only their owner may read and write them.
package enum FileAccess: Hashable, Sendable {
    case read
    case readAndWrite
    /// The file must not be there yet.
    case create
    /// An older file of that name is emptied; it must not be a symbolic link.
    case replace
}

/// A file that a ``FileSystem`` has open.
package struct OpenFile: Hashable, Sendable {
    package let descriptor: Int32
    package let path: FilePath

    package init(descriptor: Int32, path: FilePath) {
        self.descriptor = descriptor
        self.path = path
    }
}

/// A system call that failed.
package struct FileSystemError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Operation: String, Sendable {
        case createDirectory = "mkdir"
        case list
        case open
        case size = "stat"
        case read
        case write
        case truncate
        case sync
        case rename
        case remove = "unlink"
        case syncDirectory = "sync directory"
        case lock
        case setOwner = "chown"
        case readLink = "readlink"
        case startThread = "pthread_create"
    }

    package let operation: Operation
    package let path: FilePath
    package let code: Errno

    package init(_ operation: Operation, _ path: FilePath, _ code: Errno) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    package var isNotFound: Bool { self.code == .noSuchFileOrDirectory }

    /// Whether something has run short that may be there again later: room, descriptors.
    package var isShortage: Bool {
        switch self.code {
        case .noSpace, .diskQuotaExceeded, .tooManyOpenFiles, .tooManyOpenFilesInSystem: true
        default: false
        }
    }

    package var description: String { "\(self.operation.rawValue) \(self.path): \(self.code)" }
}

extension FileSystemError {
    /// The shortage that made something fail; nil if it failed for another reason.
    package static func shortage(in error: any Error) -> FileSystemError? {
        let found: FileSystemError? =
            switch error {
            case let error as FileSystemError: error
            case EventLogError.fileSystem(let error), CheckpointError.log(.fileSystem(let error)): error
            default: nil
            }
        return found.flatMap { $0.isShortage ? $0 : nil }
    }
}

extension FileSystem {
    /// A hint, which may be left out.
    package func willRead(_ file: OpenFile, _ range: Range<UInt64>) {}

    /// Reads into an array's bytes from `start` on.
    package func read(
        _ file: OpenFile,
        into bytes: inout [UInt8],
        from start: Int,
        at offset: UInt64
    ) throws(FileSystemError) -> Int {
        var bytes = bytes.mutableSpan
        var rest = bytes._mutatingExtracting(start...)
        return try self.read(file, into: &rest, at: offset)
    }

    /// Not every file system can tell.
    package func room(in directory: FilePath) -> UInt64? { nil }
}

/// Turns the errors of file system calls into this target's.
func withLogErrors<R: ~Copyable>(_ body: () throws(FileSystemError) -> R) throws(EventLogError) -> R {
    do {
        return try body()
    } catch {
        throw .fileSystem(error)
    }
}
