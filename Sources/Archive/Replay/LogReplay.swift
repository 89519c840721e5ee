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
    init(from snapshot: consuming LoadedSnapshot) {
        self.recent = snapshot.recent
        self.state = snapshot.state
    }

    /// Where listeners surely were when the log ended.
    package var seenByListeners: SequenceNumber {
        self.recent.lastBeforeWindow ?? .start
    }

    /// Reads the log from where the state stands.
    ///
    /// - Parameters:
    ///   - reader: Of the log.
    ///   - last: The last line to apply; nil: all there are.
    ///   - progress: Called every 10,000 events with the count so far; what it throws ends the replay.
    ///   - observe: Called after each line with its bytes, and the state.
    /// - Throws: What the reader or the decoder found wrong, naming file and byte or line. The replay cannot go on then.
    package mutating func run(
        _ reader: LogReader,
        through last: SequenceNumber? = nil,
        progress: (UInt64) throws -> Void,
        observe: (LogLine, inout HubState) throws -> Void = { _, _ in }
    ) throws {
        let start = self.state.position.next
        // Moved out and back: what two variables hold would be copied at the first change.
        var state = exchange(&self.state, with: HubState())
        var decoder = self.decoder
        var count: UInt64 = 0
        defer {
            self.state = state
            self.decoder = decoder
            self.eventCount += count
        }
        guard var cursor = try reader.cursor(from: start, through: last) else { return }
        while try cursor.advance() {
            let line = cursor.line
            let decoded = try decoder.decode(line.bytes)
            state.apply(decoded.event, at: decoded.position)
            self.recent.append(decoded.event.time, at: decoded.position)
            switch decoded.event.payload {
            case .logCheckpointed(let checkpoint):
                self.signing.take(checkpoint)
            case .logKeyChanged(let change):
                self.signing.take(change)
            default:
                break
            }
            try observe(line, &state)
            count += 1
            if count % 10_000 == 0 { try progress(count) }
        }
    }
}
