package import LogValues

/// Shows that a log only grew between two of its checkpoints, in one text that can be checked offline.
///
///     old 1000                                        size of the older checkpoint
///     QscNb9wbYKPxKu+iau6Hw/hGDC0gvfCZ6bKaxW1phbE=    the proof, from the leaf upwards
///     …
///
///     hub.example/log                                 the newer checkpoint
///     …
///
/// That is also what `add-checkpoint` of C2SP tlog-witness takes, so that it can be posted to a witness as it is.
///
/// - SeeAlso: C2SP tlog-witness v1.0.0.
package struct ConsistencyProof: Hashable, Sendable {
    /// Largest proof that is read, in bytes.
    package static let sizeLimit = 2 * SignedNote.sizeLimit

    private static let opening: StaticString = "old "

    /// The tree that the log is shown to begin with, in lines.
    package let oldSize: UInt64
    package let hashes: [Hash256]
    package let checkpoint: SignedNote

    package init(oldSize: UInt64, hashes: [Hash256], checkpoint: SignedNote) {
        self.oldSize = oldSize
        self.hashes = hashes
        self.checkpoint = checkpoint
    }

    /// Whether a text is meant to be one; ``LogProof`` begins otherwise.
    package static func isOpening(_ text: [UInt8]) -> Bool { text[...].dropping(self.opening) != nil }

    /// Reads a proof strictly; it proves nothing yet.
    ///
    /// - Throws: ``CheckpointError/malformedProof(line:)``, and what ``SignedNote/init(parsing:)`` throws.
    package init(parsing text: [UInt8]) throws(CheckpointError) {
        guard text.count <= Self.sizeLimit else { throw .noteTooLong(limit: Self.sizeLimit) }
        var lines = NoteLines(text[...])
        guard let size = lines.next()?.dropping(Self.opening).flatMap({ NoteLines.integer($0) }) else {
            throw .malformedProof(line: lines.number)
        }
        self.oldSize = size
        self.hashes = try lines.hashes()
        self.checkpoint = try SignedNote(parsing: Array(lines.rest))
    }

    package var bytes: [UInt8] {
        let head = "\(Self.opening)\(self.oldSize)\n" + self.hashes.map { $0.base64 + "\n" }.joined() + "\n"
        return Array(head.utf8) + self.checkpoint.bytes
    }

    /// Checks that the log, as its checkpoint has it, begins with the tree of an older checkpoint.
    ///
    /// - Parameters:
    ///   - old: The older checkpoint, as it was kept; nil for an empty log, with which every log begins.
    ///   - keys: Keys that are trusted.
    ///   - origin: The log.
    /// - Returns: The newer checkpoint.
    /// - Throws: ``CheckpointError``; ``CheckpointError/refusedProof`` if the proof does not lead from one to the other.
    @discardableResult
    package func verify(
        old: CheckpointBody?,
        with keys: [VerifierKey],
        origin: String
    ) throws(CheckpointError) -> Checkpoint {
        let checkpoint = try Checkpoint(verifying: self.checkpoint, with: keys, origin: origin)
        guard self.oldSize == old?.size ?? 0 else { throw .refusedProof }
        if let old, !old.origin.utf8.elementsEqual(origin.utf8) {
            throw .otherOrigin(expected: origin, found: old.origin)
        }
        let isRight = MerkleProof.verifyConsistency(
            from: self.oldSize,
            root: old?.root ?? .ofNothing,
            to: checkpoint.body.size,
            root: checkpoint.body.root,
            proof: self.hashes
        )
        guard isRight else { throw .refusedProof }
        return checkpoint
    }
}
