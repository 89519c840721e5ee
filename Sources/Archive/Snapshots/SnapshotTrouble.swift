import EventLog
package import LogValues
import Projections

/// Why a snapshot is not used, or not made.
package enum SnapshotTrouble: Error, CustomStringConvertible {
    /// It belongs to another log.
    case otherLog(found: String)
    /// It stands for more lines than the log has: the log lost its end.
    case beyondEnd(end: UInt64)
    /// The log begins behind the line that comes after it.
    case beforeFirstLine(first: SequenceNumber)
    /// Its head and its state stand for different lines, or the times of its last lines cannot be read.
    case inconsistent
    /// No checkpoint of the log is about the place that it stands for.
    case unconfirmed
    /// The checkpoint about `checkpoint` lines names another root or state digest.
    case contradictsLog(checkpoint: UInt64)
    /// Replaying the log gave another state than the log recorded.
    case stateDiffers(size: UInt64, recorded: Hash256, replayed: Hash256)
    /// The log's lines give another root than the log recorded.
    case rootDiffers(size: UInt64)

    package var description: String {
        switch self {
        case .otherLog(let found):
            "it belongs to log \(found)"
        case .beyondEnd(let end):
            "it stands for lines behind the end of the log at line \(end)"
        case .beforeFirstLine(let first):
            "the log begins with line \(first), behind what it stands for"
        case .inconsistent:
            "its parts do not fit each other"
        case .unconfirmed:
            "no checkpoint of the log confirms it"
        case .contradictsLog(let size):
            "the log's checkpoint of \(size) lines has another root or state digest"
        case .stateDiffers(let size, let recorded, let replayed):
            "the state after line \(size) has digest \(replayed), not \(recorded) as the log recorded"
                + "; run `channelstream-log replay --check` on a copy"
        case .rootDiffers(let size):
            "the first \(size) lines have another root than the log recorded; run `channelstream-log verify` on a copy"
        }
    }
}

extension SnapshotTrouble {
    /// Whether the snapshot itself is to blame for an error, so that an older one may do; not the log, nor the disk.
    package static func blamesSnapshot(_ error: any Error) -> Bool {
        switch error {
        case SnapshotTrouble.stateDiffers, SnapshotTrouble.rootDiffers: false
        case is SnapshotTrouble, is SnapshotError: true
        case EventLogError.damaged(let file, _, _), EventLogError.unknownFormat(let file, _):
            file.hasPrefix(SnapshotStore.folderName)
        default: false
        }
    }
}
