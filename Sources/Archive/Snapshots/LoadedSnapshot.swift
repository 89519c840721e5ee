package import EventLog
import LogValues
package import Projections

/// A snapshot that was read, and whose state has the digest that it was written with.
package struct LoadedSnapshot: Sendable {
    package let name: SnapshotName
    package let state: HubState
    let recent: RecentTimes
    /// The tree of all lines that it stands for.
    package let frontier: Frontier
    package let claim: SnapshotClaim

    /// Reads a snapshot.
    ///
    /// - Parameters:
    ///   - name: Which.
    ///   - store: Where it is.
    ///   - logID: The log that it must be of; nil: any.
    ///   - check: Called now and then; what it throws ends the reading.
    /// - Throws: ``SnapshotTrouble``, `SnapshotError`, `EventLogError`: the snapshot is of no use then.
    package init(
        _ name: SnapshotName,
        in store: SnapshotStore,
        ofLog logID: String?,
        check: () throws -> Void = {}
    ) throws {
        let file = try store.open(name)
        guard logID == nil || file.header.logID == logID else {
            throw SnapshotTrouble.otherLog(found: file.header.logID)
        }
        var reader = SnapshotReader()
        var count = 0
        try file.forEachLine { line in
            try reader.read(line)
            count += 1
            if count % 10_000 == 0 { try check() }
        }
        var state = try reader.finish()
        let position = name.through
        guard state.position == position,
            let recent = RecentTimes(
                snapshotContext: file.header.context,
                endingAt: position,
                window: LogReplay.uncertainty
            )
        else { throw SnapshotTrouble.inconsistent }
        self.claim = SnapshotClaim(frontier: file.header.frontier, stateDigest: state.digest())
        self.frontier = file.header.frontier
        self.name = name
        self.state = state
        self.recent = recent
    }
}

extension SnapshotClaim {
    init(frontier: Frontier, stateDigest: Hash256) {
        self.init(size: frontier.size, root: frontier.root, stateDigest: stateDigest)
    }
}
