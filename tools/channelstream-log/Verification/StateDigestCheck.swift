import Archive
import EventLog
import LogValues
import Projections
import RawJSON
import SystemPackage

/// Replays a log and compares the state with every digest that the log recorded.
struct StateDigestCheck {
    /// What came out.
    struct Result {
        var lineCount: UInt64 = 0
        var digestCount = 0
        /// Where the state differs first.
        var finding: Finding?
        /// The snapshot that it began with, where the log does not begin with line 1.
        var start: SnapshotName?
        /// The digest after the last line.
        var digest: Hash256?
        var unknownTypeCount: UInt64 = 0
    }

    private let directory: FilePath
    /// By the size that they are about.
    private let recorded: [RecordedCheckpoint]
    private let last: SequenceNumber?
    private let start: LoadedSnapshot?
    /// Snapshots whose text is compared with the state, in order.
    private let snapshots: ConfirmedSnapshots?
    private let onProgress: (SegmentName, UInt64, UInt64) -> Void

    /// - Parameters:
    ///   - directory: The data directory.
    ///   - recorded: The log's checkpoints.
    ///   - start: The snapshot to begin with; nil: line 1.
    ///   - snapshots: Those whose whole text is to be compared with the state on the way: the digest takes the values
    ///     of user states by their history only. Not for a log with erased contents, of which a snapshot may hold less.
    ///   - last: The last line to replay; nil: all there are.
    ///   - onProgress: Called now and then: where the reading has come, and how many lines were read.
    init(
        _ directory: FilePath,
        _ recorded: [RecordedCheckpoint],
        from start: LoadedSnapshot?,
        comparing snapshots: ConfirmedSnapshots? = nil,
        through last: SequenceNumber? = nil,
        onProgress: @escaping (SegmentName, UInt64, UInt64) -> Void = { _, _, _ in }
    ) {
        self.directory = directory
        self.recorded = recorded.sorted { $0.checkpoint.size < $1.checkpoint.size }
        self.start = start
        self.snapshots = snapshots
        self.last = last
        self.onProgress = onProgress
    }

    /// Thrown to stop the replay, after the finding was noted.
    private struct Stop: Error {}

    /// - Throws: ``UnreadableEvent``; ``EventLogError``.
    func run() throws -> Result {
        var result = Result()
        result.start = self.start?.name
        let known = self.start?.name.through.rawValue ?? 0
        var rest = self.recorded.drop { $0.checkpoint.size <= known }
        let snapshots = try self.snapshots.map { try Set($0.store.names()) } ?? []
        var replay = self.start.map { LogReplay(from: $0) } ?? LogReplay()
        do {
            try replay.run(LogReader(self.directory), through: self.last) { _ in
            } observe: { line, state in
                result.lineCount += 1
                if result.lineCount % 4096 == 0 { self.onProgress(line.segment, line.blockOffset, result.lineCount) }
                while let next = rest.first, next.checkpoint.size == line.sequenceNumber.rawValue {
                    rest.removeFirst()
                    result.finding = Self.compare(next, with: &state)
                    if result.finding != nil { throw Stop() }
                    result.digestCount += 1
                }
                let name = SnapshotName(through: line.sequenceNumber)
                guard snapshots.contains(name) else { return }
                result.finding = try self.compare(name, with: state)
                if result.finding != nil { throw Stop() }
            }
        } catch is Stop {}
        result.digest = replay.digest()
        result.unknownTypeCount = replay.state.statistics.unknownEvents
        return result
    }

    private static func compare(_ recorded: RecordedCheckpoint, with state: inout HubState) -> Finding? {
        let digest = state.digest()
        let checkpoint = recorded.checkpoint
        guard digest != checkpoint.stateDigest else { return nil }
        return Finding(
            .stateDigest,
            at: recorded.place,
            "the state after line \(checkpoint.size) has digest \(digest), not \(checkpoint.stateDigest) as the "
                + "checkpoint says"
        )
    }

    /// What differs between a state and the snapshot as of it; nil if nothing does, or it cannot be read.
    private func compare(_ name: SnapshotName, with state: HubState) throws -> Finding? {
        var written = Hash256.ofNothing
        let isRead: Void? = try? self.snapshots?.store.open(name).forEachLine {
            written = .node(written, Hash256(hashing: $0))
        }
        guard isRead != nil else { return nil }
        var state = state
        var hash = Hash256.ofNothing
        state.writeSnapshot { hash = .node(hash, Hash256(hashing: $0)) }
        guard hash != written else { return nil }
        return Finding(
            .stateDigest,
            segment: "snapshots/\(name)",
            "is not the state that the log gives as of line \(name.through)"
        )
    }
}
