package import LogValues

/// The fate of appended lines; handed to the log's receiver on the commit thread, in the order of the lines.
package enum CommitReport: Sendable {
    case committed(Commit)
    /// `lineCount` lines were not committed, and no line will be any more until the log is opened again.
    ///
    /// They may nevertheless stand in the log when it is opened next: whether a failed write reached the disk is
    /// not known. 0 lines: syncing, or the clean stop, failed after the lines had been reported as committed.
    case failed(EventLogError, lineCount: Int)
}

/// One commit: lines that became durable together (as far as the log's ``Durability`` says).
package struct Commit: Sendable {
    package let lineCount: Int
    package let first: SequenceNumber
    package let last: SequenceNumber
    /// The Merkle tree after this commit, which has as many leaves as `last` says; a copy is cheap.
    package let frontier: Frontier
    /// The segment that holds the lines.
    package let segment: SegmentName
    /// Decoded size of that segment, in bytes, to compare with ``EventLogConfiguration/segmentSizeBytes``: once it is
    /// reached, the next commit begins a new segment.
    package let segmentSizeBytes: Int
    /// Bytes of that segment's file up to the end of this commit: what may be handed to others.
    package let segmentOffset: UInt64

    package var treeSize: UInt64 { self.frontier.size }
    /// The tree's root after this commit.
    ///
    /// Computed here, with at most 63 hashes: ask only where it is needed.
    package var root: Hash256 { self.frontier.root }
}
