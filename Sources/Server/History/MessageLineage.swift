import EventLog
import Projections

/// What the log says of one message: its post, its edits, its deletion, and the erasures of any of these, in order.
struct MessageLineage: Sendable, Equatable {
    let message: UUID128
    let lines: [EventLine]

    /// - Returns: Nil if the log does not name the message up to then.
    /// - Throws: ``StaleIndex``, ``EventLogError``, and ``EventCodingError`` if a line cannot be read.
    init?(of message: UUID128, asOf: Position, in view: IndexView) throws {
        var decoder = EventDecoder()
        var lines: [EventLine] = []
        for number in try view.lines(ofMessage: message) where number.rawValue <= asOf.rawValue {
            lines.append(try view.line(at: number) { try decoder.decode($0) })
        }
        guard !lines.isEmpty else { return nil }
        self.message = message
        self.lines = lines
    }
}
