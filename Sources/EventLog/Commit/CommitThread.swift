import LogValues
import SystemPackage

/// The thread that writes the log: it does what ``GroupCommit`` decides, and alone owns the segment that is written.
///
/// A thread of its own since it blocks: in `fdatasync`, or waiting for something to do. A caller may take its place for
/// one commit (``commitAtOnce(_:)``), and under load another thread does the sync while this one encodes and compresses
/// what comes next (``syncBeside(_:)``).
///
/// `@unchecked Sendable` is right: `GroupCommit`, under the monitor's lock, lets one at a time write or sync, and only
/// that one touches anything but the monitor; during a sync beside it the commit thread touches the encoder and the
/// segment's compression, the other thread the segment's file.
final class CommitThread: @unchecked Sendable {
    /// The state that callers of the log and its thread share.
    struct Shared {
        var commits: GroupCommit
        /// Is told what became of lines; nil until somebody appends who wants to know.
        var receiver: (@Sendable (CommitReport) -> Void)?
        /// The last line that was reported as committed.
        var end: SequenceNumber?
        /// Why nothing is committed any more.
        var failure: EventLogError?
        /// Lines that another thread syncs, or failed to, and why it failed.
        var syncingLineCount = 0
        var syncFailure: EventLogError?
        /// The last line that somebody wants in a sealed segment.
        var sealLine = SequenceNumber(0)
        /// How often that was asked for, and how many of these were granted.
        var sealsAsked: UInt64 = 0
        var sealsDone: UInt64 = 0
        /// Whether the thread has stopped and let go of files and lock.
        var hasStopped = false
    }

    let shared: Monitor<Shared>
    let logID: String
    let directory: FilePath
    let configuration: EventLogConfiguration
    let fileSystem: any FileSystem
    /// The lock of the directory.
    let lock: LogLock
    /// Whether it is let go of at the end; else it is somebody else's.
    private let ownsLock: Bool
    var segment: SegmentWriter
    var encoder: CommitEncoder
    var leaves: LeafWriter?
    /// Batches that were taken and are not encoded yet; kept for its storage.
    private var batches: [LineBatch] = []
    private let syncThread: SyncThread
    /// When to look at the segment's place again, where nothing is synced.
    private var nextLook = ContinuousClock.now
    /// A look is a system call or two: beside a sync that is nothing, but not every commit has one.
    private static let lookInterval = Duration.seconds(1)
    /// Since when something waits for descriptors or memory, to say so once.
    var hasShortage = false
    /// When the next segment may be tried again, after a shortage.
    var nextSegmentNotBefore: ContinuousClock.Instant?

    init(
        _ shared: Monitor<Shared>,
        logID: String,
        directory: FilePath,
        _ configuration: EventLogConfiguration,
        _ fileSystem: any FileSystem,
        lock: LogLock,
        ownsLock: Bool,
        segment: SegmentWriter,
        frontier: Frontier,
        leaves: consuming LeafWriter?
    ) {
        self.shared = shared
        self.logID = logID
        self.directory = directory
        self.configuration = configuration
        self.fileSystem = fileSystem
        self.lock = lock
        self.ownsLock = ownsLock
        self.segment = segment
        self.encoder = CommitEncoder(frontier: frontier)
        self.leaves = leaves
        self.syncThread = SyncThread(for: directory)
    }

    private func run() {
        while true {
            let action = self.shared.waitUntilFound { shared -> Monitor<Shared>.Look<GroupCommit.Action> in
                let action = shared.commits.begin(at: .now)
                switch action {
                case .wait(let deadline): return .wait(until: deadline)
                case .prepare: shared.commits.takePrepared(into: &self.batches)
                case .commit: shared.commits.takeCommit(into: &self.batches)
                case .refuse: shared.commits.takeAll(into: &self.batches)
                case .sync, .note, .seal, .fail, .finish, .abandon: break
                }
                return .found(action)
            }
            guard self.perform(action) else { return }
            _ = self.shared.withLock { $0.commits.endWriting(at: .now) }
        }
    }

