package import EventLog
import LogValues
package import Projections

/// Takes erased contents out of snapshots: each is read and written again without them.
///
/// Its digest stays what it was, as the log's roots do. Where a file cannot be read it is removed, since nobody can tell
/// what it holds. For whoever holds the log's lock, while no snapshot is being made (``SnapshotKeeper/exclusively(_:)``).
package enum SnapshotErasure {
    /// - Parameters:
    ///   - erased: Which lines.
    ///   - store: The log's snapshots.
    ///   - logID: The log's id.
    ///   - onRemoval: Told of each that could not be read, and is gone.
    /// - Throws: `EventLogError` if the disk fails, and what was there is there.
    package static func run(
        _ erased: ContentErased,
        in store: SnapshotStore,
        ofLog logID: String,
        onRemoval: (SnapshotName, any Error) -> Void = { _, _ in }
    ) throws {
        for name in try store.names() {
            do {
                try self.rewrite(name, erased, store, logID)
            } catch let error where SnapshotTrouble.blamesSnapshot(error) {
                try store.remove([name])
                onRemoval(name, error)
            }
        }
    }

    private static func rewrite(
        _ name: SnapshotName,
        _ erased: ContentErased,
        _ store: SnapshotStore,
        _ logID: String
    ) throws {
        let header = try store.open(name).header
        var state = try LoadedSnapshot(name, in: store, ofLog: logID).state
        var changes: [Change] = []
        let event = Event(time: Timestamp(microseconds: 0), source: NodeName(""), payload: .contentErased(erased))
        _ = state.apply(event, at: state.position, into: &changes)
        try store.write(header) { file in try state.writeSnapshot { try file.write($0) } }
    }
}
