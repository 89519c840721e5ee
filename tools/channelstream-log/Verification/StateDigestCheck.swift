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
    private let snapshots: KeptSnapshots?
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
        comparing snapshots: KeptSnapshots? = nil,
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

    /// - Throws: ``ToolFailure`` for a line that is no event; ``EventLogError``.
    func run() throws -> Result {
        var result = Result()
        result.start = self.start?.name
        var replay = StateReplay(from: self.start?.state ?? HubState())
        let known = self.start?.name.through.rawValue ?? 0
        var rest = self.recorded.drop { $0.checkpoint.size <= known }
        try LogReader(self.directory).forEachLine(from: self.start?.name.through.next, through: self.last) { line in
            guard result.finding == nil else { return }
            try replay.apply(line)
            result.lineCount += 1
            if result.lineCount % 4096 == 0 { self.onProgress(line.segment, line.blockOffset, result.lineCount) }
            if let finding = try self.compareSnapshot(at: line.place, replay.state) { result.finding = finding }
            while let next = rest.first, next.checkpoint.size == line.sequenceNumber.rawValue {
                rest.removeFirst()
                guard replay.digest() == next.checkpoint.stateDigest else {
                    result.finding = Finding(
                        .stateDigest,
                        segment: next.segment.fileName,
                        offset: next.blockOffset,
                        lines: next.line...next.line,
                        "the state after line \(next.checkpoint.size) has digest \(replay.digest()), not "
                            + "\(next.checkpoint.stateDigest) as the checkpoint says"
                    )
                    return
                }
                result.digestCount += 1
            }
        }
        result.digest = replay.digest()
        result.unknownTypeCount = replay.state.statistics.unknownEvents
        return result
    }

    /// What differs between the state after a line and the snapshot as of it; nil if nothing does, or there is none that
    /// can be read.
    private func compareSnapshot(at line: LogLine.Place, _ state: HubState) throws -> Finding? {
        guard let snapshots, let name = snapshots.names.first(where: { $0.through == line.sequenceNumber }),
            let written = try? snapshots.textHash(of: name)
        else { return nil }
        var state = state
        var hash = Hash256.ofNothing
        state.writeSnapshot { hash = .node(hash, Hash256(hashing: $0)) }
        guard hash != written else { return nil }
        return Finding(
            .stateDigest,
            segment: "snapshots/\(name)",
            "is not the state that the log gives as of line \(line.sequenceNumber)"
        )
    }
}

/// Finds the checkpoints of a log without checking anything else.
enum CheckpointScan {
    /// - Throws: ``EventLogError`` at damage; ``ToolFailure`` for a checkpoint that cannot be read.
    static func checkpoints(in directory: FilePath) throws -> [RecordedCheckpoint] {
        var found: [RecordedCheckpoint] = []
        var replay = StateReplay()
        try LogReader(directory).forEachLine { line in
            guard let fields = LineFields(line.bytes), fields.type.equals("log.checkpointed") else { return }
            if case .logCheckpointed(let checkpoint) = try replay.decode(line).payload {
                found.append(
                    RecordedCheckpoint(
                        line: line.sequenceNumber.rawValue,
                        segment: line.segment,
                        blockOffset: line.blockOffset,
                        checkpoint: checkpoint
                    )
                )
            }
        }
        return found
    }
}
