package import EventLog
package import Projections

/// Rebuilds the hub's state from the log and from nothing else.
package struct LogReplay: ~Copyable {
    /// Everything that a listener had not surely received when its node died lies within this time of the last event:
    /// the interval of heartbeats, within which a dead socket is noticed.
    private static let uncertainty: Int64 = 5_000_000

    package private(set) var state: HubState
    package private(set) var eventCount: UInt64 = 0
    /// Times of the last events, no older than `uncertainty`.
    private var recent: RecentTimes

    package init(into state: consuming HubState) {
        self.recent = RecentTimes(window: Self.uncertainty)
        self.state = state
    }

    /// Where listeners surely were when the log ended.
    package var seenByListeners: Position {
        self.recent.lastBeforeWindow ?? .start
    }

    /// Reads the log from where the state stands to its end.
    ///
    /// - Parameters:
    ///   - reader: Of the whole log.
    ///   - progress: Called every 10,000 events with the count so far; what it throws ends the replay.
    /// - Throws: What the reader or the decoder found wrong, naming file and byte or line.
    package mutating func run(_ reader: LogReader, progress: (UInt64) throws -> Void) throws {
        var changes: [Change] = []
        let start = SequenceNumber(self.state.position.next.rawValue)
        var decoder = EventDecoder()
        var state = self.state
        var recent = self.recent
        var count: UInt64 = 0
        try reader.forEachLine(from: start) { line in
            let decoded = try decoder.decode(line.bytes)
            _ = state.apply(decoded.event, at: decoded.position, into: &changes)
            changes.removeAll(keepingCapacity: true)
            recent.append(decoded.event.time, at: decoded.position)
            count += 1
            if count % 10_000 == 0 { try progress(count) }
        }
        self.state = state
        self.recent = recent
        self.eventCount = count
    }
}
