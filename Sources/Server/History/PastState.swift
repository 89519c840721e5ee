import EventLog
import NIOPosix
package import Projections
import Synchronization

/// The newest state, of those that are kept, at a position or before it; nil if there is none.
package typealias SnapshotSource = @Sendable (OpenLog, Position) -> HubState?

/// Rebuilds the state of the hub as of a place in its log.
///
/// Two at a time at most: each holds a state in memory and keeps a core busy, for seconds on a long log, and so each has
/// a thread of its own, not one that others wait for.
final class PastState: Sendable {
    static let concurrencyLimit = 2

    private let running = Mutex(0)

    /// The log to rebuild from.
    struct Source {
        let reader: LogReader
        /// The first event that is kept.
        let first: SequenceNumber
        /// Where the frame begins that holds an event.
        let place: (SequenceNumber) -> FramePlace?
        /// Whether to break off, because the server stops.
        let isStopped: () -> Bool
        /// The newest state that is kept, at a position or before it.
        let snapshot: (Position) -> HubState?
        /// Lines that are to be shown as erased.
        var erased: Set<Position> = []
    }

    /// Runs what rebuilds a state, on a thread of its own.
    ///
    /// - Throws: What `body` throws, and ``LookBackError/unavailable(_:)`` if too many are at it.
    func withThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        let isFree = self.running.withLock { running in
            guard running < Self.concurrencyLimit else { return false }
            running += 1
            return true
        }
        guard isFree else { throw LookBackError.unavailable("Other states are being rebuilt; try again.") }
        defer { self.running.withLock { $0 -= 1 } }
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        do {
            let result = try await pool.runIfActive(body)
            try await pool.shutdownGracefully()
            return result
        } catch {
            try? await pool.shutdownGracefully()
            throw error
        }
    }

    /// Rebuilds a state; blocks while it does.
    ///
    /// - Parameters:
    ///   - position: The last event to apply; at or before the end of the log.
    ///   - log: Where the events are.
    /// - Returns: The state.
    /// - Throws: ``LookBackError/beforeFirst(_:)`` if there is nothing to begin with, and what the reader and the
    ///   decoder find wrong.
    func state(at position: Position, in log: Source) throws -> HubState {
        var state = log.snapshot(position) ?? HubState()
        // A snapshot is written anew after the segments.
        if !log.erased.isEmpty { state.erase(log.erased) }
        guard state.position.next.rawValue >= log.first.rawValue else { throw LookBackError.beforeFirst(log.first) }
        try self.replay(log, into: &state, through: position)
        return state
    }

    private func replay(_ log: Source, into state: inout HubState, through position: Position) throws {
        let next = SequenceNumber(state.position.next.rawValue)
        let last = SequenceNumber(position.rawValue)
        guard next <= last else { return }
        var decoder = EventDecoder()
        var changes: [Change] = []
        var redacted: [UInt8] = []
        let cursor = try log.reader.cursor(from: next, through: last, skippingTo: log.place(next))
        while let line = try cursor?.next() {
            let decoded = try log.erased.withShownBytes(of: line.bytes, at: line.sequenceNumber, &redacted) {
                try decoder.decode($0)
            }
            _ = state.apply(decoded.event, at: decoded.position, into: &changes)
            changes.removeAll(keepingCapacity: true)
            if log.isStopped() { throw LookBackError.unavailable("The server is stopping.") }
        }
        guard state.position == position else {
            throw EventLogError.missingLine(
                SequenceNumber(state.position.next.rawValue),
                firstSegment: cursor?.commitEnd.segment ?? SegmentName(base: next)
            )
        }
    }
}
