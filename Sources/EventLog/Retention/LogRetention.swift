package import SystemPackage

/// Drops the oldest segments of a log, for whoever holds its lock.
///
/// Always whole segments, never the last one. What remains is verified from the frontier in its first header, as any
/// segment is. Whether a snapshot stands for what goes is for the caller to see to.
package struct LogRetention: Sendable {
    private let directory: FilePath
    private let limits: RetentionLimits
    private let fileSystem: any FileSystem

    package init(
        _ directory: FilePath,
        _ limits: RetentionLimits,
        fileSystem: any FileSystem = PosixFileSystem()
    ) {
        self.directory = directory
        self.limits = limits
        self.fileSystem = fileSystem
    }

    /// Finds the segments that the limits let go.
    ///
    /// - Parameter now: The present moment, in microseconds since 1970.
    /// - Returns: The oldest segments, in order.
    /// - Throws: ``EventLogError``.
    package func dueSegments(now: Int64) throws(EventLogError) -> [SegmentName] {
        guard !self.limits.isOff else { return [] }
        let catalog = try SegmentCatalog(self.directory, fileSystem: self.fileSystem)
        let plan = RetentionPlan(limits: self.limits, now: now)
        var count = try self.tooMuchCount(catalog, plan)
        // From there on, as far as segments are too old: the first that is not ends it, so few headers are read.
        while count + 1 < catalog.segments.count, self.limits.age != nil,
            let end = try self.opening(of: catalog.segments[count + 1]), plan.isTooOld(ended: end)
        {
            count += 1
        }
        return Array(catalog.segments.prefix(count))
    }

    private func tooMuchCount(_ catalog: SegmentCatalog, _ plan: RetentionPlan) throws(EventLogError) -> Int {
        guard self.limits.sizeBytes != nil else { return 0 }
        var sizes: [UInt64] = []
        for segment in catalog.segments { sizes.append(try self.size(of: segment, catalog)) }
        return plan.tooMuchCount(sizes: sizes)
    }

    /// The last line of the newest of these segments, which are the oldest of the log; nil of none.
    package func lastLine(of segments: [SegmentName]) throws(EventLogError) -> SequenceNumber? {
        let catalog = try SegmentCatalog(self.directory, fileSystem: self.fileSystem)
        guard let last = segments.last, let next = catalog.segments.first(where: { $0 > last }) else { return nil }
        return SequenceNumber(next.base.rawValue - 1)
    }

    /// Drops the oldest segments up to a line, and what crashes tore off them.
    ///
    /// One after the other, each gone from the disk before the next: at every moment what remains is the log from some
    /// segment on.
    ///
    /// - Parameters:
    ///   - segments: The oldest ones.
    ///   - line: The last line that may go, for which a snapshot stands; segments that reach further stay.
    /// - Returns: The segments that went.
    /// - Throws: ``EventLogError``; those before the one that it names are gone then.
    package func drop(_ segments: [SegmentName], through line: SequenceNumber) throws(EventLogError) -> [SegmentName] {
        let catalog = try SegmentCatalog(self.directory, fileSystem: self.fileSystem)
        var dropped: [SegmentName] = []
        for (segment, next) in zip(catalog.segments, catalog.segments.dropFirst()) {
            guard segments.contains(segment), next.base <= line.next else { break }
            try self.remove(segment.fileName, in: catalog.folder)
            dropped.append(segment)
        }
        try self.dropTornTails(catalog.folder)
        return dropped
    }

    /// Bytes that a crash tore off a dropped segment may hold what people wrote, and go with it.
    private func dropTornTails(_ folder: FilePath) throws(EventLogError) {
        let first = try SegmentCatalog(self.directory, fileSystem: self.fileSystem).firstLine
        let names = try withLogErrors { () throws(FileSystemError) in try self.fileSystem.list(folder) }
        for name in names where name.hasSuffix(".torn") {
            let segment = SegmentName(fileName: String(name.prefix(SegmentName(base: .first).fileName.utf8.count)))
            if let segment, segment.base < first { try self.remove(name, in: folder) }
        }
    }

    private func remove(_ name: String, in folder: FilePath) throws(EventLogError) {
        try withLogErrors { () throws(FileSystemError) in
            try self.fileSystem.removeWithBytes(folder.appending(name))
            try self.fileSystem.syncDirectory(folder)
        }
    }

    private func opening(of segment: SegmentName) throws(EventLogError) -> String? {
        try LogReader(self.directory, fileSystem: self.fileSystem).header(of: segment)?.opened
    }

    private func size(of segment: SegmentName, _ catalog: SegmentCatalog) throws(EventLogError) -> UInt64 {
        try withLogErrors { () throws(FileSystemError) in
            let file = try self.fileSystem.open(catalog.path(of: segment), .read)
            defer { self.fileSystem.close(file) }
            return try self.fileSystem.size(file)
        }
    }
}
