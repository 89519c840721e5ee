package import LogValues
package import SystemPackage

/// An account of what opening a log found and did.
package struct RecoveryReport: Sendable {
    /// Bytes that were cut off the end of the last segment.
    package struct Cut: Equatable, Sendable {
        package let segment: SegmentName
        /// The place of the cut, in bytes from the segment's start: the end of the last whole commit.
        package let offset: UInt64
        package let sizeBytes: UInt64
        /// The file beside the segment that keeps the bytes.
        package let keptAs: FilePath
        /// The damage, and its place; nil if every block was whole, but the last commit was not.
        package let fault: Damage?
        package let faultOffset: UInt64?
    }

    package let logID: String
    /// How many segments there are.
    package let segmentCount: Int
    /// The first line that is kept: 1 unless retention dropped the oldest segments.
    package let firstLine: SequenceNumber
    /// The last line; nil if there is none yet.
    package let end: SequenceNumber?
    /// The tree of all lines.
    package let frontier: Frontier
    /// Whether the log was made just now.
    package let isNew: Bool
    /// Whether the last run ended its last frame.
    package let wasClosedCleanly: Bool
    package let cut: Cut?
    /// Files of segments whose creation a crash interrupted, under the name they are kept as; they held no lines.
    package let setAside: [FilePath]
    /// Files beside the log that told of lines behind its end, which a power failure took; never at level `always`.
    package let witnesses: [LogWitness]
    /// Copies of files beside the log that contradict it, by their path in the data directory.
    package internal(set) var contradictions: [String]
}

/// How far the opening of a log has come; only the last segment is read.
package struct RecoveryProgress: Equatable, Sendable {
    package let segment: SegmentName
    /// Bytes of the file, as it is on disk.
    package let readBytes: UInt64
    package let sizeBytes: UInt64
    package let lineCount: UInt64
}
