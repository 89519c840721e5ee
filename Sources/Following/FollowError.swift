package import EventLog
package import LogValues

/// Why a follower cannot go on by itself.
///
/// A primary that cannot be reached is none of these: a follower waits for it.
package enum FollowError: Error, CustomStringConvertible {
    /// The primary answered, and will go on to answer so: wrong secret, address not allowed, no such page.
    case refused(url: String, status: UInt, hint: String)
    /// The primary's certificate is not trusted, or is another server's.
    case untrusted(url: String, String)
    /// An answer that no primary gives.
    case notAPrimary(url: String, String)
    /// The data directory holds another log than the primary's.
    case otherLog(own: String, primary: String)
    /// The primary, or another follower of it, has this node's name.
    case nameTaken(String)
    /// The primary has dropped the lines that this node needs next.
    case missingLines(next: SequenceNumber, first: SequenceNumber)
    /// The primary has dropped lines, and has no snapshot that stands for them.
    case noSnapshot(first: SequenceNumber)
    /// The primary's history is not the one that this node has, or that the primary signed.
    case contradiction(Contradiction)
    /// The primary sends damaged bytes, and did so when it was asked again.
    case damaged(EventLogError)
    /// An event that was shipped cannot be read.
    case unreadable(SequenceNumber, String)
    /// The primary signs with a key that is not pinned.
    case unknownKey(found: String, pinned: [String])
    /// A checkpoint's note is not what a note has to be.
    case badNote(CheckpointError)
    /// The log of this node, or a file beside it, fails.
    case ownLog(String)
    /// There is no room on this node's disk, or something else of the system has run short: it may be there again later.
    case shortage(String)
    /// The file that remembers what is followed.
    case record(path: String, String)

    /// How two histories part.
    package enum Contradiction: Sendable, Equatable, CustomStringConvertible {
        /// The primary's lines up to this one are not those that this node has.
        case differentLines(upTo: UInt64)
        /// The primary's log ends before lines that this node has, or that a checkpoint has seen.
        case shorter(end: UInt64, seen: UInt64)
        /// The lines do not give the root that a signed checkpoint has at this size.
        case checkpoint(size: UInt64)
        /// A line in the log records another root than the lines give at this size.
        case recordedRoot(line: UInt64, size: UInt64)
        /// A snapshot that was shipped is not what the log says of that place.
        case snapshot(through: SequenceNumber, String)
        /// A snapshot that was shipped is not the one that was signed.
        case snapshotFile(through: SequenceNumber)
        /// The hashes that were shipped for lines that the log has no more do not give the root that the log records.
        case hashes(through: UInt64)
        /// A checkpoint in the log is signed by nobody who is trusted, or wrongly.
        case signature(line: UInt64, String)

        package var description: String {
            switch self {
            case .differentLines(let line): "its lines up to \(line) are not those that this node has"
            case .shorter(let end, let seen): "it ends at line \(end), but line \(seen) has been seen"
            case .checkpoint(let size): "its first \(size) lines do not give the root that was signed for them"
            case .recordedRoot(let line, let size):
                "line \(line) records a root for \(size) lines that these do not give"
            case .snapshot(let line, let reason): "its snapshot of line \(line) does not fit its log: \(reason)"
            case .snapshotFile(let line): "its snapshot of line \(line) is not the file that it signed"
            case .hashes(let size): "its hashes of the first \(size) lines do not give the root that its log records"
            case .signature(let line, let reason): "the checkpoint in line \(line): \(reason)"
            }
        }
    }

    /// Whether a proxy in between, or a configuration, may be at fault, so that it may be different after a while.
    var mayPass: Bool {
        if case .refused = self { return true }
        if case .untrusted = self { return true }
        return false
    }

    /// The error for a failure of this node's own files.
    package static func own(_ error: EventLogError) -> FollowError {
        error.isShortage ? .shortage("\(error)") : .ownLog("\(error)")
    }

    /// Whether two histories stand against each other, so that somebody has to find out which is right.
    package var isContradiction: Bool {
        if case .contradiction = self { true } else { false }
    }

    package var description: String {
        switch self {
        case .refused(let url, let status, let hint): "\(url) answered \(status); \(hint)"
        case .untrusted(let url, let reason):
            "the certificate of \(url) is not trusted (\(reason)); --ca FILE names certificates to trust"
        case .notAPrimary(let url, let reason): "\(url) is no primary that can be followed: \(reason)"
        case .otherLog(let own, let primary):
            "the data directory holds log \(own), the primary has log \(primary); use an empty directory"
        case .nameTaken(let name):
            "another node is called \(name); give this one a name of its own with --node-name"
        case .missingLines(let next, let first):
            "line \(next) is needed, and the primary has dropped all before \(first); follow from an empty directory"
        case .noSnapshot(let first):
            "the primary's log begins at line \(first), and it has no snapshot that stands for what was before"
        case .contradiction(let contradiction):
            "the primary's history contradicts what this node has seen: \(contradiction); nothing of it was taken. "
                + "Compare both logs with `channelstream-log diff` before one of them is given up"
        case .damaged(let error): "what the primary sends is damaged: \(error)"
        case .unreadable(let line, let reason): "line \(line) of the primary cannot be read: \(reason)"
        case .unknownKey(let found, let pinned):
            "the primary signs with \(found), but \(pinned.joined(separator: ", ")) is pinned; if its key was changed on "
                + "purpose, or another node was promoted, add the new one with --key"
        case .badNote(let error): "the primary's checkpoint: \(error)"
        case .ownLog(let reason): "this node's own log fails: \(reason)"
        case .shortage(let reason): "this node's system has run short: \(reason)"
        case .record(let path, let reason): "\(path): \(reason)"
        }
    }
}
