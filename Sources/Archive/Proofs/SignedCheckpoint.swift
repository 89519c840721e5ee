package import EventLog
package import LogValues
import Projections

/// A signed checkpoint that the log records, to which proofs can lead.
package struct SignedCheckpoint: Equatable, Sendable {
    /// The line that it stands in.
    package let line: SequenceNumber
    /// Lines that it covers: fewer than those before ``line``, by what was in flight when it was made.
    package let size: UInt64
    package let root: Hash256
    package let note: SignedNote

    /// Lines behind a size among which its checkpoint is looked for.
    ///
    /// Before a checkpoint's own line stands what was in flight when it was made, which a full mailbox bounds.
    private static let searchLimit: UInt64 = 1 << 20

    /// Reads a line; nil if it is another event, or a checkpoint without a note that can be read.
    package init?(_ line: LogLine) {
        guard let recorded = try? RecordedCheckpoint(line), let text = recorded.checkpoint.note,
            let note = try? SignedNote(parsing: Array(text.utf8))
        else { return nil }
        self.line = recorded.line
        self.size = recorded.checkpoint.size
        self.root = recorded.checkpoint.root
        self.note = note
    }

    /// The checkpoint that a log recorded of one of its sizes.
    ///
    /// - Parameters:
    ///   - size: Count of lines.
    ///   - end: How far the log may be read.
    ///   - reader: Of the log.
    /// - Returns: Nil if there is none.
    /// - Throws: ``EventLogError/missingLine(_:firstSegment:)`` if the log does not go back so far.
    static func find(
        size: UInt64,
        through end: SequenceNumber,
        in reader: LogReader
    ) throws(EventLogError) -> SignedCheckpoint? {
        let first = SequenceNumber(size + 1)
        let last = SequenceNumber(min(size + Self.searchLimit, end.rawValue))
        guard first <= last, var cursor = try reader.cursor(from: first, through: last) else { return nil }
        while try cursor.advance() {
            guard let found = SignedCheckpoint(cursor.line), found.size >= size else { continue }
            return found.size == size ? found : nil
        }
        return nil
    }

    /// The last checkpoint that a log recorded.
    ///
    /// Reads the last segment, and those before it while they hold none.
    static func findLast(through end: SequenceNumber, in reader: LogReader) throws(EventLogError) -> SignedCheckpoint? {
        let catalog = try SegmentCatalog(reader.directory, fileSystem: reader.fileSystem)
        var last = end
        for segment in catalog.segments.reversed() where segment.base <= last {
            var found: SignedCheckpoint?
            guard var cursor = try reader.cursor(from: segment.base, through: last) else { return nil }
            while try cursor.advance() { found = SignedCheckpoint(cursor.line) ?? found }
            if let found { return found }
            last = segment.base.previous
        }
        return nil
    }
}
