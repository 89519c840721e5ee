import EventLog
import LogValues
import Projections

/// What a verification found out.
struct Verification {
    var lineCount: UInt64 = 0
    var textSizeBytes: UInt64 = 0
    var segmentCount = 0
    var checkpointCount = 0
    /// How far the log is signed, and by whom.
    var signatures = SignatureCheck(NoteChecker(keys: []))
    /// Recorded state digests that replaying the log gave again; nil if it was not replayed.
    var stateDigestCount: Int?
    /// Why the state digests were not checked, where that was asked for.
    var stateDigestOmission: String?
    /// Snapshots that are whole, and say what the log says.
    var snapshotCount = 0
    /// The first line that is kept.
    var firstLine = SequenceNumber.first
    /// What says that the lines before were dropped.
    var dropRecord: DroppedLines.Record?
    var erasedCount = 0
    var unknownTypeCount: UInt64 = 0
    var logID: String?
    var frontier = Frontier()
    /// In the order in which they were found; the first of a kind matters.
    var findings: [Finding] = []
    /// How the log ends.
    var ending: LogCursor.Ending?

    /// What the tool ends with.
    var status: ExitStatus {
        self.findings.max { $0.status.severity < $1.status.severity }?.status ?? .success
    }
}