    /// Commits a batch on the caller's thread, which ``GroupCommit/beginAtOnce(_:at:)`` has allowed.
    ///
    /// - Returns: What became of it; the receiver is not told.
    func commitAtOnce(_ batch: LineBatch) -> CommitReport {
        self.batches.append(batch)
        let report: CommitReport
        do throws(EventLogError) {
            try self.write()
            try self.lookIfDue()
            report = .committed(self.endCommit(synced: false))
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
            case .prepare:
                try self.prepare()
            case .commit(let syncs):
                try self.commit(syncs: syncs)
            case .sync:
                try self.sync()
                self.leaves?.flush()
                self.shared.withLock { $0.commits.synced() }
            case .note:
                try self.postponingShortages { () throws(EventLogError) in
                    try self.note()
                    self.shared.withLock { $0.commits.noted() }
                }
            case .seal:
                try self.postponingShortages { () throws(EventLogError) in try self.seal() }
            case .fail:
                throw self.shared.withLock { $0.syncFailure } ?? .closed
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
            self.tell(self.fail(error))
            guard action == .finish else { return true }
            self.stop()
            return false
        }
    }

    private func tell(_ report: CommitReport) {
        self.shared.withLock { $0.receiver }?(report)
    }

    // MARK: Committing

    /// Encodes what was taken, and, if nothing more fits, compresses it.
    ///
    /// Another thread syncs meanwhile, so the file is not touched.
    private func prepare() throws(EventLogError) {
        self.encode()
        // A full segment's compression is not that of the next one.
        guard self.shared.withLock({ $0.commits.isPreparedFull }), !self.isSegmentFull else { return }
        let text = self.encoder.text
        try self.segment.compressAhead(text.span)
    }

    private func encode() {
        self.encoder.append(self.batches)
        self.batches.removeAll(keepingCapacity: true)
    }

    private func commit(syncs: Bool) throws(EventLogError) {
        let size = try self.write()
        if syncs, self.shared.withLock({ $0.commits.beginSync(writtenSizeBytes: size) }) {
            return self.syncBeside(self.endCommit(synced: true, isAcknowledged: false))
        }
        if syncs { try self.sync() } else { try self.lookIfDue() }
        self.tell(.committed(self.endCommit(synced: syncs)))
    }

    /// Brings the segment to the disk, and makes sure that it will be found there.
    func sync(evenIfUnchanged: Bool = false) throws(EventLogError) {
        try self.segment.sync(evenIfUnchanged: evenIfUnchanged)
        try self.segment.checkPlace()
    }

    /// Looks at the place too where nothing is synced, now and then: what is acknowledged meanwhile may be lost with the file.
    private func lookIfDue() throws(EventLogError) {
        let now = ContinuousClock.now
        guard now >= self.nextLook else { return }
        self.nextLook = now + Self.lookInterval
        try self.segment.checkPlace()
    }

    /// Writes what was prepared and taken.
    ///
    /// Returns how many bytes of text that is.
    @discardableResult
    private func write() throws(EventLogError) -> Int {
        if self.isSegmentFull { try self.beginSegmentIfPossible() }
        // Those of the last commit, if another thread synced it, which has ended.
        if self.configuration.durability == .always { self.leaves?.flush() }
        self.encode()
        let width = self.shared.withLock { $0.commits.nextWidth }
        let text = self.encoder.text
        try self.segment.write(
            text.span,
            nextFrame: width,
            syncsBetweenBlocks: self.configuration.durability == .always
        )
        return text.count
    }

