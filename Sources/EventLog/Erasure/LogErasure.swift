package import LogValues
package import SystemPackage

/// Takes contents out of a log's files, so that a crash in the middle leaves the erasure finished or not begun.
///
/// In this order:
/// 1. ``begin(after:)`` puts the file `erasure` on the disk.
/// 2. The caller appends the lines that order the erasure, and waits for their commit. From here on it is begun.
/// 3. ``finish(through:orders:seal:forgetting:)`` makes the order durable, writes the segments anew, removes whatever
///    else may hold the contents, and last of all the file `erasure`.
///
/// After a crash ``finish(through:orders:seal:forgetting:)`` does what is left, or finds that nothing was ordered. One
/// thread at a time, and only in the process that has the log open for writing.
package struct LogErasure: Sendable {
    /// An account of what was done.
    package struct Report: Equatable, Sendable {
        /// The lines that order erasures, first to last.
        package var orders: [SequenceNumber] = []
        /// How many contents were there, and are gone.
        package var erasedCount = 0
        /// Segments that were written anew.
        package var segments: [SegmentName] = []
        /// Files that were removed since nobody can tell whose words they hold, by their path in the data directory.
        package var removed: [String] = []
        /// Those of these segments whose old bytes have another name on the disk, by which the contents can still be read.
        package var keptElsewhere: [SegmentName] = []
    }

    private let directory: FilePath
    private let logID: String
    private let frameSizeBytes: Int
    private let fileSystem: any FileSystem

    /// - Parameters:
    ///   - directory: The data directory.
    ///   - logID: Of the log that is open there.
    ///   - configuration: Says how long frames are.
    ///   - fileSystem: Where the files are.
    package init(
        _ directory: FilePath,
        logID: String,
        configuration: EventLogConfiguration = EventLogConfiguration(),
        fileSystem: any FileSystem = PosixFileSystem()
    ) {
        self.directory = directory
        self.logID = logID
        self.frameSizeBytes = configuration.frameSizeBytes
        self.fileSystem = fileSystem
    }

    /// Whether an erasure was begun and not finished, as far as is known without reading the log.
    package func isPending() throws(EventLogError) -> Bool {
        try ErasureIntent.read(in: self.directory, self.fileSystem) != nil
    }

    /// Notes on the disk that erasures may be ordered behind a line; nil: behind the log's beginning.
    ///
    /// What was noted before and is not finished stays noted.
    package func begin(after line: SequenceNumber?) throws(EventLogError) {
        var after = line ?? .start
        if let pending = try ErasureIntent.read(in: self.directory, self.fileSystem) {
            after = pending.logID == self.logID ? min(after, pending.after) : .start
        }
        try ErasureIntent(logID: self.logID, after: after).write(in: self.directory, self.fileSystem)
    }

    /// Carries out what was ordered since ``begin(after:)``, in this run or in one that died.
    ///
    /// - Parameters:
    ///   - end: The last line that is committed; nil if there is none.
    ///   - orders: The lines that a line of the log orders to be erased; nil for a line that orders nothing.
    ///   - seal: ``EventLog/seal(_:)`` of the open log.
    ///   - forget: Removes what the caller keeps on disk of these lines: snapshots, indexes. Called with the lines that
    ///     were erased, sorted, and the last order; after the segments, before the erasure counts as finished.
    /// - Returns: What was done; nil if no erasure was begun.
    /// - Throws: What failed. Then the erasure is still pending, and this can be called again.
    package func finish(
        through end: SequenceNumber?,
        orders: (LogLine) throws -> [SequenceNumber]?,
        seal: (SequenceNumber) throws(EventLogError) -> Void,
        forgetting forget: ([SequenceNumber], SequenceNumber) throws -> Void
    ) throws -> Report? {
        guard let intent = try ErasureIntent.read(in: self.directory, self.fileSystem) else { return nil }
        // The file of another log says nothing about this one.
        let after = intent.logID == self.logID ? intent.after : .start
        var report = Report()
        var found: Set<SequenceNumber> = []
        if let end, end > after {
            let first = try max(
                after.next,
                SegmentCatalog(self.directory, fileSystem: self.fileSystem)
                    .segments.first?.base ?? .first
            )
            try LogReader(self.directory, fileSystem: self.fileSystem).forEachLine(from: first, through: end) { line in
                guard let lines = try orders(line) else { return }
                let number = line.sequenceNumber
                report.orders.append(number)
                // An order about what comes after it would never be done.
                found.formUnion(lines.lazy.filter { $0 < number })
            }
        }
        let lines = found.sorted()
        // The order itself must be on the disk before any content goes, or else a content would be missing without it. And
        // if there is none, but the log has failed, one may have reached the disk all the same: then this throws.
        try seal(lines.last ?? .start)
        if let order = report.orders.last {
            try self.rewriteSegments(lines, &report)
            try self.removeTornTails(&report)
            report.removed += try LogWitness.removeSnapshots(before: nil, in: self.directory, self.fileSystem)
            try forget(lines, order)
        }
        try self.removeLeftovers()
        try ErasureIntent.remove(in: self.directory, self.fileSystem)
        return report
    }

    private func rewriteSegments(_ lines: [SequenceNumber], _ report: inout Report) throws(EventLogError) {
        let catalog = try SegmentCatalog(self.directory, fileSystem: self.fileSystem)
        let eraser = SegmentEraser(catalog, frameSizeBytes: self.frameSizeBytes, self.fileSystem)
        var rest = lines[...]
        // The last segment is being written, and holds none of the lines: they were sealed.
        for (name, next) in zip(catalog.segments, catalog.segments.dropFirst()) {
            rest = rest.drop { $0 < name.base }
            let here = rest.prefix { $0 < next.base }
            guard !here.isEmpty else { continue }
            rest = rest.dropFirst(here.count)
            // Asked before: afterwards it is another file.
            let hasOtherNames = try eraser.hasOtherNames(name)
            let count = try eraser.erase(here, in: name)
            guard count > 0 else { continue }
            if hasOtherNames { report.keptElsewhere.append(name) }
            report.erasedCount += count
            report.segments.append(name)
        }
    }

    /// Removes what crashes tore off, or set aside: nobody can say whose words stand there.
    private func removeTornTails(_ report: inout Report) throws(EventLogError) {
        try withLogErrors { () throws(FileSystemError) in
            let folder = self.directory.appending(SegmentCatalog.folderName)
            for name in try self.fileSystem.list(folder).sorted()
            where name.hasSuffix(".torn") || name.hasSuffix(".torn.tmp") {
                try self.fileSystem.removeWithBytes(folder.appending(name))
                report.removed.append("\(SegmentCatalog.folderName)/\(name)")
            }
            try self.fileSystem.syncDirectory(folder)
        }
    }

    private func removeLeftovers() throws(EventLogError) {
        let catalog = try SegmentCatalog(self.directory, fileSystem: self.fileSystem)
        try SegmentEraser(catalog, frameSizeBytes: self.frameSizeBytes, self.fileSystem).removeLeftovers()
    }
}
