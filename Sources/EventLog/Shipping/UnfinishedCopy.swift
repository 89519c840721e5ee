package import SystemPackage

/// A copy of a log that is not whole yet, and of which nothing has been used.
package enum UnfinishedCopy {
    /// Removes it, so that it can be begun anew at another place; the key and whatever else stands beside the log stay.
    ///
    /// Newest segment first: a crash leaves a shorter copy. For whoever may open the log for writing, and has not.
    ///
    /// - Throws: ``EventLogError/fileSystem(_:)``.
    package static func remove(
        in directory: FilePath,
        fileSystem: any FileSystem = PosixFileSystem()
    ) throws(EventLogError) {
        // First of all: it promises lines.
        try self.remove(directory.appending(SyncedNote.fileName), fileSystem)
        let catalog = try SegmentCatalog(directory, fileSystem: fileSystem)
        for segment in catalog.segments.reversed() { try self.remove(catalog.path(of: segment), fileSystem) }
        let store = SnapshotStore(in: directory, fileSystem: fileSystem)
        try store.remove(store.names())
        for name in [ShippedSegment.fileName, ShippedSnapshot.fileName] {
            try self.remove(directory.appending(name), fileSystem)
        }
        try withLogErrors { () throws(FileSystemError) in try fileSystem.syncDirectory(directory) }
    }

    private static func remove(_ path: FilePath, _ fileSystem: any FileSystem) throws(EventLogError) {
        do throws(FileSystemError) {
            try fileSystem.remove(path)
        } catch {
            guard error.isNotFound else { throw .fileSystem(error) }
        }
    }
}
