/// A checkpoint whose signatures have been checked: size and root are the log's own word.
package struct Checkpoint: Hashable, Sendable {
    package let body: CheckpointBody
    /// The note as it came in.
    package let note: SignedNote
    /// The log's signature, and those of witnesses that are known.
    package let signatures: [VerifiedSignature]

    /// Checks a checkpoint.
    ///
    /// - Parameters:
    ///   - note: The signed note.
    ///   - keys: Keys that are trusted: the log's, all of them during a rotation, and those of witnesses.
    ///   - origin: The log that it must be of.
    /// - Throws: ``CheckpointError``.
    package init(
        verifying note: SignedNote,
        with keys: [VerifierKey],
        origin: String
    ) throws(CheckpointError) {
        self.signatures = try note.verify(with: keys)
        self.body = try CheckpointBody(parsing: note.text)
        self.note = note
        guard self.body.origin.utf8.elementsEqual(origin.utf8) else {
            throw .otherOrigin(expected: origin, found: self.body.origin)
        }
        let isSignedByLog = self.signatures.contains {
            $0.key.algorithm == .ed25519 && $0.key.identity.name.utf8.elementsEqual(origin.utf8)
        }
        guard isSignedByLog else { throw .notSignedByLog(origin: origin) }
    }

    /// Reads and checks a checkpoint.
    package init(
        verifying note: [UInt8],
        with keys: [VerifierKey],
        origin: String
    ) throws(CheckpointError) {
        try self.init(verifying: SignedNote(parsing: note), with: keys, origin: origin)
    }
}
