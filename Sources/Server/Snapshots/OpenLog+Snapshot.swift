import EventLog
import Projections

extension OpenLog {
    /// The newest state that was written down at a position or before it; nil if none can be used.
    ///
    /// Blocks while it reads.
    func snapshot(through position: Position) -> HubState? {
        let store = SnapshotStore(in: self.directory, fileSystem: self.fileSystem)
        let names = (try? store.names()) ?? []
        for name in names.reversed() where name.through.rawValue <= position.rawValue {
            // A snapshot is a cache: without one, or with an older one, the answer only takes longer.
            if let snapshot = try? LoadedSnapshot(name, in: store, ofLog: self.logID) { return snapshot.state }
        }
        return nil
    }
}
