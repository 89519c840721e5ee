package import EventLog

/// When snapshots are made, and what is kept of the log.
package struct SnapshotSettings: Sendable, Equatable {
    /// Events after which the next snapshot is made; 0: none is made for its own sake.
    package var interval: UInt64 = 1_000_000
    /// What is kept of the log; retention makes the snapshots that it needs, whatever `interval` says.
    package var retention = RetentionLimits()

    package init() {}
}

/// Decides when a snapshot is worth making; owns no clock and no file.
package struct SnapshotSchedule: Sendable {
    /// After a failure nothing is tried for this long: it costs a replay, and a full disk does not mend itself.
    static let pauseAfterFailure = Duration.seconds(600)
    /// At a stop a tenth of the interval is worth a snapshot, and from so many events on in any case.
    static let worthwhileAtStop: UInt64 = 100_000

    private let interval: UInt64
    /// The last line that the newest snapshot stands for; 0 if there is none.
    private var newest: UInt64
    private var pausedUntil: Duration?
    private var isGivenUp = false

    package init(interval: UInt64, newest: UInt64) {
        self.interval = interval
        self.newest = newest
    }

    /// Whether anything may be tried now.
    package func isOpen(now: Duration) -> Bool {
        !self.isGivenUp && self.pausedUntil.map { $0 <= now } ?? true
    }

    /// Whether enough came since the newest snapshot.
    package func isDue(end: UInt64, now: Duration) -> Bool {
        self.interval > 0 && self.isOpen(now: now) && end >= self.newest && end - self.newest >= self.interval
    }

    /// Whether a start would be noticeably faster with a snapshot made now.
    package func isWorthwhileAtStop(end: UInt64, now: Duration) -> Bool {
        self.interval > 0 && self.isOpen(now: now) && end >= self.newest
            && end - self.newest >= min(self.interval / 10 + 1, Self.worthwhileAtStop)
    }

    package mutating func made(_ newest: UInt64) {
        self.newest = newest
        self.pausedUntil = nil
    }

    package mutating func failed(now: Duration) {
        self.pausedUntil = now + Self.pauseAfterFailure
    }

    /// The log does not give what it recorded: no snapshot of it is to be trusted until somebody has looked.
    package mutating func giveUp() {
        self.isGivenUp = true
    }
}
