package import EventLog
package import LogValues
import Projections
import RawJSON

/// Makes snapshots from the log: the newest snapshot, and the lines behind it up to what a recent checkpoint is about.
///
/// Never from the hub's memory: the hub does not pause, and each snapshot is a second opinion on what the log says, for it
/// is written only if its state and its root are those that the checkpoints on the way recorded. Costs the memory of one
/// more state while it runs (`docs/decisions`, "Snapshots are made from the log").
package struct SnapshotMaker: Sendable {
    /// A snapshot that was written.
    package struct Made: Sendable, Equatable {
        package let name: SnapshotName
        /// The snapshot that it began with, which is whole; nil if it began with line 1.
        package let base: SnapshotName?
        /// Lines that were replayed.
        package let eventCount: UInt64
        package let textSizeBytes: UInt64
    }

    package let store: SnapshotStore
    package let reader: LogReader
    package let logID: String
    /// Wall clock time in microseconds since 1970.
    let now: @Sendable () -> Int64
    /// Lines after which it is checked whether to go on.
    var checkInterval = 10_000

    package init(
        store: SnapshotStore,
        reader: LogReader,
        logID: String,
        now: @escaping @Sendable () -> Int64,
        checkInterval: Int = 10_000
    ) {
        self.store = store
        self.reader = reader
        self.logID = logID
        self.now = now
        self.checkInterval = checkInterval
    }

    /// Those that there are.
    package var snapshots: ConfirmedSnapshots {
        var snapshots = ConfirmedSnapshots(self.store, of: self.reader, logID: self.logID)
        snapshots.checkInterval = self.checkInterval
        return snapshots
    }

    /// Makes one snapshot, and removes none.
    ///
    /// - Parameters:
    ///   - end: The last line to look at, which is committed.
    ///   - check: Called now and then; what it throws ends the work, and there is no snapshot.
    ///   - passOver: Told of each snapshot that cannot be used, and why.
    /// - Returns: Nil if there is no checkpoint about a later place than the newest snapshot's.
    /// - Throws: ``SnapshotTrouble/stateDiffers(size:recorded:replayed:)`` or ``SnapshotTrouble/rootDiffers(size:)`` if the
    ///   log does not give what it recorded; what is wrong with the log or the disk;
    ///   ``EventLogError/historyIncomplete(first:)``.
    package func make(
        through end: SequenceNumber,
        check: () throws -> Void,
        passOver: (SnapshotName, any Error) -> Void
    ) throws -> Made? {
        if let newest = try self.store.names().last(where: { $0.through <= end }) {
            let size = newest.through.rawValue
            let recorded = try self.snapshots.checkpoints(behind: size, through: end, check)
            if let recorded, !recorded.contains(where: { $0.size > size }) { return nil }
        }
        let base = try self.snapshots.newest(through: end, end: end, check: check, passOver: passOver)
        guard let recorded = try self.snapshots.checkpoints(behind: base?.claim.size ?? 0, through: end, check) else {
            throw EventLogError.historyIncomplete(first: try self.snapshots.firstLine())
        }
        return try self.make(from: base, recorded, check)
    }

    // MARK: Replaying

    private func make(
        from base: consuming LoadedSnapshot?,
        _ recorded: [SnapshotClaim],
        _ check: () throws -> Void
    ) throws -> Made? {
        guard let target = recorded.last, target.size > base?.claim.size ?? 0 else { return nil }
        let name = base?.name
        var frontier = try self.frontier(before: target.size, from: base?.frontier ?? Frontier())
        var rest = recorded.drop { $0.size <= base?.claim.size ?? 0 }
        var replay = base.map { LogReplay(from: $0) } ?? LogReplay()
        base = nil
        var scratch: [UInt8] = []
        try replay.run(self.reader, through: SequenceNumber(target.size)) { _ in
        } observe: { line, state in
            if line.sequenceNumber.rawValue % UInt64(self.checkInterval) == 0 { try check() }
            if line.sequenceNumber.rawValue > frontier.size {
                frontier.append(leaf: try Redaction.leafHash(of: line.bytes, scratch: &scratch))
            }
            while let next = rest.first, next.size == line.sequenceNumber.rawValue {
                rest.removeFirst()
                try Self.compare(&state, with: next)
            }
        }
        guard frontier.root == target.root else {
            throw SnapshotTrouble.rootDiffers(size: target.size)
        }
        let eventCount = replay.eventCount
        let size = try self.write(replay, frontier, check)
        return Made(
            name: SnapshotName(through: SequenceNumber(target.size)),
            base: name,
            eventCount: eventCount,
            textSizeBytes: size
        )
    }

    private static func compare(_ state: inout HubState, with checkpoint: SnapshotClaim) throws(SnapshotTrouble) {
        let digest = state.digest()
        guard digest == checkpoint.stateDigest else {
            throw .stateDiffers(size: checkpoint.size, recorded: checkpoint.stateDigest, replayed: digest)
        }
    }

    /// The tree from which the lines up to `size` are to be hashed: that of the last segment's header, or the snapshot's.
    private func frontier(before size: UInt64, from known: Frontier) throws -> Frontier {
        let catalog = try SegmentCatalog(self.reader.directory, fileSystem: self.reader.fileSystem)
        guard let index = catalog.index(holding: SequenceNumber(size)),
            let header = try self.reader.header(of: catalog.segments[index]), header.frontier.size > known.size
        else { return known }
        return header.frontier
    }

    private func write(
        _ replay: consuming LogReplay,
        _ frontier: Frontier,
        _ check: () throws -> Void
    ) throws -> UInt64 {
        let context = replay.recent.snapshotContext
        let header = SnapshotHeader(logID: self.logID, madeAt: self.now(), frontier: frontier, context: context)
        var state = replay.state
        var count = 0
        return try self.store.write(header) { file in
            try state.writeSnapshot { line in
                try file.write(line)
                count += 1
                if count % self.checkInterval == 0 { try check() }
            }
        }
    }
}
