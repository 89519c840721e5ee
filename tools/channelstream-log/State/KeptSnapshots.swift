import Archive
import EventLog
import LogValues
import Projections
import RawJSON
import SystemPackage

/// The snapshots of a log, for replays that need not, or cannot, begin with line 1.
struct KeptSnapshots {
    private let store: SnapshotStore
    private let reader: LogReader
    /// What the log's first header says; nil if there is none.
    private let logID: String?
    /// The first line that is kept.
    let firstLine: SequenceNumber
    /// In order.
    let names: [SnapshotName]

    /// - Throws: ``EventLogError`` if the directory cannot be read.
    init(_ directory: FilePath) throws {
        let catalog = try SegmentCatalog(directory)
        self.store = SnapshotStore(in: directory)
        self.reader = LogReader(directory)
        self.firstLine = catalog.firstLine
        self.logID = try catalog.segments.first.flatMap { try LogReader(directory).header(of: $0)?.logID }
        self.names = try self.store.names()
    }

    var path: FilePath { self.store.folder }

    func path(of name: SnapshotName) -> FilePath { self.store.path(of: name) }

    /// Reads a snapshot and checks its digest, and that it is of this log.
    ///
    /// - Throws: `EventLogError`, `SnapshotError`, `SnapshotTrouble`.
    func read(_ name: SnapshotName) throws -> LoadedSnapshot {
        try LoadedSnapshot(name, in: self.store, ofLog: self.logID ?? self.store.open(name).header.logID)
    }

    /// When a snapshot was made, as its head says.
    ///
    /// - Throws: `EventLogError`.
    func made(_ name: SnapshotName) throws -> String { try self.store.open(name).header.made }

    /// A hash over the lines of a snapshot behind its header.
    ///
    /// - Throws: `EventLogError`.
    func textHash(of name: SnapshotName) throws -> Hash256 {
        var hash = Hash256.ofNothing
        try self.store.open(name).forEachLine { hash = .node(hash, Hash256(hashing: $0)) }
        return hash
    }

    /// Finds the checkpoint about the place of a snapshot; nil if the log holds none.
    ///
    /// - Throws: ``EventLogError`` at damage; ``EventCodingError`` for a line that is no event.
    func claim(about name: SnapshotName) throws -> SnapshotClaim? {
        try self.confirmed.claim(about: name, through: nil)
    }

    private var confirmed: ConfirmedSnapshots {
        ConfirmedSnapshots(self.store, of: self.reader, logID: self.logID ?? "")
    }

    /// The snapshot from which a replay up to a line is shortest.
    ///
    /// - Parameter line: The last line that is to be replayed; nil: all there are.
    /// - Returns: Nil if there is none, and the log begins with line 1.
    /// - Throws: ``ToolFailure`` if there is none, and lines are missing for which one would stand; ``EventLogError``.
    func start(for line: SequenceNumber?) throws -> LoadedSnapshot? {
        if let newest = try self.confirmed.newest(through: line, end: nil, passOver: Self.passOver) { return newest }
        guard self.firstLine > .first else { return nil }
        throw self.missingStart(for: line)
    }

    /// The snapshot with which a replay of all that is kept begins: none if that is line 1, else the oldest that counts.
    ///
    /// - Throws: ``ToolFailure`` if there is none where one is needed; ``EventLogError``.
    func beginning() throws -> LoadedSnapshot? {
        guard self.firstLine > .first else { return nil }
        if let oldest = try self.confirmed.oldest(end: nil, passOver: Self.passOver) { return oldest }
        throw self.missingStart(for: nil)
    }

    private static func passOver(_ name: SnapshotName, _ error: any Error) {
        Diagnostics.say("snapshots/\(name) is not used: \(error)")
    }

    private func missingStart(for line: SequenceNumber?) -> ToolFailure {
        let place = line.map { "as of line \($0)" } ?? "of the log"
        let oldest = self.names.first { $0.through.next >= self.firstLine }
        return ToolFailure(
            .negative,
            "the state \(place) is not known: the log begins with line \(self.firstLine), and "
                + (oldest.map { "the oldest snapshot is as of line \($0.through)" } ?? "there is no snapshot before it")
        )
    }
}
