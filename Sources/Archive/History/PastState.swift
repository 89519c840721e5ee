package import EventLog
package import LogValues
package import Projections

/// Rebuilds the state of the hub as of a place in its log.
package enum PastState {
    /// The log to rebuild from.
    package struct Source {
        package let reader: LogReader
        /// The first event that is kept.
        package let first: SequenceNumber
        /// Where the frame begins that holds an event.
        package let place: (SequenceNumber) -> FramePlace?
        /// Whether to break off, because the server stops.
        package let isStopped: () -> Bool
        /// The newest state that is kept, at a position or before it.
        package let snapshot: (SequenceNumber) -> HubState?
        /// Lines that are to be shown as erased.
        package var erased: Set<SequenceNumber> = []

        package init(
            reader: LogReader,
            first: SequenceNumber,
            place: @escaping (SequenceNumber) -> FramePlace?,
            isStopped: @escaping () -> Bool,
            snapshot: @escaping (SequenceNumber) -> HubState?,
            erased: Set<SequenceNumber> = []
        ) {
            self.reader = reader
            self.first = first
            self.place = place
            self.isStopped = isStopped
            self.snapshot = snapshot
            self.erased = erased
        }
    }

    /// Rebuilds a state; blocks while it does.
    ///
    /// - Parameters:
    ///   - position: The last event to apply; at or before the end of the log.
    ///   - log: Where the events are.
    /// - Returns: The state.
    /// - Throws: ``PastStateError/beforeFirst(_:)`` if there is nothing to begin with, and what the reader and the
    ///   decoder find wrong.
    package static func state(at position: SequenceNumber, in log: Source) throws -> HubState {
        var state = log.snapshot(position) ?? HubState()
        // A snapshot is written anew after the segments.
        if !log.erased.isEmpty { state.erase(log.erased) }
        guard state.position.next.rawValue >= log.first.rawValue else { throw PastStateError.beforeFirst(log.first) }
        return try self.replay(log, from: state, through: position)
    }

    private static func replay(
        _ log: Source,
        from state: consuming HubState,
        through position: SequenceNumber
    ) throws -> HubState {
        let next = state.position.next
        guard next <= position else { return state }
        var replay = LogReplay(into: state)
        var redacted: [UInt8] = []
        var cursor = try log.reader.cursor(from: next, through: position, skippingTo: log.place(next))
        while try cursor?.advance() == true, let line = cursor?.line {
            try log.erased.withShownBytes(of: line.bytes, at: line.sequenceNumber, &redacted) {
                _ = try replay.apply(LogLine(line.place, $0))
            }
            if log.isStopped() { throw PastStateError.stopped }
        }
        guard replay.state.position == position else {
            throw EventLogError.missingLine(
                replay.state.position.next,
                firstSegment: cursor?.commitEnd.segment ?? SegmentName(base: next)
            )
        }
        return replay.state
    }
}

/// Why a past state is not rebuilt.
package enum PastStateError: Error, Equatable {
    /// Too many are being rebuilt.
    case busy
    /// It was told to break off.
    case stopped
    /// What was before this line is not kept any more.
    case beforeFirst(SequenceNumber)
}
