import Logging

/// Tells an operator how far a replay is: at the start, every two seconds, and at the end.
struct ReplayProgress {
    private static let interval = Duration.seconds(2)

    private let logger: Logger
    private let total: UInt64
    private let started = ContinuousClock.now
    private var reported = ContinuousClock.now

    /// Starts the clock.
    ///
    /// - Parameters:
    ///   - logger: Where it tells.
    ///   - end: Events in the log.
    init(logger: Logger, end: UInt64) {
        self.logger = logger
        self.total = end
    }

    mutating func report(_ count: UInt64) {
        guard self.reported.duration(to: .now) >= Self.interval else { return }
        self.reported = .now
        let percent = self.total > 0 ? count * 100 / self.total : 100
        self.logger.info("replaying the log", metadata: ["events": "\(count)", "percent": "\(percent)"])
    }

    func finish(_ count: UInt64) {
        guard count > 0 else { return }
        let time = self.started.duration(to: .now)
        self.logger.info("log replayed", metadata: ["events": "\(count)", "time": "\(time)"])
    }
}
