import LogValues
package import SystemPackage

/// Holds the leaf hashes beside a log against the roots in its segments' headers, and mends them from the lines.
///
/// A start after a crash does this: the hashes are not synced as they are written, so a power failure may have left anything in
/// them, also of segments that were ended long ago. The last segment's are mended when the log is opened. It costs a hash
/// or two for each line, and the reading of a segment only where something is wrong. Whoever else writes a hash meanwhile
/// writes the same bytes at the same place.
package struct LeafAudit: Sendable {
    private static let markName = "unchecked"
    /// Lines after which the caller is asked whether to go on.
    private static let checkInterval: UInt64 = 1 << 16

    private let directory: FilePath
    private let fileSystem: any FileSystem

    package init(_ directory: FilePath, fileSystem: any FileSystem = PosixFileSystem()) {
        self.directory = directory
        self.fileSystem = fileSystem
    }

    /// An account of what was mended.
    package struct Report: Equatable, Sendable {
        /// Segments with hashes that were not those of their lines.
        package internal(set) var segments: [SegmentName] = []
        /// Copies of hashes that said otherwise than the lines, by their path in the data directory.
        package internal(set) var kept: [String] = []
    }

    private var mark: FilePath { self.directory.appending(HashTree.folderName).appending(Self.markName) }

    /// Whether an earlier start was to do this, and did not get to its end.
    package var isPending: Bool { self.fileSystem.exists(self.mark) }

    /// Notes that it is to be done, so that the next start does it if this one does not.
    package func begin() throws(EventLogError) {
        try withLogErrors { () throws(FileSystemError) in
            self.fileSystem.close(try self.fileSystem.open(self.mark, .replace))
            try self.fileSystem.syncDirectory(self.mark.removingLastComponent())
        }
    }

    /// Does it.
    ///
    /// - Parameter check: Called now and then; what it throws ends it, to be done again.
    /// - Returns: What was mended.
    /// - Throws: ``EventLogError``, what `check` throws.
    package func run(check: () throws -> Void = {}) throws -> Report {
        var report = Report()
        let catalog = try SegmentCatalog(self.directory, fileSystem: self.fileSystem)
        let leaves = RecordedLeaves(in: self.directory, fileSystem: self.fileSystem)
        let reader = LogReader(self.directory, fileSystem: self.fileSystem)
        guard leaves.isThere else { return report }
        for (segment, next) in zip(catalog.segments, catalog.segments.dropFirst()) {
            guard let header = try reader.header(of: segment), let end = try reader.header(of: next) else { continue }
            guard try !self.agree(leaves, from: header.frontier, to: end.frontier, check) else { continue }
            try self.mend(segment, through: SequenceNumber(end.frontier.size), &report, check)
        }
        try self.removeMark()
        return report
    }

    private func removeMark() throws(EventLogError) {
        guard self.isPending else { return }
        try withLogErrors { () throws(FileSystemError) in
            try self.fileSystem.remove(self.mark)
            try self.fileSystem.syncDirectory(self.mark.removingLastComponent())
        }
    }

    /// Whether the hashes of a segment lead from the tree before it to the tree behind it; also if none of them is there,
    /// which is no trouble.
    private func agree(
        _ leaves: RecordedLeaves,
        from start: Frontier,
        to end: Frontier,
        _ check: () throws -> Void
    ) throws -> Bool {
        guard start.size < end.size else { return true }
        var frontier = start
        var missingCount: UInt64 = 0
        for line in start.size + 1...end.size {
            if line % Self.checkInterval == 0 { try check() }
            guard let leaf = leaves.leaf(of: SequenceNumber(line)) else {
                missingCount += 1
                continue
            }
            frontier.append(leaf: leaf)
        }
        return missingCount == end.size - start.size || frontier == end
    }

    private func mend(
        _ segment: SegmentName,
        through last: SequenceNumber,
        _ report: inout Report,
        _ check: () throws -> Void
    ) throws {
        let recorded = RecordedLeaves(in: self.directory, fileSystem: self.fileSystem)
        var right: [(line: UInt64, leaf: Hash256)] = []
        var contradicting: ClosedRange<UInt64>?
        var scratch: [UInt8] = []
        try LogReader(self.directory, fileSystem: self.fileSystem)
            .forEachLine(from: segment.base, through: last) { line in
                let number = line.sequenceNumber.rawValue
                if number % Self.checkInterval == 0 { try check() }
                let leaf = try Redaction.leafHash(of: line.bytes, scratch: &scratch)
                let found = recorded.leaf(of: line.sequenceNumber)
                guard found != leaf else { return }
                right.append((number, leaf))
                if found != nil { contradicting = (contradicting?.lowerBound ?? number)...number }
            }
        guard !right.isEmpty else { return }
        if let contradicting {
            report.kept.append(try ReplacedLeaves.keep(contradicting, in: self.directory, self.fileSystem))
        }
        try self.write(right)
        report.segments.append(segment)
    }

    private func write(_ leaves: [(line: UInt64, leaf: Hash256)]) throws(EventLogError) {
        let path = self.directory.appending(HashTree.folderName).appending("0")
        try withLogErrors { () throws(FileSystemError) in
            let file = try self.fileSystem.open(path, .readAndWrite)
            defer { self.fileSystem.close(file) }
            for (line, leaf) in leaves {
                let bytes = leaf.withBytes { Array($0) }
                try self.fileSystem.writeAll(file, bytes, at: (line - 1) * UInt64(Hash256.byteCount))
            }
            try self.fileSystem.sync(file)
        }
    }
}
