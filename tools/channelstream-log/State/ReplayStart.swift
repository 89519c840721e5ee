import Archive
import EventLog
import LogValues
import SystemPackage

/// Where a replay begins: with a snapshot, where that is shorter or the first lines were dropped.
enum ReplayStart {
    /// The snapshot from which a replay up to a line is shortest; nil: line 1.
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - line: The last line that is to be replayed; nil: all there are.
    /// - Returns: The snapshot.
    /// - Throws: ``ToolFailure`` if there is none, and lines are missing for which one would stand; ``EventLogError``.
    static func newest(in directory: FilePath, for line: SequenceNumber?) throws -> LoadedSnapshot? {
        let snapshots = try ConfirmedSnapshots(in: directory)
        return try self.explainingAbsence(in: snapshots, line.map { "as of line \($0)" } ?? "of the log") {
            try snapshots.start(through: line, end: nil, passOver: self.passOver)
        }
    }

    /// The snapshot with which a replay of all that is kept begins; nil: line 1.
    ///
    /// - Throws: ``ToolFailure`` if there is none where one is needed; ``EventLogError``.
    static func oldest(in directory: FilePath) throws -> LoadedSnapshot? {
        let snapshots = try ConfirmedSnapshots(in: directory)
        return try self.explainingAbsence(in: snapshots, "of the log") {
            try snapshots.beginning(passOver: self.passOver)
        }
    }

    private static func passOver(_ name: SnapshotName, _ error: any Error) {
        Diagnostics.say("snapshots/\(name) is not used: \(error)")
    }

    private static func explainingAbsence(
        in snapshots: ConfirmedSnapshots,
        _ place: String,
        _ body: () throws -> LoadedSnapshot?
    ) throws -> LoadedSnapshot? {
        do {
            return try body()
        } catch EventLogError.historyIncomplete(let first) {
            let oldest = try snapshots.store.names().first { $0.through.next >= first }
            throw ToolFailure(
                .negative,
                "the state \(place) is not known: the log begins with line \(first), and "
                    + (oldest.map { "the oldest snapshot is as of line \($0.through)" }
                        ?? "there is no snapshot before it")
            )
        }
    }
}
