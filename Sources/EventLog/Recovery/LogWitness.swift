import LogValues
package import SystemPackage

/// A file beside the log that tells of a line of it: so that a log whose end went missing, segment and `synced` and all, is
/// not taken for a shorter one.
///
/// What it says is a claim. But none of these files is written before the line that it tells of is in the log, and at level
/// `always` not before that line is on the disk.
package struct LogWitness: Equatable, Sendable {
    /// The folder of the indexes of sealed segments, each named by its segment.
    private static let indexFolderName = "indexes"
    private static let indexSuffix = ".index"
    private static let windowSizeBytes = 64 << 10

    private static let hashesFileName = "\(HashTree.folderName)/0"

    /// The file's path in the data directory.
    package let file: String
    /// The log had this line.
    package let line: UInt64

    var isOfHashes: Bool { self.file == Self.hashesFileName }

    /// The files that tell of the latest lines: a snapshot, the leaf hashes, an index; as far as there are any.
    ///
    /// While the log is being written, ask before it is read.
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - logID: Of the log: what belongs to another one says nothing; nil: not known.
    ///   - fileSystem: Where the files are.
    /// - Returns: One of each kind at most. What is damaged is left out.
    /// - Throws: ``EventLogError/fileSystem(_:)``.
    package static func all(
        in directory: FilePath,
        logID: String? = nil,
        fileSystem: any FileSystem = PosixFileSystem()
    ) throws(EventLogError) -> [LogWitness] {
        let snapshot = try self.snapshot(directory, logID, fileSystem)
        let hashes = try self.hashes(directory, fileSystem)
        let index = try self.index(directory, fileSystem)
        return [snapshot, hashes, index].compactMap(\.self)
    }

    /// The newest that can be read: a name alone says nothing.
    private static func snapshot(
        _ directory: FilePath,
        _ logID: String?,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> LogWitness? {
        let store = SnapshotStore(in: directory, fileSystem: fileSystem)
        for name in try store.names().reversed() {
            do throws(EventLogError) {
                let header = try store.open(name).header
                guard logID == nil || header.logID == logID else { continue }
            } catch {
                if case .fileSystem = error { throw error }
                continue
            }
            return LogWitness(file: "\(SnapshotStore.folderName)/\(name.fileName)", line: name.through.rawValue)
        }
        return nil
    }

    /// As far as the file holds hashes: a power failure may leave a tail of zeros.
    private static func hashes(
        _ directory: FilePath,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> LogWitness? {
        let file: OpenFile
        do throws(FileSystemError) {
            file = try fileSystem.open(directory.appending(HashTree.folderName).appending("0"), .read)
        } catch {
            guard error.isNotFound else { throw .fileSystem(error) }
            return nil
        }
        defer { fileSystem.close(file) }
        let size = try withLogErrors { () throws(FileSystemError) in try fileSystem.size(file) }
        let hashSize = UInt64(Hash256.byteCount)
        var end = size / hashSize * hashSize
        while end > 0 {
            let start = end > UInt64(Self.windowSizeBytes) ? end - UInt64(Self.windowSizeBytes) : 0
            let bytes = try withLogErrors { () throws(FileSystemError) in try fileSystem.bytes(start..<end, of: file) }
            if let last = bytes.lastIndex(where: { $0 != 0 }) {
                let line = (start + UInt64(last)) / hashSize + 1
                return LogWitness(file: self.hashesFileName, line: line)
            }
            end = start
        }
        return nil
    }

    /// An index is made of a segment that was ended, which holds a line at least.
    private static func index(
        _ directory: FilePath,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> LogWitness? {
        let names: [String]
        do throws(FileSystemError) {
            names = try fileSystem.list(directory.appending(self.indexFolderName))
        } catch {
            guard error.isNotFound else { throw .fileSystem(error) }
            return nil
        }
        let bases = names.compactMap { name -> SegmentName? in
            guard name.hasSuffix(self.indexSuffix) else { return nil }
            return SegmentName(fileName: name.dropLast(self.indexSuffix.utf8.count) + SegmentName.suffix)
        }
        return bases.max().map { last in
            LogWitness(
                file: "\(self.indexFolderName)/" + last.fileName.prefix { $0 != "." } + self.indexSuffix,
                line: last.base.rawValue
            )
        }
    }

    // MARK: Setting aside

    /// The end of the name of a witness that was set aside: nobody reads it, and nothing removes it but an erasure, or retention.
    package static let suffix = ".beyond"

    /// Takes snapshots and indexes out of the way that tell of lines behind the log's end, and keeps them: other lines will
    /// have those numbers.
    ///
    /// Hashes are kept by whoever writes over them.
    ///
    /// - Returns: The files, under their new names.
    static func setAside(
        beyond end: UInt64,
        in directory: FilePath,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> [String] {
        var kept: [String] = []
        while let file = try self.fileName(beyond: end, directory, fileSystem) {
            var name = file + self.suffix
            var number = 2
            while fileSystem.exists(directory.pushing(FilePath(name))) {
                name = "\(file).\(number)\(self.suffix)"
                number += 1
            }
            let path = directory.pushing(FilePath(file))
            try withLogErrors { () throws(FileSystemError) in
                try fileSystem.rename(path, to: directory.pushing(FilePath(name)))
                try fileSystem.syncDirectory(path.removingLastComponent())
            }
            kept.append(name)
        }
        return kept
    }

    private static func fileName(
        beyond end: UInt64,
        _ directory: FilePath,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> String? {
        let names = try SnapshotStore(in: directory, fileSystem: fileSystem).names()
        if let name = names.last, name.through.rawValue > end { return "\(SnapshotStore.folderName)/\(name.fileName)" }
        guard let index = try self.index(directory, fileSystem), index.line > end else { return nil }
        return index.file
    }

    /// Removes snapshots that were set aside, as far as they stand for lines before one that is kept: they hold what people
    /// wrote.
    ///
    /// - Parameters:
    ///   - first: The first line that is kept; nil: all of them go.
    ///   - directory: The data directory.
    ///   - fileSystem: Where the files are.
    /// - Returns: The files, by their path in the data directory.
    /// - Throws: ``EventLogError/fileSystem(_:)``.
    static func removeSnapshots(
        before first: SequenceNumber?,
        in directory: FilePath,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> [String] {
        let folder = directory.appending(SnapshotStore.folderName)
        var removed: [String] = []
        for name in (try? fileSystem.list(folder))?.sorted() ?? [] where name.hasSuffix(self.suffix) {
            let through = UInt64(name.prefix { $0 != "." }) ?? 0
            guard first.map({ through < $0.rawValue }) ?? true else { continue }
            try withLogErrors { () throws(FileSystemError) in
                try fileSystem.remove(folder.appending(name))
                try fileSystem.syncDirectory(folder)
            }
            removed.append("\(SnapshotStore.folderName)/\(name)")
        }
        return removed
    }
}

extension FileSystem {
    /// Whether there is a file of that name that can be opened.
    func exists(_ path: FilePath) -> Bool {
        guard let file = try? self.open(path, .read) else { return false }
        self.close(file)
        return true
    }
}
