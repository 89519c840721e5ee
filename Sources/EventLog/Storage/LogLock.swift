import Synchronization
package import SystemPackage

/// The right to write the log under a data directory, which one process at a time has.
///
/// ``EventLog/open(_:configuration:fileSystem:onProgress:)`` takes it itself. Who has more to do than the log
/// does, and must not begin with it beside another process, takes it before, and hands it over in the configuration.
package final class LogLock: Sendable {
    /// A lock file that goes between opening and locking it is tried again, so often.
    private static let attempts = 10

    private let file: OpenFile
    private let identity: FileStatus.Identity
    /// The lock on the directory itself, which nobody can remove by mistake and make anew, as he can the file; nil where
    /// the file system has no such locks.
    private let directory: OpenFile?
    private let fileSystem: any FileSystem
    private let isHeld = Mutex(true)

    private init(
        _ file: OpenFile,
        _ identity: FileStatus.Identity,
        directory: OpenFile?,
        _ fileSystem: any FileSystem
    ) {
        self.file = file
        self.identity = identity
        self.directory = directory
        self.fileSystem = fileSystem
    }

    /// Takes the lock; returns at once.
    ///
    /// - Parameters:
    ///   - directory: The data directory, which must exist.
    ///   - fileSystem: Where it is.
    /// - Returns: The lock, held until ``release()`` or the end of the process.
    /// - Throws: ``EventLogError/locked(_:)`` if another holder has it.
    package static func take(
        in directory: FilePath,
        _ fileSystem: any FileSystem = PosixFileSystem()
    ) throws(EventLogError) -> LogLock {
        let (file, identity) = try self.lockFile(directory.appending("lock"), fileSystem)
        switch Result(catching: { () throws(FileSystemError) in try fileSystem.lockDirectory(directory) }) {
        case .success(let folder?):
            return LogLock(file, identity, directory: folder, fileSystem)
        case .success(nil):
            fileSystem.close(file)
            throw .locked(directory)
        case .failure(let error) where Self.saysUnsupported(error.code):
            return LogLock(file, identity, directory: nil, fileSystem)
        case .failure(let error):
            fileSystem.close(file)
            throw .fileSystem(error)
        }
    }

    /// NFS, for one, locks only what is open for writing, as no directory can be.
    private static func saysUnsupported(_ code: Errno) -> Bool {
        switch code {
        case .badFileDescriptor, .invalidArgument, .notSupported, .noFunction, .noLocks: true
        default: false
        }
    }

    private static func lockFile(
        _ path: FilePath,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> (OpenFile, FileStatus.Identity) {
        for _ in 0..<self.attempts {
            let file = try withLogErrors { () throws(FileSystemError) in try fileSystem.lock(path) }
            guard let file else { break }
            do throws(FileSystemError) {
                let identity = try fileSystem.status(of: file).identity
                if try fileSystem.isInPlace(file, identity) { return (file, identity) }
            } catch {
                fileSystem.close(file)
                throw .fileSystem(error)
            }
            fileSystem.close(file)
        }
        throw .locked(path)
    }

    /// Makes sure that the lock is still what another process would meet.
    ///
    /// - Throws: ``EventLogError/lockLost(_:)`` if the file was removed or replaced: whoever took the new one may be writing
    ///   the same log.
    func check() throws(EventLogError) {
        let isOurs = try withLogErrors { () throws(FileSystemError) in
            try self.fileSystem.isInPlace(self.file, self.identity)
        }
        guard isOurs else { throw .lockLost(self.file.path) }
    }

    /// Lets go of it.
    package func release() {
        let wasHeld = self.isHeld.withLock { exchange(&$0, with: false) }
        guard wasHeld else { return }
        self.fileSystem.close(self.file)
        if let directory = self.directory { self.fileSystem.close(directory) }
    }
}
