import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The thread that writes the log: it does what ``GroupCommit`` decides, and alone owns the segment that is written.
///
/// A thread of its own since it blocks: in `fdatasync`, or waiting for something to do. A caller may take its place for
/// one commit (``commitAtOnce(_:)``).
///
/// `@unchecked Sendable` is right: `GroupCommit`, under the monitor's lock, lets one at a time write, and only the one
/// who writes touches anything but the monitor.
final class CommitThread: @unchecked Sendable {
    /// What callers of the log and its thread share.
    struct Shared {
        var commits: GroupCommit
        /// The last line that was reported as committed.
        var end: SequenceNumber?
        /// Why nothing is committed any more.
        var failure: EventLogError?
        /// The last line that somebody wants in a sealed segment.
        var sealLine = SequenceNumber(0)
        /// How often that was asked for, and how many of these were granted.
        var sealsAsked: UInt64 = 0
        var sealsDone: UInt64 = 0
        /// Whether the thread has stopped and let go of files and lock.
        var hasStopped = false
    }

    private let shared: Monitor<Shared>
    private let logID: String
    private let directory: FilePath
    private let configuration: EventLogConfiguration
    private let fileSystem: any FileSystem
    private let lock: OpenFile
    private let onCommit: @Sendable (CommitReport) -> Void
    private var segment: SegmentWriter
    private var encoder: CommitEncoder
    /// The batches of the commit that is being written; kept for its storage.
    private var batches: [LineBatch] = []

    init(
        _ shared: Monitor<Shared>,
        logID: String,
        directory: FilePath,
        _ configuration: EventLogConfiguration,
        _ fileSystem: any FileSystem,
        lock: OpenFile,
        segment: SegmentWriter,
        frontier: Frontier,
        onCommit: @escaping @Sendable (CommitReport) -> Void
    ) {
        self.shared = shared
        self.logID = logID
        self.directory = directory
        self.configuration = configuration
        self.fileSystem = fileSystem
        self.lock = lock
        self.segment = segment
        self.encoder = CommitEncoder(frontier: frontier)
        self.onCommit = onCommit
    }

    private func run() {
        while true {
            let action = self.shared.waitUntilFound { shared -> Monitor<Shared>.Look<GroupCommit.Action> in
                let action = shared.commits.begin(at: .now)
                switch action {
                case .wait(let deadline): return .wait(until: deadline)
                case .commit: shared.commits.takeCommit(into: &self.batches)
                case .refuse: shared.commits.takeAll(into: &self.batches)
                case .sync, .note, .seal, .finish, .abandon: break
                }
                return .found(action)
            }
            guard self.perform(action) else { return }
            _ = self.shared.withLock { $0.commits.endWriting(at: .now) }
        }
    }

    /// Commits a batch on the caller's thread, which ``GroupCommit/beginAtOnce(_:at:)`` has allowed.
    ///
    /// - Returns: What became of it; `onCommit` is not told.
    func commitAtOnce(_ batch: LineBatch) -> CommitReport {
        self.batches.append(batch)
        let report: CommitReport
        do throws(EventLogError) {
            report = .committed(try self.commit(syncs: false))
        } catch {
            report = self.fail(error)
        }
        let isThreadWanted = self.shared.withLock { $0.commits.endWriting(at: .now) }
        if isThreadWanted { self.shared.signal() }
        return report
    }

    /// Returns false if the thread is to end.
    private func perform(_ action: GroupCommit.Action) -> Bool {
        do throws(EventLogError) {
            switch action {
            case .wait:
                break
            case .commit(let syncs):
                self.onCommit(.committed(try self.commit(syncs: syncs)))
            case .sync:
                try self.segment.sync()
                self.shared.withLock { $0.commits.synced() }
            case .note:
                try self.note()
                self.shared.withLock { $0.commits.noted() }
            case .seal:
                try self.seal()
            case .refuse:
                self.refuse()
            case .finish:
                try self.finish()
                self.stop()
                return false
            case .abandon:
                self.stop()
                return false
            }
            return true
        } catch {
            self.onCommit(self.fail(error))
            guard action == .finish else { return true }
            self.stop()
            return false
        }
    }

    // MARK: Committing

    private func commit(syncs: Bool) throws(EventLogError) -> Commit {
        let first = self.encoder.frontier.size + 1
        if self.isSegmentFull { try self.beginSegment(syncs: self.configuration.durability != .os) }
        let lineCount = self.encoder.encode(self.batches)
        let text = self.encoder.text
        try text.withRawBytes { text throws(EventLogError) in
            try self.segment.write(text, syncsBetweenBlocks: self.configuration.durability == .always)
        }
        if syncs { try self.segment.sync() }
        self.segment.acknowledge()
        self.batches.removeAll(keepingCapacity: true)

        let last = SequenceNumber(self.encoder.frontier.size)
        self.shared.withLock { shared in
            shared.commits.committed(synced: syncs, isSegmentFull: self.isSegmentFull, at: .now)
            shared.end = last
        }
        return Commit(
            lineCount: lineCount,
            first: SequenceNumber(first),
            last: last,
            frontier: self.encoder.frontier,
            segment: self.segment.name,
            segmentSizeBytes: Int(clamping: self.segment.textSize),
            segmentOffset: self.segment.acknowledgedOffset
        )
    }

