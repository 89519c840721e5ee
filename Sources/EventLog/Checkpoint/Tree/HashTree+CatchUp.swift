package import LogValues

/// How the hashes follow the log.
///
/// Lazily, by whoever wants a proof, and not on the commit thread: there, work for proofs that few ask for would be paid
/// by every line. ``append(leaf:)`` is there for a writer that has the hashes at hand.
extension HashTree {
    /// Takes in the lines that the log has more, up to the last whole commit on disk.
    ///
    /// The first time, the root is compared with the one in the header of the last segment that the hashes reach, and the
    /// lines from there on are read again: what a crash may have left in the files is not trusted, nor are hashes of
    /// lines that it cut off. If the roots differ, everything is read again. Later calls go on where the last one ended.
    ///
    /// - Parameters:
    ///   - end: The last line to take in; nil: all there are. Beside a hub that writes, its last committed line: hashes of
    ///     what is written and not synced yet would outlive the lines, and look as if the log had lost them.
    ///   - onLine: Shown each line that is read, for what else is to be known of it; some more than once.
    /// - Throws: ``CheckpointError/log(_:)``, also if the log is damaged.
    package func catchUp(
        through end: SequenceNumber? = nil,
        _ onLine: (LogLine) -> Void = { _ in }
    ) throws(CheckpointError) {
        if var cursor = self.cursor.take(),
            try Self.withLogErrors({ () throws(EventLogError) in try cursor.resume() })
        {
            return try self.readLines(from: cursor, through: end, onLine)
        }
        try self.load(trusting: self.segments().reversed(), through: end, onLine)
    }

    /// Takes from the log again what is still in it, as after ``CheckpointError/damagedHashes(size:)``.
    ///
    /// - Parameter end: As ``catchUp(through:_:)`` has it.
    /// - Throws: ``CheckpointError/log(_:)``.
    package func rebuild(through end: SequenceNumber? = nil) throws(CheckpointError) {
        try self.keepLeaves()
        try self.load(trusting: self.segments().prefix(1), through: end) { _ in }
    }

    /// Goes on from the first of these segments that the hashes reach and whose header agrees with them; if none does, from
    /// the log's first segment.
    private func load(
        trusting candidates: some Sequence<SegmentName>,
        through end: SequenceNumber?,
        _ onLine: (LogLine) -> Void
    ) throws(CheckpointError) {
        self.cursor = nil
        try self.restart(candidates)
        let reader = LogReader(self.directory, fileSystem: self.fileSystem)
        let next = SequenceNumber(self.size + 1)
        if let cursor = try Self.withLogErrors({ () throws(EventLogError) in try reader.cursor(from: next) }) {
            try self.readLines(from: cursor, through: end, onLine)
        }
    }

    private func restart(_ candidates: some Sequence<SegmentName>) throws(CheckpointError) {
        for segment in candidates where (self.start.size...self.size).contains(segment.base.rawValue - 1) {
            // A segment that is just being made has no header yet.
            guard let header = try self.header(of: segment) else { continue }
            guard try self.agrees(with: header.frontier) else {
                try self.keepLeaves()
                break
            }
            return try self.cut(to: header.frontier.size)
        }
        let header = try self.segments().first.map { segment throws(CheckpointError) in try self.header(of: segment) }
        try self.removeAll(startingAt: (header ?? nil)?.frontier ?? Frontier())
    }

    /// Keeps a copy of the leaf hashes, which contradict the log and are about to be made anew: they may be all that tells of
    /// a change.
    private func keepLeaves() throws(CheckpointError) {
        guard self.isWritable, self.size > self.start.size else { return }
        let lines = self.start.size + 1...self.size
        try self.flush()
        _ = try Self.withLogErrors { () throws(EventLogError) in
            try ReplacedLeaves.keep(lines, in: self.directory, self.fileSystem)
        }
    }

    private func agrees(with frontier: Frontier) throws(CheckpointError) -> Bool {
        do {
            return try self.root(ofFirst: frontier.size) == frontier.root
        } catch .damagedHashes {
            return false
        }
    }

    /// After an error the next ``catchUp()`` begins at a header again: what was taken in meanwhile may be incomplete.
    private func readLines(
        from cursor: consuming LogCursor,
        through end: SequenceNumber?,
        _ onLine: (LogLine) -> Void
    ) throws(CheckpointError) {
        try self.takeLines(from: &cursor, through: end, onLine)
        self.cursor = consume cursor
    }

    private func takeLines(
        from cursor: inout LogCursor,
        through end: SequenceNumber?,
        _ onLine: (LogLine) -> Void
    ) throws(CheckpointError) {
        var redacted: [UInt8] = []
        while end.map({ self.size < $0.rawValue }) ?? true,
            try Self.withLogErrors({ () throws(EventLogError) in try cursor.advance() })
        {
            let line = cursor.line
            guard line.sequenceNumber.rawValue == self.size + 1 else {
                throw .log(.missingLine(SequenceNumber(self.size + 1), firstSegment: line.segment))
            }
            if line.sequenceNumber == line.segment.base, let header = cursor.segmentHeader,
                try self.root(ofFirst: self.size) != header.frontier.root
            {
                throw .log(.damaged(file: line.segment.fileName, offset: 0, .segmentFrontier))
            }
            onLine(line)
            do {
                try self.append(leaf: Redaction.leafHash(of: line.bytes, scratch: &redacted))
            } catch let error as CheckpointError {
                throw error
            } catch {
                throw .log(.damaged(file: line.segment.fileName, offset: line.blockOffset, .content))
            }
        }
        try self.flush()
    }

    private func segments() throws(CheckpointError) -> [SegmentName] {
        try Self.withLogErrors { () throws(EventLogError) in
            try SegmentCatalog(self.directory, fileSystem: self.fileSystem).segments
        }
    }

    private func header(of segment: SegmentName) throws(CheckpointError) -> SegmentHeader? {
        try Self.withLogErrors { () throws(EventLogError) in
            let catalog = try SegmentCatalog(self.directory, fileSystem: self.fileSystem)
            var reader = try SegmentReader(segment, at: catalog.path(of: segment), self.fileSystem)
            return try reader.readHeader()
        }
    }

    private static func withLogErrors<R: ~Copyable>(
        _ body: () throws(EventLogError) -> R
    ) throws(CheckpointError) -> R {
        do {
            return try body()
        } catch {
            throw .log(error)
        }
    }
}
