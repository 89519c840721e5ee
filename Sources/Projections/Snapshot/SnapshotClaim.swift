package import LogValues

/// What a snapshot says that a checkpoint of the log must say too, before the snapshot counts.
///
/// The one rule by which a start, a look back, the making of the next snapshot and the offline tool choose
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

    /// What a checkpoint that stands behind the snapshot's place says of it.
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
