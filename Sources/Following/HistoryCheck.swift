import EventLog
import LogValues
import Projections

/// Checks that the lines that come in are one history, and the one that was signed.
///
/// Every line goes into a tree. Roots that were signed ahead of the lines wait until the tree is that large; roots that
/// stand in the log as `log.checkpointed` are compared when their line comes. A value without files or network; after
/// an error nothing that was added since the last accepted line may be used.
struct HistoryCheck: Sendable {
    /// The keys whose signature counts; never empty once a primary was met.
    private(set) var keys: [VerifierKey]
    /// The newest checkpoint that was seen, whose lines may not have come yet.
    private(set) var seen: SeenCheckpoint?
    private let origin: String
    private var tree: TreeHistory
    /// Checkpoints whose lines have not all come.
    private var expected: [SeenCheckpoint] = []

    /// A signed checkpoint, as the primary showed it.
    struct SeenCheckpoint: Sendable, Equatable {
        let size: UInt64
        let root: Hash256
        /// The whole note, to be kept.
        let note: [UInt8]
    }

    /// - Parameters:
    ///   - logID: The id of the log that is followed.
    ///   - tree: The tree of the lines that are there.
    ///   - keys: Pinned; none before the first contact.
    init(logID: String, tree: Frontier, keys: [VerifierKey]) {
        self.origin = "channelstream/\(logID)"
        self.tree = TreeHistory(tree)
        self.keys = keys
    }

    /// Lines that are there.
    var size: UInt64 { self.tree.frontier.size }
    /// How far they reach.
    var end: SequenceNumber { SequenceNumber(self.size) }
    var frontier: Frontier { self.tree.frontier }

    /// Trusts a key: the first that a primary shows, or one that the operator gave.
    mutating func trust(_ key: VerifierKey) {
        if !self.keys.contains(key) { self.keys.append(key) }
    }

    /// Takes a checkpoint that the primary showed, or that was kept of an earlier contact.
    ///
    /// - Returns: Whether it is newer than any before, and so has to be kept.
    mutating func see(note bytes: [UInt8]) throws(FollowError) -> Bool {
        let checkpoint: Checkpoint
        do throws(CheckpointError) {
            checkpoint = try Checkpoint(verifying: bytes, with: self.keys, origin: self.origin)
        } catch {
            throw .badNote(error)
        }
        let seen = SeenCheckpoint(size: checkpoint.body.size, root: checkpoint.body.root, note: bytes)
        if seen.size > self.size {
            self.expected.append(seen)
        } else if case .root(let root) = self.tree.root(at: seen.size), root != seen.root {
            throw .contradiction(.checkpoint(size: seen.size))
        }
        guard seen.size > self.seen?.size ?? 0 else {
            // Two roots for one size, both signed: a fork, whichever of them is shown now.
            if let known = self.seen, known.size == seen.size, known.root != seen.root {
                throw .contradiction(.checkpoint(size: seen.size))
            }
            return false
        }
        self.seen = seen
        return true
    }

    /// Checks that the primary's log reaches at least as far as what is known of it.
    func checkEnd(_ end: SequenceNumber) throws(FollowError) {
        let known = max(self.size, self.seen?.size ?? 0)
        guard end.rawValue >= known else { throw .contradiction(.shorter(end: end.rawValue, seen: known)) }
    }

    /// Checks that a segment's lines, up to the last one that is there, are those that are there.
    func compare(_ other: Frontier?) throws(FollowError) {
        guard other == self.frontier else { throw .contradiction(.differentLines(upTo: self.size)) }
    }

    /// Takes the next line.
    mutating func append(leaf: Hash256) throws(FollowError) {
        self.tree.append(leaf: leaf)
        guard !self.expected.isEmpty else { return }
        let size = self.size
        for checkpoint in self.expected where checkpoint.size == size {
            guard checkpoint.root == self.frontier.root else { throw .contradiction(.checkpoint(size: size)) }
        }
        self.expected.removeAll { $0.size <= size }
    }

    /// Compares what a line of the log says about the log: called after the line was appended.
    func check(_ recorded: LogCheckpointed) throws(FollowError) {
        switch self.tree.root(at: recorded.size) {
        case .root(let root):
            guard root == recorded.root else {
                throw .contradiction(.recordedRoot(line: self.size, size: recorded.size))
            }
        case .beyond where recorded.size > self.size:
            throw .contradiction(.recordedRoot(line: self.size, size: recorded.size))
        case .beyond, .tooOld:
            // About lines from before this start, whose tree was checked when they came.
            break
        }
        guard let note = recorded.note else { return }
        try self.check(note: Array(note.utf8), of: recorded)
    }

    /// A note by a key that is not pinned counts only where a pinned key has signed what stands behind it: an earlier
    /// primary of the same log, whose lines the present one vouches for.
    private func check(note bytes: [UInt8], of recorded: LogCheckpointed) throws(FollowError) {
        do throws(CheckpointError) {
            let note = try SignedNote(parsing: bytes)
            let body = try CheckpointBody(parsing: note.text)
            guard body.size == recorded.size, body.root == recorded.root else {
                throw .refusedProof
            }
            _ = try Checkpoint(verifying: note, with: self.keys, origin: self.origin)
        } catch {
            if error == .noKnownSignature, let seen = self.seen, recorded.size <= seen.size { return }
            throw .contradiction(.signature(line: self.size, "\(error)"))
        }
    }
}
