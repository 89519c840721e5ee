import EventLog
package import Projections
import Synchronization

/// The newest state, of those that are kept, at a position or before it; nil if there is none.
package typealias SnapshotSource = @Sendable (Position) -> HubState?

/// Rebuilds the state of the hub as of a place in its log.
///
/// Two at a time at most: each holds a state in memory, and a core. It blocks: call it on a thread pool.
final class PastState: Sendable {
    static let concurrencyLimit = 2

    private let snapshots: SnapshotSource
    private let running = Mutex(0)

    init(snapshots: @escaping SnapshotSource) {
        self.snapshots = snapshots
    }

    /// The log to rebuild from.
    struct Source {
        let reader: LogReader
        /// The first event that is kept.
        let first: SequenceNumber
        /// Where the frame begins that holds an event.
        let place: (SequenceNumber) -> FramePlace?
    }

    /// Rebuilds a state.
    ///
    /// - Parameters:
    ///   - position: The last event to apply; at or before the end of the log.
    ///   - log: Where the events are.
    ///   - body: Called with the state, in the calling thread.
    /// - Returns: What `body` returns.
    /// - Throws: ``LookBackError/unavailable(_:)`` if too many are at it, ``LookBackError/beforeFirst(_:)`` if there is
    ///   nothing to begin with, and what the reader and the decoder find wrong.
    func withState<R>(at position: Position, in log: Source, _ body: (HubState) throws -> R) throws -> R {
        let isFree = self.running.withLock { running in
            guard running < Self.concurrencyLimit else { return false }
            running += 1
            return true
        }
        guard isFree else { throw LookBackError.unavailable("Other states are being rebuilt; try again.") }
        defer { self.running.withLock { $0 -= 1 } }
        var state = self.snapshots(position) ?? HubState()
        guard state.position.next.rawValue >= log.first.rawValue else { throw LookBackError.beforeFirst(log.first) }
        try self.replay(log, into: &state, through: position)
        return try body(state)
    }

    private func replay(_ log: Source, into state: inout HubState, through position: Position) throws {
        let next = SequenceNumber(state.position.next.rawValue)
        let last = SequenceNumber(position.rawValue)
        guard next <= last else { return }
        var decoder = EventDecoder()
        var changes: [Change] = []
        let cursor = try log.reader.cursor(from: next, through: last, skippingTo: log.place(next))
        while let line = try cursor?.next() {
            let decoded = try decoder.decode(line.bytes)
            _ = state.apply(decoded.event, at: decoded.position, into: &changes)
            changes.removeAll(keepingCapacity: true)
        }
        guard state.position == position else {
            throw EventLogError.missingLine(
                SequenceNumber(state.position.next.rawValue),
                firstSegment: cursor?.commitEnd.segment ?? SegmentName(base: next)
            )
        }
    }
}
