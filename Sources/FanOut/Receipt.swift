import LogValues
import Projections

/// How much a client has surely received of what was written to its socket.
///
/// The other side's kernel acknowledges bytes, and tells nothing of events; so it is looked at with each heartbeat. What
/// had been written by then counts with the heartbeat after it: what a kernel has, its program may not have read yet.
struct Receipt: Equatable {
    /// The last event that the client has everything of.
    private(set) var seen: SequenceNumber
    private var acknowledged: SequenceNumber
    /// The last event that it was told of as missed, until it is seen.
    private var owed: SequenceNumber?

    /// Nothing was written yet; the client has everything up to `seen`.
    ///
    /// - Parameters:
    ///   - seen: The last event that it has.
    ///   - owed: It is to be told of what happened up to this event; nil: of nothing.
    init(_ seen: SequenceNumber, owed: SequenceNumber? = nil) {
        self.seen = seen
        self.acknowledged = seen
        self.owed = owed
    }

    /// All bytes are acknowledged, which hold everything up to `written`.
    ///
    /// - Returns: Whether it turns out now that the client has everything that it had missed.
    mutating func allAcknowledged(written: SequenceNumber) -> Bool {
        self.seen = self.acknowledged
        self.acknowledged = written
        guard let owed = self.owed, self.seen >= owed else { return false }
        self.owed = nil
        return true
    }
}
