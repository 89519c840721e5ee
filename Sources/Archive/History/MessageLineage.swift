import EventLog
package import LogValues
package import Projections

/// What the log says of one message: its post, its edits, its deletion, and the erasures of any of these, in order.
package struct MessageLineage: Sendable, Equatable {
    package let message: UUID128
    /// Of all lines about the message.
    package let numbers: Set<SequenceNumber>
    package let lines: [EventLine]

    /// Reads the lines; nil if the log does not name the message up to then.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - after: Only lines after this one.
    ///   - asOf: The last line to look at.
    ///   - view: The index.
    /// - Throws: ``StaleIndex``, ``EventLogError``, and ``EventCodingError`` if a line cannot be read.
    package init?(of message: UUID128, after: UInt64 = 0, asOf: SequenceNumber, in view: IndexView) throws {
        let numbers = try view.lines(ofMessage: message).filter { $0.rawValue <= asOf.rawValue }
        guard !numbers.isEmpty else { return nil }
        var decoder = EventDecoder()
        var lines: [EventLine] = []
        for number in numbers where number.rawValue > after {
            lines.append(try view.line(at: number) { try decoder.decode($0) })
        }
        self.message = message
        self.numbers = Set(numbers)
        self.lines = lines
    }
}
