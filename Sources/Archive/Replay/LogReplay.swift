package import EventLog
package import LogValues
package import Projections
import RawJSON

/// Rebuilds the hub's state from the log, from the first line on or from a snapshot on, and from nothing else.
package struct LogReplay: ~Copyable {
    /// The interval of heartbeats, in microseconds, within which a dead socket is noticed: everything that a listener had not
    /// surely received when its node died lies within this time of the last event.
    package static let uncertainty: Int64 = 5_000_000

    package private(set) var state: HubState
    package private(set) var eventCount: UInt64 = 0
    /// Times of the last events, no older than `uncertainty`.
    private(set) var recent: RecentTimes
    /// What the log said last of who signs it, and how far it had been checked.
    private(set) var signing = LogSigning()
    private var decoder = EventDecoder()

    /// A replay that goes on from a state.
    package init(into state: consuming HubState = HubState()) {
        self.recent = RecentTimes(window: Self.uncertainty)
        self.state = state
    }

    /// A replay that goes on from a snapshot.
    package init(from snapshot: consuming LoadedSnapshot) {
        self.recent = snapshot.recent
        self.state = snapshot.state
    }

    /// Where listeners surely were when the log ended.
    package var seenByListeners: SequenceNumber {
        self.recent.lastBeforeWindow ?? .start
    }

    /// Applies the next line.
    ///
    /// - Returns: The event that it holds.
    /// - Throws: ``UnreadableEvent``; the state is what it was then.
    @discardableResult
    package mutating func apply(_ line: LogLine) throws(UnreadableEvent) -> Event {
        let decoded = try self.decoder.decode(line)
        self.state.apply(decoded.event, at: decoded.position)
        self.recent.append(decoded.event.time, at: decoded.position)
        switch decoded.event.payload {
        case .logCheckpointed(let checkpoint): self.signing.take(checkpoint)
        case .logKeyChanged(let change): self.signing.take(change)
        default: break
        }
        self.eventCount += 1
        return decoded.event
    }

    /// Reads the log from where the state stands.
    ///
    /// - Parameters:
    ///   - reader: Of the log.
    ///   - last: The last line to apply; nil: all there are.
    ///   - progress: Called every 10,000 events with the count so far; what it throws ends the replay.
    ///   - observe: Called after each line, with the state.
    /// - Throws: What the reader or the decoder found wrong, naming file and byte. The replay cannot go on then.
    package mutating func run(
        _ reader: LogReader,
        through last: SequenceNumber? = nil,
        progress: (UInt64) throws -> Void,
        observe: (LogLine, inout HubState) throws -> Void = { _, _ in }
    ) throws {
        guard var cursor = try reader.cursor(from: self.state.position.next, through: last) else { return }
        while try cursor.advance() {
            try self.apply(cursor.line)
            try observe(cursor.line, &self.state)
            if self.eventCount % 10_000 == 0 { try progress(self.eventCount) }
        }
    }

    /// The digest of the state now.
    package mutating func digest() -> Hash256 { self.state.digest() }
}