    /// A segment without lines is not full, however small segments are to be: the next would have the same name.
    private var isSegmentFull: Bool {
        self.segment.textSize >= UInt64(clamping: self.configuration.segmentSizeBytes)
            && self.encoder.frontier.size >= self.segment.name.base.rawValue
    }

    /// Ends the segment, and begins the next one.
    ///
    /// The old one is on the disk before the new one is there, so that only the last segment can ever be torn.
    private func beginSegment(syncs: Bool) throws(EventLogError) {
        try self.segment.endFrame()
        if syncs { try self.segment.sync() }
        self.segment.acknowledge()
        let header = SegmentHeader(
            logID: self.logID,
            base: SequenceNumber(self.encoder.frontier.size + 1),
            opened: UTCText.format(microseconds: self.configuration.now()),
            frontier: self.encoder.frontier
        )
        let next = try SegmentWriter.create(
            header,
            in: self.directory.appending(SegmentCatalog.folderName),
            frameSizeBytes: self.configuration.frameSizeBytes,
            syncs: syncs,
            self.fileSystem
        )
        self.segment.close()
        self.segment = next
    }

    /// Ends the segment, unless it begins behind every line that is to be in a sealed one; then it is only synced.
    private func seal() throws(EventLogError) {
        let (line, count) = self.shared.withLock { ($0.sealLine, $0.sealsAsked) }
        // At level `os` an earlier run may have left bytes that nobody has synced.
        try self.segment.sync(evenIfUnchanged: true)
        let base = self.segment.name.base
        if line >= base, self.encoder.frontier.size >= base.rawValue { try self.beginSegment(syncs: true) }
        self.shared.withLock { shared in
            shared.sealsDone = count
            if shared.sealsAsked == count { shared.commits.sealed() }
        }
        self.shared.signal()
    }

    private func note() throws(EventLogError) {
        try self.segment.sync()
        let frontier = self.encoder.frontier
        try SyncedNote(logID: self.logID, sequenceNumber: frontier.size, root: frontier.root)
            .write(in: self.directory, self.fileSystem)
    }

    // MARK: Stopping

    private func finish() throws(EventLogError) {
        guard self.shared.withLock({ $0.failure }) == nil else { return }
        try self.segment.endFrame()
        try self.note()
    }

    /// Lets go of everything; what follows is as after the end of the process.
    private func stop() {
        self.segment.close()
        self.fileSystem.close(self.lock)
        self.shared.withLock { $0.hasStopped = true }
        self.shared.signal()
    }

    /// Nothing is written to this segment any more: after a failed sync nobody can tell what is on the disk.
    private func fail(_ error: EventLogError) -> CommitReport {
        self.segment.discardUnacknowledged()
        self.shared.withLock { shared in
            shared.failure = error
            shared.commits.fail()
            if !self.batches.isEmpty || shared.commits.gatheredSizeBytes > 0 {
                var later: [LineBatch] = []
                shared.commits.takeAll(into: &later)
                self.batches.append(contentsOf: later)
            }
        }
        self.shared.signal()
        return self.refusal(error)
    }

    private func refuse() {
        self.onCommit(self.refusal(self.shared.withLock { $0.failure } ?? .closed))
    }

    /// That the batches in hand are not committed.
    private func refusal(_ failure: EventLogError) -> CommitReport {
        let lineCount = self.batches.reduce(0) { $0 + $1.count }
        self.batches.removeAll(keepingCapacity: true)
        return .failed(failure, lineCount: lineCount)
    }
}

extension CommitThread {
    /// Runs the thread, which ends when it is told to (``GroupCommit/close()``, ``GroupCommit/abandon()``).
    ///
    /// - Throws: ``EventLogError/fileSystem(_:)`` if the system has no thread left.
    static func start(_ thread: CommitThread) throws(EventLogError) {
        let path = thread.directory
        let owned = Unmanaged.passRetained(thread)
        #if canImport(Darwin)
            var handle: pthread_t?
        #else
            var handle = pthread_t()
        #endif
        let code = pthread_create(&handle, nil, commitThreadMain, owned.toOpaque())
        guard code == 0 else {
            owned.release()
            throw .fileSystem(FileSystemError(.startThread, path, Errno(rawValue: code)))
        }
        #if canImport(Darwin)
            if let handle { pthread_detach(handle) }
        #else
            pthread_detach(handle)
        #endif
    }

    fileprivate static func runOwned(_ pointer: UnsafeMutableRawPointer) {
        Unmanaged<CommitThread>.fromOpaque(pointer).takeRetainedValue().run()
    }
}

#if canImport(Darwin)
    private func commitThreadMain(_ pointer: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        CommitThread.runOwned(pointer)
        return nil
    }
#else
    private func commitThreadMain(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let pointer { CommitThread.runOwned(pointer) }
        return nil
    }
#endif
