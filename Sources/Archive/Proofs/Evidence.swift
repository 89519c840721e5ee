package import EventLog
package import LogValues
package import Projections

/// A proof that a line is in the log, and what it leads to.
package struct InclusionEvidence: Equatable, Sendable {
    package let line: SequenceNumber
    /// Of the tree, in lines.
    package let size: UInt64
    package let root: Hash256
    /// From the leaf upwards.
    package let hashes: [Hash256]
    /// The checkpoint of that size; nil if the log records none.
    package let note: SignedNote?

    package init(line: SequenceNumber, size: UInt64, root: Hash256, hashes: [Hash256], note: SignedNote?) {
        self.line = line
        self.size = size
        self.root = root
        self.hashes = hashes
        self.note = note
    }

    /// The proof as C2SP tlog-proof.
    ///
    /// - Parameter extra: The line, for a receipt that needs no second file.
    /// - Returns: Nil without a checkpoint, which that form asks for.
    package func receipt(extra: [UInt8]? = nil) -> LogProof? {
        self.note.map {
            LogProof(index: self.line.rawValue - 1, hashes: self.hashes, checkpoint: $0, extra: extra)
        }
    }
}

/// A proof that the log only grew between two sizes.
package struct ConsistencyEvidence: Equatable, Sendable {
    package let oldSize: UInt64
    package let oldRoot: Hash256
    package let newSize: UInt64
    package let newRoot: Hash256
    package let hashes: [Hash256]
    /// The checkpoint of the larger size; nil if the log records none.
    package let note: SignedNote?

    package init(
        oldSize: UInt64,
        oldRoot: Hash256,
        newSize: UInt64,
        newRoot: Hash256,
        hashes: [Hash256],
        note: SignedNote?
    ) {
        self.oldSize = oldSize
        self.oldRoot = oldRoot
        self.newSize = newSize
        self.newRoot = newRoot
        self.hashes = hashes
        self.note = note
    }

    /// As one text; nil without a checkpoint.
    package var receipt: ConsistencyProof? {
        self.note.map { ConsistencyProof(oldSize: self.oldSize, hashes: self.hashes, checkpoint: $0) }
    }
}

/// A line about a message, and the proof that the log holds it.
package struct MessageReceipt: Equatable, Sendable {
    package struct Line: Equatable, Sendable {
        package let sequenceNumber: SequenceNumber
        package let kind: MessageEventSelector.Kind?
        /// As it is in the log now, without its newline: whole, or redacted if its content was erased.
        package let bytes: [UInt8]
        package let isErased: Bool

        package init(sequenceNumber: SequenceNumber, kind: MessageEventSelector.Kind?, bytes: [UInt8], isErased: Bool) {
            self.sequenceNumber = sequenceNumber
            self.kind = kind
            self.bytes = bytes
            self.isErased = isErased
        }
    }

    package let uuid: UUID128
    package private(set) var line: Line
    package let proof: InclusionEvidence

    package init(uuid: UUID128, line: Line, proof: InclusionEvidence) {
        self.uuid = uuid
        self.line = line
        self.proof = proof
    }

    /// Leaves who, when and where, and takes out what people wrote; the proof stays right.
    package mutating func redact() {
        var redacted: [UInt8] = []
        // A line whose salt is malformed has no leaf, and so there is no receipt for it.
        let result: Void? = try? Redaction.redact(self.line.bytes.span, into: &redacted)
        guard result != nil else { return }
        self.line = Line(
            sequenceNumber: self.line.sequenceNumber,
            kind: self.line.kind,
            bytes: redacted,
            isErased: self.line.isErased
        )
    }
}
