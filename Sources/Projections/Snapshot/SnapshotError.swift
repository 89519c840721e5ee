package import LogValues

/// Why lines are no snapshot.
package enum SnapshotError: Error, Equatable, CustomStringConvertible {
    /// The line cannot be read; lines count from 1.
    case unreadable(line: Int, EventCodingError)
    /// The line has no place here: a frame before any channel or user, a connection of a user who is not there, …
    case misplaced(line: Int)
    /// Written by a release with another format.
    case unsupported(version: UInt64)
    /// The last line is missing.
    case incomplete(lines: Int)
    /// The state that was read is not the state that was written.
    case wrongDigest(written: Hash256, read: Hash256)

    package var description: String {
        switch self {
        case .unreadable(let line, let error):
            "line \(line) of the snapshot: \(error); delete the snapshot, the log has everything"
        case .misplaced(let line):
            "line \(line) of the snapshot does not belong there; delete the snapshot, the log has everything"
        case .unsupported(let version):
            "the snapshot has format \(version), this release reads 1; delete the snapshot, the log has everything"
        case .incomplete(let lines):
            "the snapshot ends after \(lines) lines, before its digest; delete it, the log has everything"
        case .wrongDigest(let written, let read):
            "the snapshot was written with state digest \(written), but holds a state with \(read); "
                + "delete it, the log has everything"
        }
    }
}
