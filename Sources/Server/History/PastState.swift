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

    /// Rebuilds a state.
    ///
    /// - Parameters:
    ///   - position: The last event to apply; at or before the end of the log.
    ///   - first: The first event that is kept.
    ///   - reader: Of the log.
    ///   - place: Where the frame begins that holds an event.
    ///   - body: Called with the state, in the calling thread.
    /// - Throws: ``LookBackError/unavailable(_:)`` if too many are at it, ``LookBackError/beforeFirst(_:)`` if there is
    ///   nothing to begin with, and what the reader and the decoder find wrong.
    func withState<R>(
        at position: Position,
        first: SequenceNumber,
        _ reader: LogReader,
        place: (SequenceNumber) -> FramePlace?,
        _ body: (HubState) throws -> R
    ) throws -> R {
        let isFree = self.running.withLock { running in
            guard running < Self.concurrencyLimit else { return false }
            running += 1
            return true
        }
        guard isFree else { throw LookBackError.unavailable("Other states are being rebuilt; try again.") }
        defer { self.running.withLock { $0 -= 1 } }
        var state = self.snapshots(position) ?? HubState()
        guard state.position.next.rawValue >= first.rawValue else { throw LookBackError.beforeFirst(first) }
        try self.replay(into: &state, through: position, reader, place)
        return try body(state)
    }

    private func replay(
        into state: inout HubState,
        through position: Position,
        _ reader: LogReader,
        _ place: (SequenceNumber) -> FramePlace?
    ) throws {
        let next = SequenceNumber(state.position.next.rawValue)
        let last = SequenceNumber(position.rawValue)
        guard next <= last else { return }
        var decoder = EventDecoder()
        var changes: [Change] = []
        let cursor = try reader.cursor(from: next, through: last, skippingTo: place(next))
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
