import EventLog
import LogValues
import Projections
import RawJSON
import SystemPackage

/// The snapshots of a log, for replays that need not, or cannot, begin with line 1.
struct KeptSnapshots {
    /// A snapshot whose state has the digest that it was written with.
    struct Whole {
        let name: SnapshotName
        let state: HubState
        /// The tree of all lines that it stands for.
        let frontier: Frontier
        let made: String
    }

    private let directory: FilePath
    private let store: SnapshotStore
    /// What the log's first header says; nil if there is none.
    private let logID: String?
    /// The first line that is kept.
    let firstLine: SequenceNumber
    /// In order.
    let names: [SnapshotName]

    /// - Throws: ``EventLogError`` if the directory cannot be read.
    init(_ directory: FilePath) throws {
        let catalog = try SegmentCatalog(directory)
        self.directory = directory
        self.store = SnapshotStore(in: directory)
        self.firstLine = catalog.firstLine
        self.logID = try catalog.segments.first.flatMap { try LogReader(directory).header(of: $0)?.logID }
        self.names = try self.store.names()
    }

    var path: FilePath { self.store.folder }

    func path(of name: SnapshotName) -> FilePath { self.store.path(of: name) }

    /// Reads a snapshot and checks its digest, and that it is of this log.
    ///
    /// - Throws: `EventLogError`, `SnapshotError`, ``ToolFailure``.
    func read(_ name: SnapshotName) throws -> Whole {
        let file = try self.store.open(name)
        if let logID, file.header.logID != logID {
            throw ToolFailure(.damage, "snapshots/\(name) belongs to log \(file.header.logID), not to \(logID)")
        }
        var reader = SnapshotReader()
        try file.forEachLine { try reader.read($0) }
        let state = try reader.finish()
        guard state.position.rawValue == name.through.rawValue else {
            throw ToolFailure(.damage, "snapshots/\(name) holds a state as of line \(state.position)")
        }
        return Whole(name: name, state: state, frontier: file.header.frontier, made: file.header.made)
    }

    /// A hash over the lines of a snapshot behind its header.
    ///
    /// - Throws: `EventLogError`.
    func textHash(of name: SnapshotName) throws -> Hash256 {
        var hash = Hash256.ofNothing
        try self.store.open(name).forEachLine { hash = .node(hash, Hash256(hashing: $0)) }
        return hash
    }

    /// The checkpoint of the log that a snapshot was made for; nil if the log holds none about its place.
    ///
    /// - Throws: ``EventLogError`` at damage; ``ToolFailure`` for a line that is no event.
    func checkpoint(about name: SnapshotName) throws -> LogCheckpointed? {
        guard name.through.next >= self.firstLine,
            var cursor = try LogReader(self.directory).cursor(from: name.through.next)
        else { return nil }
        var replay = StateReplay()
        while try cursor.advance() {
            let line = cursor.line
            guard let type = LineFields.typeHint(line.bytes), type == UInt8(ascii: "l"),
                let fields = LineFields(line.bytes), fields.type.equals("log.checkpointed"),
                case .logCheckpointed(let checkpoint) = try replay.decode(line).payload
            else { continue }
            if checkpoint.size == name.through.rawValue { return checkpoint }
            // They ascend.
            if checkpoint.size > name.through.rawValue { return nil }
        }
        return nil
    }

    /// The snapshot from which a replay up to a line is shortest.
    ///
    /// Only one that a checkpoint of the log confirms counts, as for the server: then the replay gives what one from line
    /// 1 gives. Others are passed over, and that is said.
    ///
    /// - Parameter line: The last line that is to be replayed; nil: all there are.
    /// - Returns: Nil if there is none, and the log begins with line 1.
    /// - Throws: ``ToolFailure`` if there is none, and lines are missing for which one would stand; ``EventLogError``.
    func start(for line: SequenceNumber?) throws -> Whole? {
        for name in self.names.reversed() where line.map({ name.through <= $0 }) ?? true {
            guard name.through.next >= self.firstLine else { break }
            do {
                return try self.confirmed(name)
            } catch {
                Diagnostics.say("snapshots/\(name) is not used: \((error as? ToolFailure)?.message ?? "\(error)")")
            }
        }
        guard self.firstLine > .first else { return nil }
        throw self.missingStart(for: line)
    }

    /// The snapshot with which a replay of all that is kept begins: none if that is line 1, else the oldest that counts.
    ///
    /// - Throws: ``ToolFailure`` if there is none where one is needed; ``EventLogError``.
    func beginning() throws -> Whole? {
        guard self.firstLine > .first else { return nil }
        for name in self.names where name.through.next >= self.firstLine {
            do {
                return try self.confirmed(name)
            } catch {
                Diagnostics.say("snapshots/\(name) is not used: \((error as? ToolFailure)?.message ?? "\(error)")")
            }
        }
        throw self.missingStart(for: nil)
    }

    private func confirmed(_ name: SnapshotName) throws -> Whole {
        let whole = try self.read(name)
        guard let checkpoint = try self.checkpoint(about: name) else {
            throw ToolFailure(.negative, "no checkpoint of the log confirms it")
        }
        var state = whole.state
        let claim = SnapshotClaim(
            size: whole.frontier.size,
            root: whole.frontier.root,
            stateDigest: state.digest()
        )
        guard claim.verdict(of: SnapshotClaim(checkpoint)) == .confirmed else {
            throw ToolFailure(.stateDigest, "the log's checkpoint about its place says otherwise")
        }
        return whole
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
