import SystemPackage

/// Failures that say nothing of the disk: the process, or the system, has no descriptor or no memory left at the moment.
///
/// What failed so has not happened, and may be tried again by whoever did it; ``FileSystemError/isShortage`` asks less, for
/// those who begin anew. A write or a sync is none of these, whatever its code says:
/// after one of those has failed, nobody knows what is on the disk.
extension FileSystemError {
    var hasNotHappened: Bool {
        switch self.operation {
        case .open, .list, .lock, .createDirectory, .startThread:
            [.tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory].contains(self.code)
        case .syncDirectory:
            // The directory is opened for it. Memory may have run out while it was synced.
            [.tooManyOpenFiles, .tooManyOpenFilesInSystem].contains(self.code)
        case .size, .read, .write, .truncate, .sync, .rename, .remove, .setOwner, .readLink:
            false
        }
    }
}

extension EventLogError {
    /// Whether what the log's thread was doing may be done once more, from its beginning.
    ///
    /// That a segment's folder cannot be opened is none of these: the new segment is there by then, and may neither go nor
    /// be made again.
    func leavesStepRepeatable(in directory: FilePath) -> Bool {
        guard case .fileSystem(let error) = self, error.hasNotHappened else { return false }
        return error.operation == .open || error.path == directory
    }
}

/// How a shortage is waited for.
package struct ShortagePatience: Sendable {
    /// After this time what could not be done is tried again, while everything else goes on.
    package var retryInterval = Duration.seconds(1)
    /// The time between two attempts at what cannot be put off, and how many there are.
    package var pause = Duration.milliseconds(20)
    package var attempts = 250

    package init() {}

    /// Tries again what a shortage refused, on this thread.
    ///
    /// - Throws: What the last attempt threw.
    func waiting<R>(for body: () throws(FileSystemError) -> R) throws(FileSystemError) -> R {
        for _ in 1..<max(self.attempts, 1) {
            do {
                return try body()
            } catch {
                guard error.hasNotHappened else { throw error }
                PosixClock.sleep(for: self.pause)
            }
        }
        return try body()
    }
}
