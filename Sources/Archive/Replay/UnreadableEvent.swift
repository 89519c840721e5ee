package import EventLog
package import Projections

/// A line of a log is no event.
package struct UnreadableEvent: Error, Equatable, CustomStringConvertible {
    package let line: LogLine.Place
    package let reason: EventCodingError

    package var description: String {
        "\(self.line): \(self.reason)"
    }
}

extension EventDecoder {
    /// Reads a line of a log.
    ///
    /// - Throws: ``UnreadableEvent``, which says where the line stands.
    package mutating func decode(_ line: LogLine) throws(UnreadableEvent) -> EventLine {
        do throws(EventCodingError) {
            return try self.decode(line.bytes)
        } catch {
            throw UnreadableEvent(line: line.place, reason: error)
        }
    }
}
