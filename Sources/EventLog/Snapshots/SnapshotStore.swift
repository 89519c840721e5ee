package import LogValues
package import SystemPackage

/// The snapshots of a log, in the folder `snapshots` beside it: what lines came to, so that they need not be read again.
///
/// A cache as long as the log begins with line 1: remove them all and nothing is lost but time. Where retention dropped
/// the oldest segments, the snapshots stand for them, and the log needs one of them. To this target a snapshot is lines
/// of bytes. A value without open files; whoever holds the log's lock may change files, anybody may read.
package struct SnapshotStore: Sendable {
    package static let folderName = "snapshots"

    /// The data directory.
    package let directory: FilePath
    package let fileSystem: any FileSystem

    package init(in directory: FilePath, fileSystem: any FileSystem = PosixFileSystem()) {
        self.directory = directory
        self.fileSystem = fileSystem
    }

    package var folder: FilePath { self.directory.appending(Self.folderName) }

    package func path(of name: SnapshotName) -> FilePath { self.folder.appending(name.fileName) }

    /// The snapshots that are there, oldest first, as their names say; nothing of them is read.
    package func names() throws(EventLogError) -> [SnapshotName] {
        try self.fileNames().compactMap { SnapshotName(fileName: $0) }.sorted()
    }

    /// Whether the log begins with a later line than 1, and a snapshot stands for those before, as retention leaves it.
    package func explainsMissingStart() throws(EventLogError) -> Bool {
        let first = try SegmentCatalog(self.directory, fileSystem: self.fileSystem).firstLine
        guard first > .first else { return false }
        return try self.names().contains { $0.through.next >= first }
    }

    /// Opens a snapshot and reads its header.
    package func open(_ name: SnapshotName) throws(EventLogError) -> SnapshotFile {
        try SnapshotFile(name, at: self.path(of: name), self.fileSystem)
    }

    // MARK: Writing

    /// Writes a snapshot, which takes the place of one of the same name.
    ///
    /// It has its name only once it is on the disk as a whole; a crash before leaves a file that nobody reads.
    ///
    /// - Parameters:
    ///   - header: Its first line, which also says its name.
    ///   - body: Writes the other lines. If it throws, there is no snapshot.
    /// - Returns: Bytes of its text.
    /// - Throws: What `body` throws, ``EventLogError``.
    @discardableResult
    package func write(_ header: SnapshotHeader, body: (SnapshotLineWriter) throws -> Void) throws -> UInt64 {
        let fileSystem = self.fileSystem
        try self.makeFolder()
        // Where one is a link, what it leads to is replaced: else its contents would stay there.
        let path = try fileSystem.placeOfBytes(of: self.path(of: header.name))
        do {
            let replacement = try FileReplacement.begin(of: path, fileSystem)
            let writer = try SnapshotLineWriter(replacement.file, fileSystem)
            try writer.write(header.line.span)
            try body(writer)
            try writer.finish()
            try replacement.finish()
            return writer.textSizeBytes
        } catch {
            try? fileSystem.remove(FilePath(path.string + FileReplacement.suffix))
            throw error
        }
    }

    /// Takes a whole, synced file in as a snapshot.
    ///
    /// - Parameters:
    ///   - path: The file, on the same file system; it is not there afterwards.
    ///   - name: What it holds.
    /// - Throws: ``EventLogError/fileSystem(_:)``.
    func adopt(_ path: FilePath, as name: SnapshotName) throws(EventLogError) {
        try self.makeFolder()
        try withLogErrors { () throws(FileSystemError) in
            try self.fileSystem.rename(path, to: self.path(of: name))
            try self.fileSystem.syncDirectory(self.folder)
            try self.fileSystem.syncDirectory(self.directory)
        }
    }

    private func makeFolder() throws(EventLogError) {
        try withLogErrors { () throws(FileSystemError) in
            if try self.fileSystem.createDirectory(self.folder) { try self.fileSystem.syncDirectory(self.directory) }
        }
    }

    // MARK: Removing

    /// Removes what a crash left of snapshots that were being written.
    package func removeUnfinished() throws(EventLogError) {
        for name in try self.fileNames() where name.hasSuffix(FileReplacement.suffix) {
            try withLogErrors { () throws(FileSystemError) in
                try self.fileSystem.remove(self.folder.appending(name))
            }
        }
        for name in try self.names() {
            try withLogErrors { () throws(FileSystemError) in
                guard let place = try self.fileSystem.linkTarget(of: self.path(of: name)) else { return }
                let temporary = FilePath(place.string + FileReplacement.suffix)
                if try self.fileSystem.statusIfThere(of: temporary) != nil { try self.fileSystem.remove(temporary) }
            }
        }
    }

    /// Removes all but the newest snapshots, oldest first.
    package func removeAll(butNewest count: Int) throws(EventLogError) {
        try self.remove(self.names().dropLast(count))
    }

    /// Removes the snapshots that stand for lines before `line` only.
    ///
    /// - Throws: ``EventLogError/historyIncomplete(first:)``, and removes none, if lines were dropped from the log that no
    ///   snapshot would stand for any more.
    package func removeAll(before line: SequenceNumber) throws(EventLogError) {
        let names = try self.names()
        let kept = names.filter { $0.through >= line }
        let first = try SegmentCatalog(self.directory, fileSystem: self.fileSystem).firstLine
        if first > .first, !kept.contains(where: { $0.through.next >= first }) {
            throw .historyIncomplete(first: first)
        }
        try self.remove(names.dropLast(kept.count))
    }

    /// Removes one, which may be damaged.
    package func remove(_ names: some Sequence<SnapshotName>) throws(EventLogError) {
        var isChanged = false
        for name in names {
            try withLogErrors { () throws(FileSystemError) in
                try self.fileSystem.removeWithBytes(self.path(of: name))
            }
            isChanged = true
        }
        guard isChanged else { return }
        try withLogErrors { () throws(FileSystemError) in try self.fileSystem.syncDirectory(self.folder) }
    }

    /// The names of all files; none if there is no folder yet.
    private func fileNames() throws(EventLogError) -> [String] {
        do {
            return try self.fileSystem.list(self.folder)
        } catch {
            guard error.isNotFound else { throw .fileSystem(error) }
            return []
        }
    }
}
