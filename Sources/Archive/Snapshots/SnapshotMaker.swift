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
        let names = try self.store.names().reversed().filter { $0.through <= end }
        for name in names {
            let recorded = try self.checkpoints(behind: name.through.rawValue, through: end, check)
            do {
                guard let recorded else { throw SnapshotTrouble.beforeFirstLine(first: try self.firstLine()) }
                guard recorded.contains(where: { $0.size > name.through.rawValue }) else { return nil }
                let base = try LoadedSnapshot(name, in: self.store, ofLog: self.logID, check: check)
                try Self.confirm(base, recorded)
                return try self.make(from: base, recorded, check)
            } catch let error where SnapshotTrouble.blamesSnapshot(error) {
                passOver(name, error)
            }
        }
        guard let recorded = try self.checkpoints(behind: 0, through: end, check) else {
            throw EventLogError.historyIncomplete(first: try self.firstLine())
        }
        return try self.make(from: nil, recorded, check)
    }

    /// Reads a snapshot that the log confirms.
    ///
    /// - Parameters:
    ///   - name: Which.
    ///   - end: The last line to look at.
    ///   - check: Called now and then; what it throws ends the reading.
    /// - Returns: The snapshot.
    /// - Throws: ``SnapshotTrouble``, `SnapshotError`, `EventLogError`.
    package func load(_ name: SnapshotName, through end: SequenceNumber, check: () throws -> Void) throws
        -> LoadedSnapshot
    {
        let snapshot = try LoadedSnapshot(name, in: self.store, ofLog: self.logID, check: check)
        let claim = snapshot.claim
        let recorded = try self.checkpoints(behind: claim.size, through: end, check) {
            claim.verdict(of: $0) != .aboutLess
        }
        guard let recorded else { throw SnapshotTrouble.beforeFirstLine(first: try self.firstLine()) }
        try Self.confirm(snapshot, recorded)
        return snapshot
    }

    /// Reads the newest snapshot at a place, or before it, that the log confirms.
    ///
    /// One that is damaged, that nothing confirms, or that is removed meanwhile, is passed over: an older one, or the log,
    /// says the same.
    ///
    /// - Parameters:
    ///   - place: The last line that it may stand for.
    ///   - end: The last line to look at.
    /// - Returns: Nil if there is none.
    package func newest(through place: SequenceNumber, end: SequenceNumber) -> LoadedSnapshot? {
        guard let names = try? self.store.names() else { return nil }
        for name in names.reversed() where name.through <= place {
            if let loaded = try? self.load(name, through: end, check: {}) { return loaded }
        }
        return nil
    }

    private static func confirm(_ snapshot: LoadedSnapshot, _ recorded: [SnapshotClaim]) throws(SnapshotTrouble) {
        let claim = snapshot.claim
        let verdict = recorded.lazy.map { claim.verdict(of: $0) }.first { $0 != .aboutLess }
        switch verdict {
        case .confirmed: return
        case .contradicted: throw .contradictsLog(checkpoint: claim.size)
        case .aboutLess, .aboutMore, nil: throw .unconfirmed
        }
    }

    private func firstLine() throws(EventLogError) -> SequenceNumber {
        try SegmentCatalog(self.reader.directory, fileSystem: self.reader.fileSystem).firstLine
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

    // MARK: Checkpoints

    /// What the checkpoints say that the log holds behind a place, in order, up to one that is enough; nil if the log
    /// begins behind that place.
    private func checkpoints(
        behind start: UInt64,
        through end: SequenceNumber,
        _ check: () throws -> Void,
        isEnough: (SnapshotClaim) -> Bool = { _ in false }
    ) throws -> [SnapshotClaim]? {
        guard try self.firstLine().rawValue <= start + 1 else { return nil }
        guard var cursor = try self.reader.cursor(from: SequenceNumber(start + 1), through: end) else { return [] }
        var decoder = EventDecoder()
        var found: [SnapshotClaim] = []
        var count = 0
        while try cursor.advance() {
            let line = cursor.line
            count += 1
            if count % self.checkInterval == 0 { try check() }
            guard Self.looksLikeCheckpoint(line.bytes),
                case .logCheckpointed(let checkpoint) = try decoder.decode(line.bytes).event.payload
            else { continue }
            // One that is about less than the one before is no use here.
            guard checkpoint.size > found.last?.size ?? 0 else { continue }
            found.append(SnapshotClaim(checkpoint))
            if isEnough(SnapshotClaim(checkpoint)) { break }
        }
        return found
    }

    /// Whether a line may be a checkpoint, by its first bytes: most lines need not be decoded to see that they are not.
    private static func looksLikeCheckpoint(_ line: Bytes) -> Bool {
        // Before the type stand a number, perhaps a mark, and a time: `{"seq":N,"more":true,"time":"…Z",`.
        let type: StaticString = "\"type\":\"log.checkpointed\""
        return line.extracting(first: 96 + type.utf8CodeUnitCount).contains(type.bytes)
    }
}
