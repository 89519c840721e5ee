package import EventLog
package import LogValues
package import Projections
import RawJSON

/// A checkpoint as a line of the log records it, signed or not.
package struct RecordedCheckpoint: Equatable, Sendable {
    /// The line that it stands in.
    package let place: LogLine.Place
    /// The node that wrote it.
    package let source: NodeName
    package let checkpoint: LogCheckpointed

    package var line: SequenceNumber { self.place.sequenceNumber }

    /// Reads a line; nil if it is another event.
    ///
    /// No more than the type is read of those: every line of a log is asked.
    ///
    /// - Throws: ``UnreadableEvent`` for a checkpoint that cannot be read.
    package init?(_ line: LogLine) throws(UnreadableEvent) {
        guard let fields = LineFields(line.bytes), fields.type.equals("log.checkpointed") else { return nil }
        var decoder = EventDecoder()
        let event = try decoder.decode(line).event
        guard case .logCheckpointed(let checkpoint) = event.payload else { return nil }
        self.place = line.place
        self.source = event.source
        self.checkpoint = checkpoint
    }

    /// Those of a whole log, in its order.
    ///
    /// - Throws: ``EventLogError``, ``UnreadableEvent``.
    package static func all(in reader: LogReader) throws -> [RecordedCheckpoint] {
        var found: [RecordedCheckpoint] = []
        try reader.forEachLine { line in
            if let checkpoint = try RecordedCheckpoint(line) { found.append(checkpoint) }
        }
        return found
    }
}
