import EventLog
package import LogValues
package import Projections
import RawJSON

/// Knows which lines of the log are about a message.
package protocol MessageLines: Sendable {
    /// Reads the lines of a message: its post, edits, deletion and erasure, in the order of the log.
    ///
    /// They are read one after the other, so that those in one frame share its decoding: the time grows with how many
    /// there are, and with how far they lie apart.
    ///
    /// - Parameters:
    ///   - uuid: The message.
    ///   - end: How far the log may be read.
    ///   - body: Called with each line's number, and with its bytes, without its content
    ///     if that is being erased.
    /// - Returns: What `body` made of each; none if the log does not name the message.
    /// - Throws: What reading the log and `body` throw.
    func read<R>(
        linesOfMessage uuid: UUID128,
        through end: SequenceNumber,
        _ body: (SequenceNumber, Bytes) throws -> R
    ) throws -> [R]

    /// Reads one line, as above.
    func read<R>(line: SequenceNumber, _ body: (Bytes) throws -> R) throws -> R
}

extension MessageLines {
    /// The line of a message that is meant, as a receipt shows it.
    ///
    /// The other lines are kept as their kind only, since a message may have any number of edits.
    package func line(
        ofMessage uuid: UUID128,
        _ selector: MessageEventSelector,
        through end: SequenceNumber
    ) throws(EvidenceError) -> MessageReceipt.Line {
        do {
            var decoder = EventDecoder()
            let lines = try self.read(linesOfMessage: uuid, through: end) { number, bytes in
                (number: number, kind: MessageEventSelector.Kind(try decoder.decode(bytes).event.payload))
            }
            guard !lines.isEmpty else { throw EvidenceError.unknownMessage(uuid) }
            guard let index = selector.index(in: lines.map(\.kind)) else {
                throw EvidenceError.noSuchEvent(selector, uuid)
            }
            let (number, kind) = lines[index]
            return try self.read(line: number) { bytes in
                let content = try decoder.decode(bytes).event.content
                return MessageReceipt.Line(
                    sequenceNumber: number,
                    kind: kind,
                    bytes: Array(bytes),
                    isErased: content.map { $0.plain == nil } ?? false
                )
            }
        } catch let error as EvidenceError {
            throw error
        } catch EventLogError.missingLine(let line, _) {
            throw .lineDropped(line)
        } catch IndexError.building(let done, let count) {
            throw .unavailable(reason: "The log is being indexed (\(done) of \(count) segments); try again.")
        } catch {
            throw .caused(by: error)
        }
    }
}

extension MessageIndex: MessageLines {
    package func read<R>(
        linesOfMessage uuid: UUID128,
        through end: SequenceNumber,
        _ body: (SequenceNumber, Bytes) throws -> R
    ) throws -> [R] {
        try self.read { view in
            try view.lines(ofMessage: uuid).filter { $0 <= end }.map { number in
                try view.line(at: number) { try body(number, $0) }
            }
        }
    }

    package func read<R>(line: SequenceNumber, _ body: (Bytes) throws -> R) throws -> R {
        try self.read { try $0.line(at: line, body) }
    }
}
