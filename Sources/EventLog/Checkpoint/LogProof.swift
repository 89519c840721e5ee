package import LogValues

/// A receipt for one line: a proof and the checkpoint that it leads to, in one text that can be checked offline.
///
///     c2sp.org/tlog-proof@v1
///     extra <base64>                                  if there is anything
///     index 513                                       the line's sequence number less 1
///     QscNb9wbYKPxKu+iau6Hw/hGDC0gvfCZ6bKaxW1phbE=    the proof, from the leaf upwards
///     …
///
///     hub.example/log                                 the checkpoint
///     …
///
/// - SeeAlso: C2SP tlog-proof.
package struct LogProof: Hashable, Sendable {
    /// Largest proof that is read, in bytes: with the largest line as ``extra``, in base64.
    package static let sizeLimit = 2 * SignedNote.sizeLimit + (LineFormat.maximumSizeBytes + 2) / 3 * 4

    private static let opening: StaticString = "c2sp.org/tlog-proof@v1"

    /// Position of the line, from 0.
    package let index: UInt64
    package let hashes: [Hash256]
    package let checkpoint: SignedNote
    /// Bytes that the format leaves to the application; nothing vouches for them.
    ///
    /// Receipts that a hub hands out carry the line here, so that one file is all that a third party needs: it is the
    /// line that is to be hashed and shown, and only ``verify(line:with:origin:)`` says whether it is right.
    package let extra: [UInt8]?

    package init(index: UInt64, hashes: [Hash256], checkpoint: SignedNote, extra: [UInt8]? = nil) {
        self.index = index
        self.hashes = hashes
        self.checkpoint = checkpoint
        self.extra = extra
    }

    /// Reads a proof strictly; it proves nothing yet.
    ///
    /// - Throws: ``CheckpointError/malformedProof(line:)``, and what ``SignedNote/init(parsing:)`` throws.
    package init(parsing text: [UInt8]) throws(CheckpointError) {
        guard text.count <= Self.sizeLimit else { throw .noteTooLong(limit: Self.sizeLimit) }
        var lines = NoteLines(text[...])
        guard let opening = lines.next(), opening.dropping(Self.opening)?.isEmpty == true else {
            throw .malformedProof(line: lines.number)
        }
        var line = lines.next()
        if let field = line?.dropping("extra ") {
            guard let extra = Base64.standard.decode(field) else { throw .malformedProof(line: lines.number) }
            self.extra = extra
            line = lines.next()
        } else {
            self.extra = nil
        }
        guard let index = line?.dropping("index ").flatMap({ NoteLines.integer($0) }) else {
            throw .malformedProof(line: lines.number)
        }
        self.index = index
        self.hashes = try lines.hashes()
        self.checkpoint = try SignedNote(parsing: Array(lines.rest))
    }

    package var bytes: [UInt8] {
        var text: [UInt8] = []
        text.append(Self.opening)
        if let extra = self.extra { text.append(contentsOf: "\nextra \(Base64.standard.encode(extra))".utf8) }
        text.append(contentsOf: "\nindex \(self.index)\n".utf8)
        for hash in self.hashes { text.append(contentsOf: "\(hash.base64)\n".utf8) }
        text.append(LineFormat.newline)
        return text + self.checkpoint.bytes
    }

    /// The line that this is the receipt for; nil if no line can have that number.
    package var sequenceNumber: SequenceNumber? {
        self.index < SequenceNumber.last.rawValue ? SequenceNumber(self.index + 1) : nil
    }

    /// Checks that the log held this line, and that its sequence number is the one that it claims.
    ///
    /// - Parameters:
    ///   - line: The event line without its newline, whole or in its redacted form: both have the same leaf.
    ///   - keys: Keys that are trusted.
    ///   - origin: The log.
    /// - Returns: The log's checkpoint, at which it held the line.
    /// - Throws: ``CheckpointError``.
    @discardableResult
    package func verify(
        line: [UInt8],
        with keys: [VerifierKey],
        origin: String
    ) throws(CheckpointError) -> Checkpoint {
        let sequenceNumber = LineFormat.head(of: line.span)?.sequenceNumber
        // A newline inside would make two lines of one leaf.
        guard let sequenceNumber, !line.contains(LineFormat.newline) else { throw .malformedLine }
        guard let proven = self.sequenceNumber, proven == sequenceNumber else {
            throw .otherLine(expected: sequenceNumber, found: self.sequenceNumber ?? .last)
        }
        var redacted: [UInt8] = []
        do {
            try Redaction.redact(line.span, into: &redacted)
        } catch {
            throw .malformedLine
        }
        return try self.verify(leafData: redacted, with: keys, origin: origin)
    }

    /// Checks that the leaf at ``index`` is the hash of these bytes, whatever they mean.
    @discardableResult
    package func verify(
        leafData: [UInt8],
        with keys: [VerifierKey],
        origin: String
    ) throws(CheckpointError) -> Checkpoint {
        let checkpoint = try Checkpoint(verifying: self.checkpoint, with: keys, origin: origin)
        let isRight = MerkleProof.verifyInclusion(
            of: Hash256.leaf(leafData.span),
            at: self.index,
            size: checkpoint.body.size,
            root: checkpoint.body.root,
            proof: self.hashes
        )
        guard isRight else { throw .refusedProof }
        return checkpoint
    }
}
