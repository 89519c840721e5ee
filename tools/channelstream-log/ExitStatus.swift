import EventLog

/// What the tool's exit status says; part of its interface, listed in `docs/channelstream-log.1`.
enum ExitStatus: Int32, CaseIterable {
    case success = 0
    case negative = 1
    case unreadable = 2
    case tornTail = 3
    case damage = 4
    case forgery = 5
    case signature = 6
    case stateDigest = 7
    case hashes = 8
    case erasure = 9
    case usage = 64

    var meaning: String {
        switch self {
        case .success: "done, and all is well"
        case .negative: "the answer is no: nothing found, or the logs part, or the proof does not hold"
        case .unreadable: "no log there, or a file cannot be read or written"
        case .tornTail: "torn tail: the log ends inside a commit, as after a crash; the server will cut it off"
        case .damage: "damage: bytes are not what was written, or a part is missing"
        case .forgery: "forged: well-formed, but not what the hashes say; or content is missing without an erasure"
        case .signature: "a signature is wrong or missing: the key has not signed what it should have"
        case .stateDigest: "replaying the log gives another state than the log recorded"
        case .hashes: "the hashes beside the log, which are a cache, do not fit its lines; only they say so"
        case .erasure: "contents are still there that an erasure in the log names: it has to be finished, or repeated"
        case .usage: "wrong arguments"
        }
    }

    /// One line a status, for help texts.
    static var table: String {
        self.allCases.map { status in
            let number = String(status.rawValue)
            return String(repeating: " ", count: 4 - number.count) + number + "  " + status.meaning
        }.joined(separator: "\n")
    }
}

/// Why a command ends without success: what is said on standard error, and the exit status.
struct ToolFailure: Error, Equatable {
    let status: ExitStatus
    let message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }
}

extension ToolFailure {
    /// The status tells damage from files that cannot be read at all.
    init(_ error: EventLogError) {
        switch error {
        case .damaged(let file, let offset, let damage):
            self.init(.damage, "\(file): damaged at offset \(offset): \(damage)")
        case .missingLine, .missingLines, .endsBeforeSynced, .endsBeforeWitness, .historyIncomplete:
            self.init(.damage, "\(error)")
        case .differsFromSynced:
            self.init(.forgery, "\(error)")
        case .fileSystem, .locked, .unknownFormat, .syncedNoteUnreadable, .rewriteDiffers, .compression, .closed,
            .snapshotLineTooLong, .lockLost, .segmentGone, .directorySyncImpossible, .misplacedSegments:
            self.init(.unreadable, "\(error)")
        }
    }

    /// The status of a proof or signature, which tells who signed from what does not hold.
    init(_ error: CheckpointError) {
        switch error {
        case .log(let error): self.init(error)
        case .damagedHashes(let size):
            self.init(.forgery, "the lines do not give the root that the log's checkpoint has at size \(size)")
        case .wrongSignature, .noKnownSignature, .notSignedByLog, .otherOrigin: self.init(.signature, "\(error)")
        default: self.init(.negative, "\(error)")
        }
    }
}
