package import EventLog
package import LogValues
import Projections

/// Makes proofs from a log and the hashes beside it, and finds the signed checkpoints that they lead to.
///
/// It owns the hashes (``HashTree``) and brings them up to date when it is told to; they are written by the process that
/// writes the log, and by any other only read. Blocks; one thread at a time.
package struct LogProver {
    /// Checkpoints that are remembered: those whose lines may not be committed yet, and the newest one before.
    private static let memory = 16

    private let reader: LogReader
    private let access: HashTree.Access
    private var tree: HashTree?
    /// In the order of the log; the newest are among them.
    private var recorded: [SignedCheckpoint] = []

    package init(_ reader: LogReader, _ access: HashTree.Access) {
        self.reader = reader
        self.access = access
    }

    /// The first line whose inclusion can be proved.
    package var firstLine: SequenceNumber { self.tree?.firstLine ?? .first }

    /// Takes in the lines that the log has more.
    ///
    /// - Parameter end: The last line to take in; nil: all there are.
    /// - Returns: Lines that can be proved now, counted from the log's first.
    /// - Throws: ``CheckpointError/log(_:)``.
    @discardableResult
    package mutating func catchUp(through end: SequenceNumber? = nil) throws(CheckpointError) -> UInt64 {
        try self.currentTree(through: end).size
    }

    /// The hashes, as far as the log is written.
    private mutating func currentTree(through end: SequenceNumber?) throws(CheckpointError) -> HashTree {
        // Taken out until it is whole again: one that fails half-way must be opened anew.
        let tree = try self.takeTree()
        try tree.catchUp(through: end) { line in
            if let checkpoint = SignedCheckpoint(line) { self.remember(checkpoint) }
        }
        self.tree = tree
        return tree
    }

    private mutating func takeTree() throws(CheckpointError) -> HashTree {
        if let tree = exchange(&self.tree, with: nil) { return tree }
        return try HashTree(in: self.reader.directory, self.access, fileSystem: self.reader.fileSystem)
    }

    // MARK: Checkpoints

    /// The newest signed checkpoint that the log records up to a line; nil if there is none.
    package mutating func newestCheckpoint(through end: SequenceNumber) throws(EventLogError) -> SignedCheckpoint? {
        if let known = self.recorded.last(where: { $0.line <= end }) { return known }
        guard let found = try SignedCheckpoint.findLast(through: end, in: self.reader) else { return nil }
        self.recorded.insert(found, at: 0)
        return found
    }

    /// The signed checkpoint of one size; nil if the log does not record one, or has dropped it.
    package func checkpoint(
        ofSize size: UInt64,
        through end: SequenceNumber
    ) throws(EventLogError) -> SignedCheckpoint? {
        if let known = self.recorded.last(where: { $0.size == size && $0.line <= end }) { return known }
        do throws(EventLogError) {
            return try SignedCheckpoint.find(size: size, through: end, in: self.reader)
        } catch .missingLine {
            return nil
        }
    }

    private mutating func remember(_ checkpoint: SignedCheckpoint) {
        // Lines may be read again, from a segment's beginning.
        guard self.recorded.last.map({ $0.line < checkpoint.line }) ?? true else { return }
        self.recorded.append(checkpoint)
        // The newest committed one must stay; what is committed lags behind what is written by a commit at most.
        if self.recorded.count > Self.memory { self.recorded.removeFirst() }
    }

    // MARK: Proofs

    /// Proves that the log of a size holds a line.
    ///
    /// - Parameters:
    ///   - line: The line.
    ///   - size: The tree's size.
    ///   - checkpoint: The log's own of that size, to which the proof is to lead; nil: it records none.
    ///   - end: How far the log may be read.
    /// - Returns: A proof that was verified.
    /// - Throws: ``CheckpointError/unknownLine(_:)`` and ``CheckpointError/unknownSize(_:known:)`` for what is not there;
    ///   ``CheckpointError/damagedHashes(size:)`` if the lines do not have the root of the checkpoint.
    package mutating func inclusion(
        of line: SequenceNumber,
        inFirst size: UInt64,
        leadingTo checkpoint: SignedCheckpoint?,
        through end: SequenceNumber? = nil
    ) throws(CheckpointError) -> InclusionEvidence {
        try self.proving(through: end) { tree throws(CheckpointError) in
            let known = try tree.root(ofFirst: size)
            let root = checkpoint?.root ?? known
            let hashes = try tree.inclusionProof(of: line, inFirst: size, root: root)
            return InclusionEvidence(line: line, size: size, root: root, hashes: hashes, note: checkpoint?.note)
        }
    }

    /// Proves that the log of a size begins with the log of a smaller one.
    ///
    /// - Parameters:
    ///   - old: The smaller size.
    ///   - new: The larger one.
    ///   - checkpoint: The log's own of the larger size; nil: it records none.
    ///   - end: How far the log may be read.
    /// - Returns: A proof that was verified.
    /// - Throws: As ``inclusion(of:inFirst:leadingTo:through:)``.
    package mutating func consistency(
        from old: UInt64,
        to new: UInt64,
        leadingTo checkpoint: SignedCheckpoint?,
        through end: SequenceNumber? = nil
    ) throws(CheckpointError) -> ConsistencyEvidence {
        try self.proving(through: end) { tree throws(CheckpointError) in
            let newRoot = try tree.root(ofFirst: new)
            guard newRoot == checkpoint?.root ?? newRoot else { throw .damagedHashes(size: new) }
            return ConsistencyEvidence(
                oldSize: old,
                oldRoot: old == 0 ? .ofNothing : try tree.root(ofFirst: old),
                newSize: new,
                newRoot: newRoot,
                hashes: try tree.consistencyProof(from: old, to: new),
                note: checkpoint?.note
            )
        }
    }

    /// Runs `body` with the hashes; once more, after they were taken from the log again, if they turn out to be damaged.
    private mutating func proving<Proof>(
        through end: SequenceNumber?,
        _ body: (HashTree) throws(CheckpointError) -> Proof
    ) throws(CheckpointError) -> Proof {
        let tree = try self.currentTree(through: end)
        do throws(CheckpointError) {
            return try body(tree)
        } catch .damagedHashes {
            try tree.rebuild(through: end)
            return try body(tree)
        }
    }
}
