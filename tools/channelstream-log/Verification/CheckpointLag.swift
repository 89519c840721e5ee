import EventLog
import LogValues
import Projections
import SystemPackage

/// Tells whether a hub could have left as many lines behind its newest signed checkpoint as a log has there.
///
/// A hub writes one every 10,000 events, after 60 seconds with new events, and at a clean stop. What it was in the middle of
/// when it died is less. Times in a log are what the clock said, which may have jumped, so a gap counts for little: only
/// lines that go on and on tell that time passed.
struct CheckpointLag {
    /// A hub's 60 seconds, and as much again for one that has very much to do.
    private static let timeLimit: Int64 = 120_000_000
    /// What a gap between two lines counts at most, in microseconds.
    private static let gapLimit: Int64 = 10_000_000
    /// Who appends lines while no hub runs.
    private static let tool = "channelstream-log"

    let directory: FilePath
    /// The newest line that is signed; 0: none.
    let signed: UInt64
    /// The last line.
    let end: UInt64
    /// Who writes checkpoints; nil: nobody has.
    let decider: NodeName?
    var proposalLimit = SignatureCheck.proposalLimit

    /// Why it could not; nil if it could.
    ///
    /// - Throws: ``EventLogError`` if the log cannot be read.
    func reason() throws -> String? {
        guard self.end > self.signed else { return nil }
        let first = try max(self.signed + 1, SegmentCatalog(self.directory).firstLine.rawValue)
        guard first <= self.end else { return nil }
        var decoder = EventDecoder()
        var progress = Progress(decider: self.decider)
        var reason: String?
        var proposals: UInt64 = 0
        try LogReader(self.directory).forEachLine(
            from: SequenceNumber(first),
            through: SequenceNumber(self.end)
        ) { line in
            // One command may be many lines, and what a hub has in its hands it counts in commands.
            if !line.hasMore { proposals += 1 }
            if proposals > self.proposalLimit {
                reason = reason ?? "a hub signs every 10,000 events, and \(self.end - self.signed) lines follow"
            }
            guard reason == nil, let event = try? decoder.decode(line.bytes).event,
                event.source != NodeName(Self.tool)
            else { return }
            reason = progress.take(event, at: line.sequenceNumber.rawValue)
        }
        return reason
    }

    private struct Progress {
        var decider: NodeName?
        /// Time that passed since a hub was started, or the newest signed line.
        private var time: Int64 = 0
        private var last: Timestamp?
        /// Lines of the node that decides.
        private var ownCount = 0

        init(decider: NodeName?) {
            self.decider = decider
        }

        mutating func take(_ event: Event, at line: UInt64) -> String? {
            if let last { self.time += max(0, min(event.time.microseconds - last.microseconds, gapLimit)) }
            self.last = event.time
            if case .nodeStarted = event.payload {
                self.decider = self.decider ?? event.source
                self.time = 0
            }
            guard self.time <= timeLimit else {
                return "a hub signs within a minute of new events, and more time passed up to line \(line)"
            }
            guard event.source == self.decider else { return nil }
            self.ownCount += 1
            // At a clean stop nothing of its own stands between but the checkpoint itself.
            if case .nodeStopped = event.payload, self.ownCount > 2 {
                return "a hub signs at a clean stop, as in line \(line)"
            }
            return nil
        }
    }
}
