import EventLog
package import LogValues
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

extension EvidenceError {
    /// What an error of the log or of the disk is for the one who asked.
    ///
    /// A full disk, or another shortage, passes: then it is worth asking again. Anything else says that something is wrong
    /// with the log or the hashes beside it.
    package static func caused(by error: any Error) -> EvidenceError {
        guard let shortage = FileSystemError.shortage(in: error) else { return .failed("\(error)") }
        return .unavailable(reason: "The proof cannot be made now (\(shortage)); try again.")
    }
}