    /// Closes the books on what was written.
    ///
    /// - Parameters:
    ///   - synced: Whether it is synced, or will be by another thread.
    ///   - isAcknowledged: False if the lines are not committed yet, since another thread is to sync them.
    /// - Returns: What is to be reported.
    private func endCommit(synced: Bool, isAcknowledged: Bool = true) -> Commit {
        let commit = Commit(
            lineCount: self.encoder.lineCount,
            first: SequenceNumber(self.encoder.start.size + 1),
            last: SequenceNumber(self.encoder.frontier.size),
            frontier: self.encoder.frontier,
            segment: self.segment.name,
            segmentSizeBytes: Int(clamping: self.segment.textSize),
            segmentOffset: self.segment.offset
        )
        // Beside a sync, one more write into the system's memory is nothing; without one it would be felt. Never before the
        // sync: a hash without its line would say that the log has lost its end.
        self.leaves?.append(self.encoder.leaves, synced ? (isAcknowledged ? .now : .later) : .whenEnough)
        self.encoder.clear()
        if isAcknowledged { self.segment.acknowledge() }
        let isSegmentFull = self.isSegmentFull
        self.shared.withLock { shared in
            let width = isSegmentFull ? shared.commits.nextWidth : self.segment.width
            shared.commits.committed(synced: synced, isSegmentFull: isSegmentFull, width: width, at: .now)
            if isAcknowledged { shared.end = commit.last } else { shared.syncingLineCount = commit.lineCount }
        }
        return commit
    }

    /// Has another thread sync what was written, and report it; until then it has the segment's file for itself.
    private func syncBeside(_ commit: Commit) {
        self.syncThread.perform {
            do throws(EventLogError) {
                try self.sync()
            } catch {
                self.shared.withLock { shared in
                    shared.syncFailure = error
                    shared.commits.endSync(hasFailed: true)
                }
                return self.shared.signal()
            }
            self.segment.acknowledge()
            self.shared.withLock { shared in
                shared.end = commit.last
                shared.syncingLineCount = 0
            }
            // Before the commit thread may go on: reports keep the order of the lines.
            self.tell(.committed(commit))
            self.shared.withLock { $0.commits.endSync(hasFailed: false) }
            self.shared.signal()
        }
    }

    // MARK: Stopping

    private func finish() throws(EventLogError) {
        guard self.shared.withLock({ $0.failure }) == nil else { return }
        try self.segment.endFrame()
        do throws(EventLogError) {
            try self.note()
        } catch {
            // Then it says less than there is, which is nothing wrong.
            guard error.leavesStepRepeatable(in: self.directory) else { throw error }
            try self.segment.sync()
        }
        self.leaves?.sync()
    }

    /// Lets go of everything; what follows is as after the end of the process.
    private func stop() {
        self.syncThread.stop()
        self.segment.close()
        if self.ownsLock { self.lock.release() }
        self.shared.withLock { $0.hasStopped = true }
        self.shared.signal()
    }

    /// Nothing is written to this segment any more: after a failed sync nobody can tell what is on the disk.
    private func fail(_ error: EventLogError) -> CommitReport {
        self.tidy(after: error)
        let lineCount = self.shared.withLock { shared in
            shared.failure = error
            shared.commits.fail()
            var later: [LineBatch] = []
            shared.commits.takeAll(into: &later)
            self.batches.append(contentsOf: later)
            return exchange(&shared.syncingLineCount, with: 0)
        }
        self.shared.signal()
        return self.refusal(error, beside: lineCount)
    }

    private func tidy(after error: EventLogError) {
        switch error {
        // Somebody else may be writing to the file, or it is no longer the log's.
        case .lockLost, .segmentGone: break
        default: self.segment.discardUnacknowledged()
        }
    }

    private func refuse() {
        self.tell(self.refusal(self.shared.withLock { $0.failure } ?? .closed))
    }

    /// That the batches in hand and the lines in preparation are not committed, nor so many others.
    private func refusal(_ failure: EventLogError, beside otherCount: Int = 0) -> CommitReport {
        let lineCount = self.batches.reduce(otherCount + self.encoder.lineCount) { $0 + $1.count }
        self.batches.removeAll(keepingCapacity: true)
        self.encoder.clear()
        return .failed(failure, lineCount: lineCount)
    }
}

extension CommitThread {
    /// Runs the thread, which ends when it is told to (``GroupCommit/close()``, ``GroupCommit/abandon()``).
    ///
    /// - Throws: ``EventLogError/fileSystem(_:)`` if the system has no thread left.
    static func start(_ thread: CommitThread) throws(EventLogError) {
        try LogThread.start(for: thread.directory) { thread.run() }
    }
}
