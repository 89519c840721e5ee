package import EventLog
package import Projections

/// Why the log cannot prove what was asked.
package enum EvidenceError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No checkpoint was signed yet.
    case noCheckpoint
    /// No signed checkpoint describes the log at this size; it has proofs of it, but no signature to lead them to.
    case noCheckpointOfSize(UInt64)
    /// The line is there, but no signed checkpoint covers it so far.
    case notCovered(SequenceNumber)
    /// The log ends before this line.
    case noLine(SequenceNumber, end: UInt64)
    /// The log has not so many lines.
    case noSize(UInt64, end: UInt64)
    /// The line is not among those that the size asked for has.
    case lineBeyondSize(SequenceNumber, size: UInt64)
    /// The older size is larger than the newer one.
    case sizesTurnedAround(from: UInt64, to: UInt64)
    /// The beginning of the log was dropped, and the hashes of its lines were lost; `first` is the first line with one.
    case dropped(first: SequenceNumber)
    /// The line itself was dropped with the beginning of the log; what is kept of it is its hash.
    case lineDropped(SequenceNumber)
    /// No line of the log is about this message.
    case unknownMessage(UUID128)
    /// The message has no such event, or not so many of them.
    case noSuchEvent(MessageEventSelector, UUID128)
    /// The hub could not write a checkpoint now.
    case unavailable(reason: String)
    /// The log or the hashes beside it cannot be read.
    case failed(String)

    package var description: String {
        switch self {
        case .noCheckpoint:
            "No checkpoint was signed yet."
        case .noCheckpointOfSize(let size):
            "No signed checkpoint says what the log was at size \(size); ask for application/json, or for another size."
        case .notCovered(let line):
            "No signed checkpoint covers line \(line) yet; try again later."
        case .noLine(let line, let end):
            "The log ends at line \(end); there is no line \(line) yet."
        case .noSize(let size, let end):
            "The log ends at line \(end); it has not reached size \(size)."
        case .lineBeyondSize(let line, let size):
            "A log of size \(size) does not hold line \(line)."
        case .sizesTurnedAround(let from, let to):
            "\"from\" (\(from)) is larger than \"to\" (\(to))."
        case .dropped(let first):
            "The beginning of the log was dropped; its hashes begin at line \(first)."
        case .lineDropped(let line):
            "Line \(line) was dropped from the log; its hash can still be proved at /log/proof/inclusion."
        case .unknownMessage(let uuid):
            "No line of the log is about message \(uuid)."
        case .noSuchEvent(let selector, let uuid):
            "Message \(uuid) has no event \"\(selector)\" in the log."
        case .unavailable(let reason), .failed(let reason):
            reason
        }
    }
}

/// Which of a message's lines is meant: `post`, `edit` (the last one), `edit:2`, `delete`, `erase`.
package struct MessageEventSelector: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable, CaseIterable {
        case post
        case edit
        case delete
        case erase
    }

    package let kind: Kind
    /// Which of several, from 1; nil: the last.
    package let number: Int?

    package static let post = MessageEventSelector(kind: .post, number: nil)

    package init(kind: Kind, number: Int?) {
        self.kind = kind
        self.number = number
    }

    /// Nil if the text is none.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let kind = parts.first.flatMap({ Kind(rawValue: String($0)) }) else { return nil }
        guard parts.count == 2 else {
            self.init(kind: kind, number: nil)
            return
        }
        guard let number = Int(parts[1]), number > 0 else { return nil }
        self.init(kind: kind, number: number)
    }

    package var description: String {
        self.number.map { "\(self.kind.rawValue):\($0)" } ?? self.kind.rawValue
    }

    /// The one that is meant of the lines whose kinds these are; nil if there is none.
    func index(in kinds: [Kind?]) -> Int? {
        let found = kinds.indices.filter { kinds[$0] == self.kind }
        guard let number = self.number else { return found.last }
        return number <= found.count ? found[number - 1] : nil
    }
}

extension MessageEventSelector.Kind {
    /// What an event is to a message; nil if it is no event of one.
    init?(_ payload: Event.Payload) {
        switch payload {
        case .messagePosted: self = .post
        case .messageEdited: self = .edit
        case .messageDeleted: self = .delete
        case .contentErased: self = .erase
        case .nodeStarted, .nodeStopped, .userConnected, .connectionSubscribed, .connectionUnsubscribed,
            .connectionAttached, .connectionDetached, .connectionClosed, .userStateChanged, .userForgotten,
            .channelConfigured, .channelForgotten, .logCheckpointed, .unknown:
            return nil
        }
    }
}
