import EventLog
import SystemPackage

/// Reads a log and goes on as it grows.
struct LiveTail {
    private static let interval: Duration = .milliseconds(100)

    private let directory: FilePath
    private let sleep: () -> Bool

    /// Follows until the process is interrupted.
    init(_ directory: FilePath) {
        self.init(directory) {
            PosixClock.sleep(for: Self.interval)
            return true
        }
    }

    /// - Parameters:
    ///   - directory: The data directory.
    ///   - sleep: Waits until it is time to look for more; false ends the following.
    init(_ directory: FilePath, sleep: @escaping () -> Bool) {
        self.directory = directory
        self.sleep = sleep
    }

    /// Hands out lines, as ``LogScan/forEachLine(from:through:_:)`` does, until the last one that is wanted.
    ///
    /// - Parameters:
    ///   - first: The first line; nil: the first that is kept.
    ///   - last: The last line; nil: for ever.
    ///   - beforePause: Called when there is nothing more for now.
    ///   - body: Called for each line.
    /// - Throws: What the closures throw, and ``EventLogError`` at the first damage.
    func forEachLine(
        from first: SequenceNumber?,
        through last: SequenceNumber?,
        beforePause: @escaping () throws -> Void,
        body: (LogLine) throws -> Void
    ) throws {
        var failure: (any Error)?
        let follower = LogFollower(self.directory, from: first) {
            do {
                try beforePause()
            } catch {
                failure = error
                return false
            }
            return self.sleep()
        }
        while let line = try follower.next() {
            if let last, line.sequenceNumber > last { return }
            try body(line)
            if line.sequenceNumber == last { return }
        }
        if let failure { throw failure }
    }
}
