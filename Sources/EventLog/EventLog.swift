package import LogValues
package import SystemPackage

/// An append-only log of lines: numbered, compressed, durable, and covered by a Merkle tree.
///
/// To this target a line is a sequence number and bytes. Appending never blocks on the disk: a thread of the log's own
/// gathers what comes in while the commit before is being synced (`docs/log-format.md` says what it writes). All of this
/// may be called from any thread. A log that is let go of without ``close()`` ends as after a crash.
package final class EventLog: Sendable {
    /// Known since the log was made; stands in each segment's header.
    package let logID: String
    private let shared: Monitor<CommitThread.Shared>
    private let thread: CommitThread

    private init(logID: String, _ shared: Monitor<CommitThread.Shared>, _ thread: CommitThread) {
        self.logID = logID
        self.shared = shared
        self.thread = thread
    }

    deinit {
        self.shared.withLock { $0.commits.abandon() }
        self.shared.signal()
    }

    /// Opens the log under a data directory for writing, or makes one there.
    ///
    /// Only the last segment is read.
    ///
    /// - Parameters:
    ///   - directory: The data directory; its parent must exist.
    ///   - configuration: The log's settings.
    ///   - fileSystem: Where the files are.
    ///   - onProgress: Told now and then how far a long opening has come; called on this thread.
    /// - Returns: The log, to which whoever appends attaches a receiver (``attach(_:)``), and what was found.
    /// - Throws: ``EventLogError/locked(_:)`` if another process has the log open for writing; the errors of recovery
    ///   if the log is not what it was. Nothing has been cut off then.
    package static func open(
        _ directory: FilePath,
        configuration: EventLogConfiguration = EventLogConfiguration(),
        fileSystem: any FileSystem = PosixFileSystem(),
        onProgress: @escaping (RecoveryProgress) -> Void = { _ in }
    ) throws(EventLogError) -> (EventLog, RecoveryReport) {
        try SegmentCatalog.refuseMisplaced(in: directory, fileSystem)
        try self.makeDirectories(directory, configuration.durability, fileSystem)
        let ownsLock = configuration.lock == nil
        let lock = if let given = configuration.lock { given } else { try LogLock.take(in: directory, fileSystem) }
        do throws(EventLogError) {
            var recovery = try Recovery(directory, configuration, fileSystem, onProgress: onProgress)
            let result = try recovery.run()
            var report = result.report
            let leaves = LeafWriter.begin(
                in: directory,
                size: report.frontier.size,
                firstUnrecorded: result.firstUnrecordedLeaf,
                configuration.leafRecording,
                fileSystem,
                keeping: &report.contradictions
            )
            let shared = Monitor(
                CommitThread.Shared(
                    commits: GroupCommit(
                        durability: configuration.durability,
                        commitSizeBytes: configuration.commitSizeBytes,
                        pressedCommitSizeBytes: configuration.pressedCommitSizeBytes
                    ),
                    end: report.end
                )
            )
            let thread = CommitThread(
                shared,
                logID: report.logID,
                directory: directory,
                configuration,
                fileSystem,
                lock: lock,
                ownsLock: ownsLock,
                segment: result.segment,
                frontier: report.frontier,
                leaves: leaves
            )
            do throws(EventLogError) {
                try self.noteStart(report, in: directory, configuration, fileSystem)
                try CommitThread.start(thread)
            } catch {
                result.segment.close()
                throw error
            }
            return (EventLog(logID: report.logID, shared, thread), report)
        } catch {
            if ownsLock { lock.release() }
            throw error
        }
    }

    /// At level `interval`, notes that everything up to here is on the disk: only what lies behind it may a power failure
    /// have spoilt, and only that may the next start cut off.
    ///
    /// Without room for it the older note stays, which says less, and nothing wrong.
    private static func noteStart(
        _ report: RecoveryReport,
        in directory: FilePath,
        _ configuration: EventLogConfiguration,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) {
        guard case .interval = configuration.durability, !configuration.isBeginning else { return }
        do throws(EventLogError) {
            try SyncedNote(logID: report.logID, end: SequenceNumber(report.frontier.size), root: report.frontier.root)
                .write(in: directory, fileSystem)
        } catch {
            guard error.isShortage else { throw error }
        }
    }

    /// The last line that was reported as committed; nil if there is none.
    package var end: SequenceNumber? { self.shared.withLock { $0.end } }

    /// Why nothing is committed any more; nil while all is well.
    package var failure: EventLogError? { self.shared.withLock { $0.failure } }

    /// Bytes that wait for a commit.
    ///
    /// Whoever appends must see that it stays within bounds.
    package var pendingSizeBytes: Int { self.shared.withLock { $0.commits.pendingSizeBytes } }

    /// Names who is told what became of the lines that are appended from now on.
    ///
    /// - Parameter receiver: Told in order, one report after the other; called on a thread of the log's, which it should not
    ///   hold up, and where it must not call ``close()``. The log keeps it.
    package func attach(_ receiver: @escaping @Sendable (CommitReport) -> Void) {
        self.shared.withLock { $0.receiver = receiver }
    }

    /// Appends lines; what became of them is told to the receiver, also if they are refused.
    ///
    /// Returns at once: the disk is another thread's business. Batches are committed in the order of these calls, none
    /// is split between commits. After ``close()`` a batch is dropped, and nothing is told.
    ///
    /// - Parameter batch: Lines of whole proposals.
    package func append(_ batch: LineBatch) {
        guard Self.isWorthACommit(batch) else { return }
        let isThreadWanted = self.shared.withLock { shared in
            _ = shared.commits.append(batch)
            return shared.commits.isThreadWanted
        }
        if isThreadWanted { self.shared.signal() }
    }

    /// Appends a batch as ``append(_:)`` does; but if nothing is in flight, and if a commit is a write into the system's
    /// memory and no more (levels `interval` and `os`), a small one is committed on this thread, which spares two changes
    /// of threads.
    ///
    /// - Parameter batch: Lines of whole proposals.
    /// - Returns: What became of it, if that is known already; then the receiver is not told. Nil: it will be told.
    package func appendOrCommit(_ batch: LineBatch) -> CommitReport? {
        guard Self.isWorthACommit(batch) else { return nil }
        let (isAtOnce, isThreadWanted) = self.shared.withLock { shared in
            if shared.commits.beginAtOnce(batch, at: .now) { return (true, false) }
            _ = shared.commits.append(batch)
            return (false, shared.commits.isThreadWanted)
        }
        if isAtOnce { return self.thread.commitAtOnce(batch) }
        if isThreadWanted { self.shared.signal() }
        return nil
    }

    private static func isWorthACommit(_ batch: LineBatch) -> Bool {
        guard !batch.isEmpty else { return false }
        precondition(batch.entries.last?.isLastOfProposal == true, "a batch ends with the last line of a proposal")
        precondition(batch.size <= LineFormat.maximumBatchSizeBytes, "a batch fits the largest commit")
        return true
    }

    /// Notes beside the log how far it is on disk, so that recovery notices if its end goes missing.
    ///
    /// Checkpoints ask for it. Returns at once; the note is written by the log's thread before its next commit. At level `os`
    /// nothing is known of the disk, and nothing is written.
    package func noteSynced() {
        self.shared.withLock { $0.commits.requestNote() }
        self.shared.signal()
    }

    /// Waits until everything that was reported as committed is on the disk, whatever the durability, and a line stands
    /// in a segment that is not written any more.
    ///
    /// Erasures ask for it, which rewrite sealed segments. Blocks for a sync or two.
    ///
    /// - Parameter line: A line that was reported as committed; 0: none, only the disk matters.
    /// - Throws: Why nothing is committed any more.
    package func seal(_ line: SequenceNumber) throws(EventLogError) {
        let number = self.shared.withLock { shared in
            shared.sealLine = max(shared.sealLine, line)
            shared.sealsAsked += 1
            shared.commits.requestSeal()
            return shared.sealsAsked
        }
        self.shared.signal()
        let failure = self.shared.waitUntilFound { shared -> Monitor<CommitThread.Shared>.Look<EventLogError?> in
            if shared.sealsDone >= number { return .found(nil) }
            if let failure = shared.failure { return .found(failure) }
            return shared.hasStopped ? .found(.closed) : .wait(until: nil)
        }
        if let failure { throw failure }
    }

    /// Stops: commits what was appended, ends the frame, syncs, notes how far the log reaches, and unlocks the directory.
    ///
    /// Returns when that is done, or has failed (then the receiver was told). After a failure nothing is written any more.
    package func close() {
        self.shared.withLock { $0.commits.close() }
        self.shared.signal()
        self.shared.waitUntilFound { $0.hasStopped ? .found(()) : .wait(until: nil) }
    }

    private static func makeDirectories(
        _ directory: FilePath,
        _ durability: Durability,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) {
        let parent = directory.removingLastComponent()
        let isSyncPossible = try withLogErrors { () throws(FileSystemError) in
            if try fileSystem.createDirectory(directory) {
                try fileSystem.syncDirectory(parent.isEmpty ? "." : parent)
            }
            _ = try fileSystem.createDirectory(directory.appending(SegmentCatalog.folderName))
            // Synced even if it was there: a crash may have come between its making and this.
            return try fileSystem.canSyncDirectory(directory)
        }
        // A new segment whose name is not on the disk is lost with the power, and all that was synced into it.
        guard isSyncPossible || durability == .os else { throw .directorySyncImpossible(directory) }
    }
}
