import Synchronization
package import SystemPackage

/// The right to write the log under a data directory, which one process at a time has.
///
/// ``EventLog/open(_:configuration:fileSystem:onProgress:onCommit:)`` takes it itself. Who has more to do than the log
/// does, and must not begin with it beside another process, takes it before, and hands it over in the configuration.
package final class LogLock: Sendable {
    private let file: OpenFile
    private let fileSystem: any FileSystem
    private let isHeld = Mutex(true)

    private init(_ file: OpenFile, _ fileSystem: any FileSystem) {
        self.file = file
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
        let path = directory.appending("lock")
        guard let file = try withLogErrors({ () throws(FileSystemError) in try fileSystem.lock(path) }) else {
            throw .locked(path)
        }
        return LogLock(file, fileSystem)
    }

    /// Lets go of it.
    package func release() {
        let wasHeld = self.isHeld.withLock { exchange(&$0, with: false) }
        if wasHeld { self.fileSystem.close(self.file) }
    }
}
