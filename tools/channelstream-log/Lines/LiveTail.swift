import EventLog
import LogValues
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

    /// Hands out lines until the last one that is wanted: those that are there as
    /// ``LogScan/forEachSoundLine(from:through:body:)`` does, later ones as they come.
    ///
    /// A line that has just come is in a frame without an end; it is compared with its hash if that has come as well.
    ///
    /// - Parameters:
    ///   - first: The first line; nil: the first that is kept.
    ///   - last: The last line; nil: for ever.
    ///   - beforePause: Called when there is nothing more for now.
    ///   - body: Called for each line.
    /// - Throws: What the closures throw, ``EventLogError`` at the first damage, and ``ToolFailure`` with status `hashes` at
    ///   the first line whose hash differs.
    func forEachLine(
        from first: SequenceNumber?,
        through last: SequenceNumber?,
        beforePause: @escaping () throws -> Void,
        body: (LogLine) throws -> Void
    ) throws {
        var next = try first ?? SegmentCatalog(self.directory).firstLine
        try self.readWhatIsThere(from: &next, through: last, body)
        if let last, next > last { return }
        var failure: (any Error)?
        let leaves = RecordedLeaves(in: self.directory)
        var comparison = LeafComparison(leaves)
        var follower = LogFollower(self.directory, from: next) {
            leaves.refresh()
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
            try comparison.check(line)
            try body(line)
            if line.sequenceNumber == last { return }
        }
        if let failure { throw failure }
    }

    /// - Parameters:
    ///   - next: The first line that is wanted; afterwards the one behind the last that was handed out.
    ///   - last: The last line that is wanted; nil: all there are.
    ///   - body: Called for each line.
    /// - Throws: As ``LogScan/forEachSoundLine(from:through:body:)``.
    private func readWhatIsThere(
        from next: inout SequenceNumber,
        through last: SequenceNumber?,
        _ body: (LogLine) throws -> Void
    ) throws {
        let scan = LogScan(directory: self.directory)
        let start = next
        func read() throws {
            _ = try scan.forEachSoundLine(from: next, through: last) { line in
                try body(line)
                next = line.sequenceNumber.next
            }
        }
        do {
            try read()
        } catch EventLogError.damaged where next > start {
            // What looked wrong may be what a recovery wrote meanwhile over a torn end.
            try read()
        }
    }
}
