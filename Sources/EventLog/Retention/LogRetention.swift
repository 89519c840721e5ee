package import LogValues
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

    /// Segments that the limits let go: the oldest, in order.
    package struct Due: Equatable, Sendable {
        package let segments: [SegmentName]
        /// Which limit asks for the last of them.
        package let rule: Rule

        package enum Rule: Equatable, Sendable {
            case age(Duration)
            /// Bytes on disk.
            case size(UInt64)
        }
    }

    /// Finds the segments that the limits let go.
    ///
    /// - Parameter now: The present moment, in microseconds since 1970; nil: it is not known well enough to tell ages by.
    /// - Returns: Nil if there are none.
    /// - Throws: ``EventLogError``.
    package func dueSegments(now: Int64?) throws(EventLogError) -> Due? {
        guard !self.limits.isOff else { return nil }
        let catalog = try SegmentCatalog(self.directory, fileSystem: self.fileSystem)
        let plan = RetentionPlan(limits: self.limits, now: now)
        let tooMuch = try self.tooMuchCount(catalog, plan)
        let tooOld = try self.tooOldCount(catalog, plan)
        if let age = self.limits.age, tooOld > tooMuch {
            return Due(segments: Array(catalog.segments.prefix(tooOld)), rule: .age(age))
        }
        guard let size = self.limits.sizeBytes, tooMuch > 0 else { return nil }
        return Due(segments: Array(catalog.segments.prefix(tooMuch)), rule: .size(size))
    }

    /// The first that is not too old ends it, so few headers are read.
    private func tooOldCount(_ catalog: SegmentCatalog, _ plan: RetentionPlan) throws(EventLogError) -> Int {
        guard plan.tellsAges, let first = catalog.segments.first, let begin = try self.opening(of: first) else {
            return 0
        }
        var age = plan.ages(from: begin)
        var count = 0
        var next = 1
        while next < catalog.segments.count, let opened = try self.opening(of: catalog.segments[next]) {
            next += 1
            // A header from the future says nothing; a later one tells by when the segments before it had ended.
            guard let isTooOld = age.isTooOld(ended: opened) else { continue }
            guard isTooOld else { break }
            count = next - 1
        }
        return count
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

    /// The lines that ``drop(_:through:)`` would take, to be noted before.
    package struct Loss: Equatable, Sendable {
        /// The first line that goes.
        package let first: SequenceNumber
        /// The tree of all lines that are gone then.
        package let frontier: Frontier

        package init(first: SequenceNumber, frontier: Frontier) {
            self.first = first
            self.frontier = frontier
        }
    }

    /// Says what ``drop(_:through:)`` would take; nil if nothing.
    package func loss(_ segments: [SegmentName], through line: SequenceNumber) throws(EventLogError) -> Loss? {
        let catalog = try SegmentCatalog(self.directory, fileSystem: self.fileSystem)
        let going = zip(catalog.segments, catalog.segments.dropFirst()).prefix { segment, next in
            segments.contains(segment) && next.base <= line.next
        }
        guard let (_, next) = going.last else { return nil }
        let reader = LogReader(self.directory, fileSystem: self.fileSystem)
        return try reader.header(of: next).map { Loss(first: catalog.firstLine, frontier: $0.frontier) }
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
        _ = try LogWitness.removeSnapshots(before: first, in: self.directory, self.fileSystem)
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
