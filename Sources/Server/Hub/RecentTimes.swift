import DequeModule
import Projections

/// Which event was the last one before a window of time that ends with the newest event.
struct RecentTimes: Sendable {
    private let window: Int64
    private var inside: Deque<(time: Timestamp, position: Position)> = []
    private(set) var lastBeforeWindow: Position?

    /// - Parameter window: In microseconds.
    init(window: Int64) {
        self.window = window
    }

    mutating func append(_ time: Timestamp, at position: Position) {
        self.inside.append((time, position))
        while let first = self.inside.first,
            time.microseconds.subtractingReportingOverflow(first.time.microseconds).partialValue > self.window
        {
            self.lastBeforeWindow = first.position
            self.inside.removeFirst()
        }
    }
}
