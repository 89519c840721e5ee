import EventLog
import SystemPackage

/// What `repair` set aside beside a repaired log: segments from the first damage on, as they were.
///
/// Nobody can say what stands in them, so an erasure can only leave or remove them.
struct LostSegments {
    private let directory: FilePath
    private let fileSystem = PosixFileSystem()

    init(_ directory: FilePath) {
        self.directory = directory
    }

    /// The files, by their path in the data directory; none if the log was not repaired.
    ///
    /// - Throws: ``ToolFailure`` if the folder cannot be read.
    func names() throws -> [String] {
        do {
            return try self.fileSystem.list(self.folder).sorted().map { "\(LogRepair.lostFolderName)/\($0)" }
        } catch  where error.isNotFound {
            return []
        } catch {
            throw ToolFailure(.unreadable, "\(error)")
        }
    }

    /// Removes them.
    ///
    /// - Returns: What was removed.
    /// - Throws: ``ToolFailure`` if that cannot be done; some may be gone then.
    func remove() throws -> [String] {
        let names = try self.names()
        guard !names.isEmpty else { return [] }
        do {
            for name in names { try self.fileSystem.remove(self.directory.pushing(FilePath(name))) }
            try self.fileSystem.syncDirectory(self.folder)
        } catch {
            throw ToolFailure(.unreadable, "\(error)")
        }
        return names
    }

    private var folder: FilePath { self.directory.appending(LogRepair.lostFolderName) }
}
