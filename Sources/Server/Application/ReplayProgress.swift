import EventLog
import Logging

/// Tells an operator how far a replay is: at the start, every two seconds, and at the end.
struct ReplayProgress {
    private static let interval = Duration.seconds(2)

    private let logger: Logger
    private let started = ContinuousClock.now
    private var reported = ContinuousClock.now

    /// Starts the clock.
    ///
    /// - Parameter logger: Where it tells.
    init(logger: Logger) {
        self.logger = logger
    }

    /// - Parameters:
    ///   - count: Events replayed so far.
    ///   - total: Events to replay.
    mutating func report(_ count: UInt64, of total: UInt64) {
        guard self.reported.duration(to: .now) >= Self.interval else { return }
        self.reported = .now
        let percent = total > 0 ? count * 100 / total : 100
        self.logger.info("replaying the log", metadata: ["events": "\(count)", "percent": "\(percent)"])
    }

    /// - Parameters:
    ///   - count: Events that were replayed.
    ///   - snapshot: What it began with.
    func finish(_ count: UInt64, from snapshot: SnapshotName?) {
        guard count > 0 || snapshot != nil else { return }
        let time = self.started.duration(to: .now)
        self.logger.info(
            "log replayed",
            metadata: [
                "events": "\(count)", "time": "\(time)",
                "snapshot": "\(snapshot.map { "\($0)" } ?? "none")",
            ]
        )
    }
}
