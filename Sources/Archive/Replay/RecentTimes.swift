import DequeModule
import LogValues
import Projections

/// Which event was the last one before a window of time that ends with the newest event.
struct RecentTimes: Sendable {
    private let window: Int64
    /// Of the events in the window, oldest first; positions rise by one.
    private(set) var inside: Deque<(time: Timestamp, position: SequenceNumber)> = []
    private(set) var lastBeforeWindow: SequenceNumber?

    /// - Parameters:
    ///   - window: In microseconds.
    ///   - before: The last event before the window, where it is known.
    init(window: Int64, before: SequenceNumber? = nil) {
        self.window = window
        self.lastBeforeWindow = before
    }

    mutating func append(_ time: Timestamp, at position: SequenceNumber) {
        self.inside.append((time, position))
        while let first = self.inside.first,
            time.microseconds.subtractingReportingOverflow(first.time.microseconds).partialValue > self.window
        {
            self.lastBeforeWindow = first.position
            self.inside.removeFirst()
        }
    }

    /// Puts an event back that was in the window.
    mutating func restore(_ time: Timestamp, at position: SequenceNumber) {
        self.inside.append((time, position))
    }
}
