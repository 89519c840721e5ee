package import EventLog
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

    /// As C2SP tlog-proof; nil without a checkpoint, which that form asks for.
    ///
    /// - Parameter extra: The line, for a receipt that needs no second file.
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
    }

    package let uuid: UUID128
    package let line: Line
    package let proof: InclusionEvidence
}
