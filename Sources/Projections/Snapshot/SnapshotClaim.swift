package import LogValues

/// The claim of a snapshot: a checkpoint of the log must say the same before the snapshot counts.
///
/// This is the one rule by which a start, a look back, the making of the next snapshot and the offline tool choose
/// (`docs/decisions/0017-snapshots-from-the-log.md`).
package struct SnapshotClaim: Equatable, Sendable {
    package let size: UInt64
    package let root: Hash256
    package let stateDigest: Hash256

    package init(size: UInt64, root: Hash256, stateDigest: Hash256) {
        self.size = size
        self.root = root
        self.stateDigest = stateDigest
    }

    package init(_ checkpoint: LogCheckpointed) {
        self.init(size: checkpoint.size, root: checkpoint.root, stateDigest: checkpoint.stateDigest)
    }

    /// The verdict of a checkpoint that stands behind the snapshot's place.
    package enum Verdict: Equatable, Sendable {
        case confirmed
        case contradicted
        /// It is about an earlier place; one that follows may be about this one.
        case aboutLess
        /// It is about a later place, as are all that follow: none is about this one.
        case aboutMore
    }

    package func verdict(of checkpoint: SnapshotClaim) -> Verdict {
        guard checkpoint.size == self.size else { return checkpoint.size < self.size ? .aboutLess : .aboutMore }
        return checkpoint == self ? .confirmed : .contradicted
    }
}
