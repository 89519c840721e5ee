package import LogValues

/// The name of a snapshot's file: the number of the last line that it stands for, in 20 digits, as segments are named.
package struct SnapshotName: Comparable, Hashable, Sendable, CustomStringConvertible {
    /// The last line that the snapshot stands for.
    package let through: SequenceNumber

    package init(through: SequenceNumber) {
        self.through = through
    }

    /// Reads a file's name; nil if such a file is no snapshot.
    package init?(fileName: String) {
        guard let name = SegmentName(fileName: fileName) else { return nil }
        self.through = name.base
    }

    package var fileName: String { SegmentName(base: self.through).fileName }

    package var description: String { self.fileName }

    package static func < (left: SnapshotName, right: SnapshotName) -> Bool { left.through < right.through }
}
