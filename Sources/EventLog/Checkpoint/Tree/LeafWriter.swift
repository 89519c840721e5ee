import SystemPackage

/// Writes the leaf hashes of lines beside the log (`hashes/0`) as the lines are committed, so that there is something to
/// hold the lines against, those of the open frame too, which has no checksum yet.
///
/// They stay a cache: never synced but once at a start, and a disk that refuses them stops the writing of them and
/// nothing else. One owner: the commit thread.
struct LeafWriter: ~Copyable {
    /// Hashes that are gathered where a commit is a write into the system's memory and no more: 128 lines.
    private static let gatheredSizeBytes = 4 << 10

    private let path: FilePath
    private let fileSystem: any FileSystem
    /// Nil once writing has failed.
    private var file: OpenFile?
    /// Lines whose hashes were written, or are not there at all.
    private var writtenCount: UInt64
    private var gathered: [UInt8] = []

    /// Opens the file, and makes it right as far as it is about the last segment: a crash may have left it too short, or
    /// with hashes of lines that went.
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - size: How many lines there are, counted from line 1, dropped ones included.
    ///   - firstUnrecorded: The first line of the last segment that has no hash there, or another one.
    ///   - recording: Whether that is wanted.
    ///   - fileSystem: Where the files are.
    /// - Returns: Nil if that is not wanted, or the file cannot be written.
    static func begin(
        in directory: FilePath,
        size: UInt64,
        firstUnrecorded: SequenceNumber?,
        _ recording: EventLogConfiguration.LeafRecording,
        _ fileSystem: any FileSystem
    ) -> LeafWriter? {
        guard recording != .never else { return nil }
        let makesFolder = recording == .always
        let folder = directory.appending(HashTree.folderName)
        do {
            if makesFolder { _ = try fileSystem.createDirectory(folder) }
            var writer = LeafWriter(
                folder.appending("0"),
                try Self.open(folder.appending("0"), makesFolder: makesFolder, fileSystem),
                count: size,
                fileSystem
            )
            try writer.mend(from: firstUnrecorded, directory)
            return writer
        } catch {
            return nil
        }
    }

    private static func open(
        _ path: FilePath,
        makesFolder: Bool,
        _ fileSystem: any FileSystem
    ) throws(FileSystemError) -> OpenFile {
        do {
            return try fileSystem.open(path, .readAndWrite)
        } catch {
            guard error.isNotFound, makesFolder else { throw error }
            return try fileSystem.open(path, .create)
        }
    }

    private init(_ path: FilePath, _ file: OpenFile, count: UInt64, _ fileSystem: any FileSystem) {
        self.path = path
        self.file = file
        self.writtenCount = count
        self.fileSystem = fileSystem
    }

    deinit {
        if let file = self.file { self.fileSystem.close(file) }
    }

    /// Appends the hashes of the lines that follow.
    ///
    /// - Parameters:
    ///   - leaves: Their hashes.
    ///   - isAtOnce: Whether they are written now; else when there are enough, or when ``flush()`` is called.
    mutating func append(_ leaves: [Hash256], isAtOnce: Bool) {
        guard self.file != nil else { return }
        for leaf in leaves { leaf.withUnsafeBytes { self.gathered.append(contentsOf: $0) } }
        if isAtOnce || self.gathered.count >= Self.gatheredSizeBytes { self.flush() }
    }

    /// Writes what was gathered.
    mutating func flush() {
        guard let file = self.file, !self.gathered.isEmpty else { return }
        do {
            try self.gathered.withRawBytes { bytes throws(EventLogError) in
                try self.fileSystem.writeAll(file, bytes, at: self.writtenCount * UInt64(Hash256.byteCount))
            }
            self.writtenCount += UInt64(self.gathered.count / Hash256.byteCount)
        } catch {
            self.fileSystem.close(file)
            self.file = nil
        }
        self.gathered.removeAll(keepingCapacity: true)
    }

    /// Makes the file right, and has the disk take that: a hash of a line that went must not come back, when other lines
    /// have its number.
    private mutating func mend(
        from first: SequenceNumber?,
        _ directory: FilePath
    ) throws {
        guard let file = self.file else { return }
        let size = self.writtenCount * UInt64(Hash256.byteCount)
        let isTooLong = try self.fileSystem.size(file) > size
        if isTooLong { try self.fileSystem.truncate(file, to: size) }
        if let first, first.rawValue <= self.writtenCount {
            let end = SequenceNumber(self.writtenCount)
            self.writtenCount = first.rawValue - 1
            var redacted: [UInt8] = []
            try LogReader(directory, fileSystem: self.fileSystem).forEachLine(from: first, through: end) { line in
                self.append([try Redaction.leafHash(of: line.bytes, scratch: &redacted)], isAtOnce: false)
            }
            self.flush()
        } else if !isTooLong {
            return
        }
        try self.fileSystem.sync(file)
    }
}
