package import EventLog
package import LogValues
import Projections
import RawJSON

/// A signed checkpoint as a line of the log records it.
package struct RecordedCheckpoint: Equatable, Sendable {
    /// The line that it stands in.
    package let line: SequenceNumber
    /// Lines that it covers: fewer than those before ``line``, by what was in flight when it was made.
    package let size: UInt64
    package let root: Hash256
    package let note: SignedNote

    /// How far into a line its type is looked for: before it stand two numbers at most.
    private static let headSize = 112
    private static let type: StaticString = "\"type\":\"log.checkpointed\""
    /// Lines behind a size among which its checkpoint is looked for.
    ///
    /// Before a checkpoint's own line stands what was in flight when it was made, which a full mailbox bounds.
    private static let searchLimit: UInt64 = 1 << 20

    package init(line: SequenceNumber, size: UInt64, root: Hash256, note: SignedNote) {
        self.line = line
        self.size = size
        self.root = root
        self.note = note
    }

    /// Reads a line; nil if it is another event, or an unsigned checkpoint.
    package init?(_ line: LogLine) {
        guard Self.isMeant(line.bytes) else { return nil }
        var decoder = EventDecoder()
        guard let event = try? decoder.decode(line.bytes).event, case .logCheckpointed(let checkpoint) = event.payload,
            let text = checkpoint.note, let note = try? SignedNote(parsing: Array(text.utf8))
        else { return nil }
        self.init(
            line: line.sequenceNumber,
            size: checkpoint.size,
            root: checkpoint.root,
            note: note
        )
    }

    /// Compares bytes only: every line of the log is asked.
    private static func isMeant(_ line: Bytes) -> Bool {
        line.extracting(first: self.headSize).contains(self.type.bytes)
    }

    /// The checkpoint that a log recorded of one of its sizes.
    ///
    /// - Parameters:
    ///   - size: Count of lines.
    ///   - end: How far the log may be read.
    ///   - reader: Of the log.
    /// - Returns: Nil if there is none.
    /// - Throws: ``EventLogError/missingLine(_:firstSegment:)`` if the log does not go back so far.
    package static func find(
        size: UInt64,
        through end: SequenceNumber,
        in reader: LogReader
    ) throws(EventLogError) -> RecordedCheckpoint? {
        let first = SequenceNumber(size + 1)
        let last = SequenceNumber(min(size + Self.searchLimit, end.rawValue))
        guard first <= last, var cursor = try reader.cursor(from: first, through: last) else { return nil }
        while try cursor.advance() {
            guard let found = RecordedCheckpoint(cursor.line), found.size >= size else { continue }
            return found.size == size ? found : nil
        }
        return nil
    }

    /// The last checkpoint that a log recorded.
    ///
    /// Reads the last segment, and those before it while they hold none.
    package static func findLast(
        through end: SequenceNumber,
        in reader: LogReader,
        _ catalog: SegmentCatalog
    ) throws(EventLogError) -> RecordedCheckpoint? {
        var last = end
        for segment in catalog.segments.reversed() where segment.base <= last {
            var found: RecordedCheckpoint?
            guard var cursor = try reader.cursor(from: segment.base, through: last) else { return nil }
            while try cursor.advance() { found = RecordedCheckpoint(cursor.line) ?? found }
            if let found { return found }
            guard segment.base > .first else { return nil }
            last = SequenceNumber(segment.base.rawValue - 1)
        }
        return nil
    }
}
