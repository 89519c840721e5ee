package import LogValues
package import SystemPackage

/// Reads lines of a log, from any on; also while the log is being written, by this process or by another.
///
/// A value without open files. A reader sees a log that is being written up to its last whole commit on disk, which may
/// not be synced yet: name the last line (`through`) to read no further than what is known to be durable.
package struct LogReader: Sendable {
    package let directory: FilePath
    package let fileSystem: any FileSystem

    package init(_ directory: FilePath, fileSystem: any FileSystem = PosixFileSystem()) {
        self.directory = directory
        self.fileSystem = fileSystem
    }

    /// Opens the segment that holds a line.
    ///
    /// - Parameters:
    ///   - first: The first line to hand out; nil: the first that is kept. One that is not in the log yet gives no
    ///     lines.
    ///   - last: The last line to hand out; nil: all there are.
    ///   - place: Where a frame begins that holds `first`, or an earlier line of the same segment. What stands before
    ///     it is not read, so not checked either; from there on lines are checked as ever.
    /// - Returns: The place before `first`; nil if there is no segment at all.
    /// - Throws: ``EventLogError/missingLine(_:firstSegment:)`` if `first` stands before the first segment.
    package func cursor(
        from first: SequenceNumber? = nil,
        through last: SequenceNumber? = nil,
        skippingTo place: FramePlace? = nil
    ) throws(EventLogError) -> LogCursor? {
        let catalog = try SegmentCatalog(self.directory, fileSystem: self.fileSystem)
        let first = first ?? catalog.firstLine
        var cursor = try LogCursor(catalog, from: first, through: last, self.fileSystem)
        if let place { _ = try cursor?.skip(to: place, from: first) }
        return cursor
    }

    /// The header of a segment, of which no more than the first block is read.
    ///
    /// - Returns: Nil if the file ends, or is faulty, before its first line's end.
    /// - Throws: ``EventLogError``, also if there is no such file.
    package func header(of segment: SegmentName) throws(EventLogError) -> SegmentHeader? {
        let path = self.directory.appending(SegmentCatalog.folderName).appending(segment.fileName)
        var reader = try SegmentReader(segment, at: path, self.fileSystem)
        return try reader.readHeader()
    }

    /// Calls `body` with one line.
    ///
    /// - Parameters:
    ///   - number: The line.
    ///   - body: What it throws is thrown on.
    /// - Returns: What `body` returns; nil if the log ends before the line.
    /// - Throws: What `body` throws; ``EventLogError/missingLine(_:firstSegment:)`` if the line is not kept any more,
    ///   ``EventLogError/damaged(file:offset:_:)`` at damage up to it.
    package func withLine<R>(at number: SequenceNumber, _ body: (LogLine) throws -> R) throws -> R? {
        guard var cursor = try self.cursor(from: number, through: number), try cursor.advance() else { return nil }
        return try body(cursor.line)
    }

    /// Calls `body` for each line, in order.
    ///
    /// - Parameters:
    ///   - first: The first line to hand out; nil: the first that is kept. One that is not in the log yet gives no
    ///     lines.
    ///   - last: The last line to hand out; nil: all there are.
    ///   - body: What it throws ends the reading.
    /// - Returns: Why it ended; nil if there is no segment at all.
    /// - Throws: What `body` throws, and ``EventLogError`` at the first damage, after the lines before it.
    @discardableResult
    package func forEachLine(
        from first: SequenceNumber? = nil,
        through last: SequenceNumber? = nil,
        _ body: (LogLine) throws -> Void
    ) throws -> LogCursor.Ending? {
        guard var cursor = try self.cursor(from: first, through: last) else { return nil }
        while try cursor.advance() { try body(cursor.line) }
        return cursor.ending
    }
}
