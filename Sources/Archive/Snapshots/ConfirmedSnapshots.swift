package import EventLog
package import LogValues
package import Projections
import RawJSON
package import SystemPackage

/// The snapshots of a log that count: whole, of this log, and with the root and the state digest that a checkpoint which the
/// log holds behind them says.
///
/// The one place that chooses: for starts, looks back, new snapshots, what is dropped, and the offline tool.
package struct ConfirmedSnapshots: Sendable {
    package let store: SnapshotStore
    package let reader: LogReader
    /// The log's id as its first header gives it; nil if that is not known, and then only the log's checkpoints tell whose
    /// snapshots these are.
    package let logID: String?
    /// Lines after which it is checked whether to go on.
    var checkInterval = 10_000

    package init(_ store: SnapshotStore, of reader: LogReader, logID: String?) {
        self.store = store
        self.reader = reader
        self.logID = logID
    }

    /// Those of a log that the caller has not opened.
    package init(in directory: FilePath) throws(EventLogError) {
        let reader = LogReader(directory)
        var header: SegmentHeader?
        if let first = try SegmentCatalog(directory).segments.first { header = try reader.header(of: first) }
        self.init(SnapshotStore(in: directory), of: reader, logID: header?.logID)
    }

    /// Reads one, whether it counts or not.
    ///
    /// - Throws: ``SnapshotTrouble``, `SnapshotError`, `EventLogError`: it is of no use then.
    package func read(_ name: SnapshotName, check: () throws -> Void = {}) throws -> LoadedSnapshot {
        try LoadedSnapshot(name, in: self.store, ofLog: self.logID, check: check)
    }

    /// Reads one that counts.
    ///
    /// - Parameters:
    ///   - name: Which.
    ///   - end: The last line to look at; nil: all there are.
    ///   - check: Called now and then; what it throws ends the reading.
    /// - Returns: The snapshot.
    /// - Throws: ``SnapshotTrouble``, `SnapshotError`, `EventLogError`.
    package func load(
        _ name: SnapshotName,
        through end: SequenceNumber?,
        check: () throws -> Void = {}
    ) throws -> LoadedSnapshot {
        let snapshot = try self.read(name, check: check)
        try self.confirm(snapshot, through: end, check)
        return snapshot
    }

    /// Reads the newest at a place, or before it.
    ///
    /// - Parameters:
    ///   - place: The last line that it may stand for; nil: any.
    ///   - end: The last line to look at; nil: all there are.
    ///   - check: Called now and then; what it throws ends the reading.
    ///   - passOver: Told of each that does not count, and why.
    /// - Returns: Nil if there is none.
    /// - Throws: What is wrong with the log, and what `check` throws.
    package func newest(
        through place: SequenceNumber? = nil,
        end: SequenceNumber?,
        check: () throws -> Void = {},
        passOver: (SnapshotName, any Error) -> Void = { _, _ in }
    ) throws -> LoadedSnapshot? {
        let names = try self.store.names().filter { name in place.map { name.through <= $0 } ?? true }
        return try self.first(of: names.reversed(), end, check, passOver)
    }

    /// What a replay up to a place begins with, so that it is shortest: the newest snapshot there, or nil for line 1.
    ///
    /// - Throws: As ``newest(through:end:check:passOver:)``; ``EventLogError/historyIncomplete(first:)`` if lines are missing
    ///   for which no snapshot stands.
    package func start(
        through place: SequenceNumber? = nil,
        end: SequenceNumber?,
        check: () throws -> Void = {},
        passOver: (SnapshotName, any Error) -> Void
    ) throws -> LoadedSnapshot? {
        if let newest = try self.newest(through: place, end: end, check: check, passOver: passOver) { return newest }
        return try self.nothingIfWhole()
    }

    /// What a replay of all that is kept begins with: nil for line 1, or else the oldest snapshot behind which all is kept.
    ///
    /// - Throws: As ``start(through:end:check:passOver:)``.
    package func beginning(passOver: (SnapshotName, any Error) -> Void) throws -> LoadedSnapshot? {
        let first = try self.firstLine()
        guard first > .first else { return nil }
        let names = try self.store.names().filter { $0.through.next >= first }
        if let oldest = try self.first(of: names, nil, {}, passOver) { return oldest }
        return try self.nothingIfWhole()
    }

    private func nothingIfWhole() throws(EventLogError) -> LoadedSnapshot? {
        let first = try self.firstLine()
        guard first == .first else { throw .historyIncomplete(first: first) }
        return nil
    }

    private func first(
        of names: some Sequence<SnapshotName>,
        _ end: SequenceNumber?,
        _ check: () throws -> Void,
        _ passOver: (SnapshotName, any Error) -> Void
    ) throws -> LoadedSnapshot? {
        for name in names {
            let snapshot: LoadedSnapshot
            do {
                if let end, name.through > end { throw SnapshotTrouble.beyondEnd(end: end.rawValue) }
                snapshot = try self.read(name, check: check)
            } catch let error as CancellationError {
                throw error
            } catch {
                // Damaged, of another log, or removed meanwhile: another one, or the log, says the same.
                passOver(name, error)
                continue
            }
            do {
                try self.confirm(snapshot, through: end, check)
                return snapshot
            } catch let trouble as SnapshotTrouble {
                passOver(name, trouble)
            }
        }
        return nil
    }

    private func confirm(
        _ snapshot: borrowing LoadedSnapshot,
        through end: SequenceNumber?,
        _ check: () throws -> Void
    ) throws {
        let claim = snapshot.claim
        let recorded = try self.checkpoints(behind: claim.size, through: end, check) {
            claim.verdict(of: $0) != .aboutLess
        }
        guard let recorded else { throw SnapshotTrouble.beforeFirstLine(first: try self.firstLine()) }
        switch recorded.lazy.map({ claim.verdict(of: $0) }).first(where: { $0 != .aboutLess }) {
        case .confirmed: return
        case .contradicted: throw SnapshotTrouble.contradictsLog(checkpoint: claim.size)
        case .aboutLess, .aboutMore, nil: throw SnapshotTrouble.unconfirmed
        }
    }

    /// Finds the checkpoint about the place of a snapshot; nil if the log holds none.
    ///
    /// - Throws: What is wrong with the log.
    package func claim(about name: SnapshotName, through end: SequenceNumber?) throws -> SnapshotClaim? {
        let size = name.through.rawValue
        return try self.checkpoints(behind: size, through: end, {}) { $0.size >= size }?.last { $0.size == size }
    }

    package func firstLine() throws(EventLogError) -> SequenceNumber {
        try SegmentCatalog(self.reader.directory, fileSystem: self.reader.fileSystem).firstLine
    }

    /// Collects the claims of the checkpoints behind a place, in order, up to one that is enough; nil if the log begins
    /// behind that place.
    func checkpoints(
        behind start: UInt64,
        through end: SequenceNumber?,
        _ check: () throws -> Void,
        isEnough: (SnapshotClaim) -> Bool = { _ in false }
    ) throws -> [SnapshotClaim]? {
        guard try self.firstLine().rawValue <= start + 1 else { return nil }
        guard var cursor = try self.reader.cursor(from: SequenceNumber(start + 1), through: end) else { return [] }
        var found: [SnapshotClaim] = []
        var count = 0
        while try cursor.advance() {
            count += 1
            if count % self.checkInterval == 0 { try check() }
            guard let recorded = try RecordedCheckpoint(cursor.line) else { continue }
            let claim = SnapshotClaim(recorded.checkpoint)
            // One that is about less than the one before is no use here.
            guard claim.size > found.last?.size ?? 0 else { continue }
            found.append(claim)
            if isEnough(claim) { break }
        }
        return found
    }
}
