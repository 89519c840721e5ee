/// When the log's size, root and state digest are to be written into it.
///
/// Every `eventInterval` events, or after `timeInterval` with new events: what lies between two checkpoints is what an
/// auditor has to take on trust until the next one.
package struct CheckpointSchedule: Sendable {
    package static let eventInterval: UInt64 = 10_000
    package static let timeInterval: Duration = .seconds(60)

    private var lastSize: UInt64
    private var lastTime: Duration
    private var isUrgent = false

    package init(size: UInt64, now: Duration) {
        self.lastSize = size
        self.lastTime = now
    }

    package func isDue(size: UInt64, now: Duration) -> Bool {
        guard size > self.lastSize else { return false }
        return self.isUrgent || size - self.lastSize >= Self.eventInterval || now - self.lastTime >= Self.timeInterval
    }

    /// Has the next one come as soon as there is something new.
    package mutating func hasten() {
        self.isUrgent = true
    }

    /// Starts the count anew.
    ///
    /// - Parameters:
    ///   - size: What the checkpoint is about. Its own line is not news that asks for another.
    ///   - now: By the clock that never goes back.
    package mutating func checkpointed(size: UInt64, now: Duration) {
        self.isUrgent = false
        self.lastSize = size + 1
        self.lastTime = now
    }
}
