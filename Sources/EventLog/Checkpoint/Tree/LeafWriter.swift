import LogValues
import SystemPackage

/// Writes the leaf hashes of lines beside the log (`hashes/0`) as the lines are committed, so that there is something to
/// hold the lines against, those of the open frame too, which has no checksum yet.
///
/// They stay a cache: synced at a start and at a clean stop only, and a disk that refuses them stops the writing of them and
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
    ///   - kept: Where copies are named of hashes that say otherwise than the lines, or tell of lines that are not there; by
    ///     their path in the data directory.
    /// - Returns: Nil if that is not wanted, or the file cannot be written.
    static func begin(
        in directory: FilePath,
        size: UInt64,
        firstUnrecorded: SequenceNumber?,
        _ recording: EventLogConfiguration.LeafRecording,
        _ fileSystem: any FileSystem,
        keeping kept: inout [String]
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
            kept += try writer.mend(from: firstUnrecorded, directory)
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
    ///   - moment: When they are written.
    mutating func append(_ leaves: [Hash256], _ moment: Moment) {
        guard self.file != nil else { return }
        for leaf in leaves { leaf.appendBytes(to: &self.gathered) }
        switch moment {
        case .now: self.flush()
        case .whenEnough: if self.gathered.count >= Self.gatheredSizeBytes { self.flush() }
        case .later: break
        }
    }

    /// When hashes are written.
    enum Moment {
        /// At once.
        case now
        /// When enough have gathered, or when ``flush()`` is called.
        case whenEnough
        /// When ``flush()`` is called: the lines are not on the disk yet, and a hash must not outlive its line.
        case later
    }

    /// Writes what was gathered, and has the disk take all that was written.
    mutating func sync() {
        self.flush()
        guard let file = self.file else { return }
        // A cache: whoever wants to rely on it compares it.
        try? self.fileSystem.sync(file)
    }

    /// Writes what was gathered.
    mutating func flush() {
        guard let file = self.file, !self.gathered.isEmpty else { return }
        do {
            try self.fileSystem.writeAll(file, self.gathered, at: self.writtenCount * UInt64(Hash256.byteCount))
            self.writtenCount += UInt64(self.gathered.count / Hash256.byteCount)
        } catch {
            self.fileSystem.close(file)
            self.file = nil
        }
        self.gathered.removeAll(keepingCapacity: true)
    }

    /// Makes the file right, and has the disk take that: a hash of a line that went must not come back, when other lines
    /// have its number.
    ///
    /// What says otherwise than the lines, or tells of more lines, is kept beside it first.
    private mutating func mend(
        from first: SequenceNumber?,
        _ directory: FilePath
    ) throws -> [String] {
        guard let file = self.file else { return [] }
        var kept: [String] = []
        let hashSize = UInt64(Hash256.byteCount)
        let size = self.writtenCount * hashSize
        let foundSize = try self.fileSystem.size(file)
        if foundSize > size {
            if foundSize >= size + hashSize {
                let lines = self.writtenCount + 1...foundSize / hashSize
                kept.append(try ReplacedLeaves.keep(lines, in: directory, self.fileSystem))
            }
            try self.fileSystem.truncate(file, to: size)
        }
        if let first, first.rawValue <= self.writtenCount {
            if let copy = try self.mend(first...SequenceNumber(self.writtenCount), directory) { kept.append(copy) }
        } else if foundSize <= size {
            return kept
        }
        try self.fileSystem.sync(file)
        return kept
    }

    /// Returns the copy of what said otherwise, if anything did.
    private mutating func mend(_ lines: ClosedRange<SequenceNumber>, _ directory: FilePath) throws -> String? {
        let reader = LogReader(directory, fileSystem: self.fileSystem)
        let recorded = RecordedLeaves(in: directory, fileSystem: self.fileSystem)
        var contradicting: ClosedRange<UInt64>?
        var scratch: [UInt8] = []
        try reader.forEachLine(from: lines.lowerBound, through: lines.upperBound) { line in
            guard let found = recorded.leaf(of: line.sequenceNumber),
                found != (try Redaction.leafHash(of: line.bytes, scratch: &scratch))
            else { return }
            let number = line.sequenceNumber.rawValue
            contradicting = (contradicting?.lowerBound ?? number)...number
        }
        let copy = try contradicting.map { try ReplacedLeaves.keep($0, in: directory, self.fileSystem) }
        self.writtenCount = lines.lowerBound.rawValue - 1
        try reader.forEachLine(from: lines.lowerBound, through: lines.upperBound) { line in
            self.append([try Redaction.leafHash(of: line.bytes, scratch: &scratch)], .whenEnough)
        }
        self.flush()
        return copy
    }
}
