package import Archive
package import EventLog
package import LogValues
package import Logging
package import NIOCore
import NIOPosix
package import Projections
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Makes snapshots of a running hub's log now and then, and drops what of the log need not be kept.
///
/// On a thread of its own, of low priority, which alone touches the files: jobs run one after the other, and the hub does
/// not know of them. What it knows of snapshots stands behind a lock for the few lines that begin and end a job.
package final class SnapshotKeeper: Sendable {
    private static let interval = TimeAmount.seconds(10)
    /// Time for a last snapshot: a stop has five seconds in all.
    private static let timeAtStop = Duration.milliseconds(1500)
    /// So long the clock must have agreed with itself before anything is dropped by age; less if less is kept.
    private static let clockWindow = Duration.seconds(3600)
    /// Snapshots that are kept: if the newest is damaged, there is another.
    private static let keptCount = 2

    private struct State {
        var schedule: SnapshotSchedule
        /// The snapshots that count, oldest first, at most `keptCount`: read again before anything rests on them.
        var kept: [SnapshotName]
        var timer: RepeatedTask?
        var isBusy = false
        /// The time by which segments are dropped.
        var agreed: ClockAgreement
        /// Writes into the log what is about to be dropped; nil on a node that does not decide what is in the log.
        var record: DropRecorder?
    }

    /// Has a `log.dropped` committed and on the disk, or says why it is not; blocks.
    package typealias DropRecorder = @Sendable (LogDropped) -> DropRefusal?

    /// Why what is to be dropped could not be written into the log: nothing is dropped then.
    package struct DropRefusal: Error, CustomStringConvertible {
        package let description: String

        package init(_ description: String) {
            self.description = description
        }
    }

    private let store: SnapshotStore
    private let reader: LogReader
    private let logID: String
    private let maker: SnapshotMaker
    private let retention: LogRetention
    private let settings: SnapshotSettings
    /// The last committed line, if there is one.
    private let end: @Sendable () -> SequenceNumber?
    private let clock: any HubClock
    private let logger: Logger
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private let state: Mutex<State>
    /// How many wait for the job that is running to end early.
    private let interruptions = Atomic(0)

    /// - Parameters:
    ///   - reader: The log's.
    ///   - logID: The log's id.
    ///   - settings: When, and how much is kept.
    ///   - newest: The snapshot that the hub started from.
    ///   - clock: Wall time for ages, elapsed time for pauses.
    ///   - logger: For what an operator should know.
    ///   - end: The last committed line, if there is one.
    package init(
        reader: LogReader,
        logID: String,
        settings: SnapshotSettings,
        newest: SnapshotName?,
        clock: any HubClock,
        logger: Logger,
        end: @escaping @Sendable () -> SequenceNumber?
    ) {
        let store = SnapshotStore(in: reader.directory, fileSystem: reader.fileSystem)
        self.store = store
        self.reader = reader
        self.logID = logID
        self.maker = SnapshotMaker(store: store, reader: reader, logID: logID) { clock.now.microseconds }
        self.retention = LogRetention(reader.directory, settings.retention, fileSystem: reader.fileSystem)
        self.settings = settings
        self.end = end
        self.clock = clock
        self.logger = logger
        self.state = Mutex(
            State(
                schedule: SnapshotSchedule(interval: settings.interval, newest: newest?.through.rawValue ?? 0),
                kept: newest.map { newest in
                    let names = (try? store.names()) ?? [newest]
                    return Array(names.filter { $0 <= newest }.suffix(Self.keptCount))
                } ?? [],
                agreed: ClockAgreement(window: min(settings.retention.age ?? .zero, Self.clockWindow))
            )
        )
    }

    /// Begins; jobs run until ``stop()``.
    ///
    /// - Parameters:
    ///   - eventLoop: Wakes it.
    ///   - record: Writes into the log what is about to be dropped; nil on a node whose log another one decides.
    package func start(on eventLoop: any EventLoop, recordingDrops record: DropRecorder?) {
        self.record(record)
        self.pool.start()
        self.pool.submit { status in
            Self.lowerPriority()
            if case .active = status { self.recordEarlierDrops() }
        }
        let timer = eventLoop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { _ in
            self.wake()
        }
        self.state.withLock { $0.timer = timer }
    }

    /// Sets how drops are written down; for a start, and for tests.
    func record(_ record: DropRecorder?) {
        self.state.withLock { $0.record = record }
    }

    /// Ends what is running, and makes a last snapshot if that is worth it and there is time.
    ///
    /// For a moment when nothing is appended any more.
    package func stop() async {
        self.state.withLock { $0.timer?.cancel() }
        let deadline = self.clock.elapsed + Self.timeAtStop
        try? await self.exclusively {
            let now = self.clock.elapsed
            guard let end = self.end(),
                self.state.withLock({ $0.schedule.isWorthwhileAtStop(end: end.rawValue, now: now) })
            else { return }
            self.makeSnapshot(through: end) {
                guard self.clock.elapsed < deadline else { throw CancellationError() }
            }
        }
        try? await self.pool.shutdownGracefully()
    }

    /// Runs something that must not meet a snapshot being made, such as an erasure; what is running ends early, without a
    /// snapshot.
    ///
    /// - Parameter body: Runs on the keeper's thread, and may block.
    /// - Returns: What it returns.
    /// - Throws: What it throws; an error if the keeper has not started, or has stopped.
    package func exclusively<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        self.interruptions.add(1, ordering: .relaxed)
        return try await self.pool.runIfActive {
            self.interruptions.subtract(1, ordering: .relaxed)
            return try body()
        }
    }

    // MARK: Jobs

    private func wake() {
        let isFree = self.state.withLock { state in
            defer { state.isBusy = true }
            return !state.isBusy
        }
        guard isFree else { return }
        self.pool.submit { status in
            if case .active = status { self.runDueJobs() }
            self.state.withLock { $0.isBusy = false }
        }
    }

    /// One look at the log, with what it asks for; for the keeper's thread, and for tests.
    func runDueJobs() {
        let now = self.clock.elapsed
        let wall = self.clock.now.microseconds
        self.state.withLock { $0.agreed.note(wall: wall, elapsed: now) }
        guard let end = self.end() else { return }
        if self.state.withLock({ $0.schedule.isDue(end: end.rawValue, now: now) }) {
            self.makeSnapshot(through: end, check: self.checkInterruption)
        }
        self.applyRetention(through: end)
    }

    private func checkInterruption() throws {
        if self.interruptions.load(ordering: .relaxed) > 0 { throw CancellationError() }
    }

    /// Returns whether there is a new snapshot.
    @discardableResult
    private func makeSnapshot(through end: SequenceNumber, check: () throws -> Void) -> Bool {
        let start = self.clock.elapsed
        do {
            let made = try self.maker.make(through: end, check: check, passOver: self.passOver)
            guard let made else { return false }
            try self.keep(made)
            self.logger.info(
                "snapshot written",
                metadata: [
                    "snapshot": "\(made.name)", "events": "\(made.eventCount)", "size": "\(made.textSizeBytes)",
                    "time": "\(self.clock.elapsed - start)",
                ]
            )
            return true
        } catch is CancellationError {
            return false
        } catch {
            self.fail(error)
            return false
        }
    }

    /// Notes a new snapshot, and removes all files but it and the one that it began with: those two were read whole.
    private func keep(_ made: SnapshotMaker.Made) throws(EventLogError) {
        let kept = [made.base, made.name].compactMap(\.self)
        self.state.withLock { state in
            state.kept = kept
            state.schedule.made(made.name.through.rawValue)
        }
        try self.store.remove(self.store.names().filter { !kept.contains($0) })
    }

    private func passOver(_ name: SnapshotName, _ error: any Error) {
        self.logger.warning("snapshot passed over", metadata: ["snapshot": "\(name)", "reason": "\(error)"])
    }

    private func fail(_ error: any Error) {
        let now = self.clock.elapsed
        switch error {
        case SnapshotTrouble.stateDiffers, SnapshotTrouble.rootDiffers:
            self.state.withLock { $0.schedule.giveUp() }
            self.logger.critical(
                "the log does not give what it recorded; no more snapshots, and nothing is dropped",
                metadata: ["reason": "\(error)"]
            )
        default:
            self.state.withLock { $0.schedule.failed(now: now) }
            self.logger.error("snapshot not made", metadata: ["reason": "\(error)"])
        }
    }

    // MARK: Retention

    /// Drops what is due, as far as two whole snapshots stand for it; makes them where they are missing.
    private func applyRetention(through end: SequenceNumber) {
        guard !self.settings.retention.isOff, self.state.withLock({ $0.schedule.isOpen(now: self.clock.elapsed) })
        else {
            return
        }
        do {
            let elapsed = self.clock.elapsed
            let now = self.state.withLock { $0.agreed.now(elapsed: elapsed) }
            guard let due = try self.retention.dueSegments(now: now),
                let last = try self.retention.lastLine(of: due.segments)
            else { return }
            if self.covered < last { self.makeSnapshot(through: end, check: self.checkInterruption) }
            guard self.covered.rawValue > 0 else { return }
            try self.drop(due)
        } catch let refusal as DropRefusal {
            self.logger.warning("nothing is dropped: the log could not say so", metadata: ["reason": "\(refusal)"])
        } catch is CancellationError {
        } catch {
            self.fail(error)
        }
    }

    /// The last line that two snapshots stand for; 0 if there are not so many.
    private var covered: SequenceNumber {
        self.state.withLock { $0.kept.count < Self.keptCount ? .start : $0.kept[0].through }
    }

    private func drop(_ due: LogRetention.Due) throws {
        let covered = self.covered
        guard let first = due.segments.first, try self.retention.lastLine(of: [first]) ?? .last <= covered else {
            return
        }
        // Read now: they may have been damaged since, and what goes does not come back.
        for name in self.state.withLock({ $0.kept }) {
            do {
                _ = try self.maker.snapshots.load(
                    name,
                    through: self.end() ?? .start,
                    check: self.checkInterruption
                )
            } catch let error where SnapshotTrouble.blamesSnapshot(error) {
                // The next one is made from what is left, and then there are two again.
                self.state.withLock { state in state.kept.removeAll { $0 == name } }
                return self.passOver(name, error)
            }
        }
        try self.keepHashes()
        guard let loss = try self.retention.loss(due.segments, through: covered) else { return }
        try self.record(DropNote(logID: self.logID, loss, due.rule))
        let dropped = try self.retention.drop(due.segments, through: covered)
        guard let last = dropped.last else { return }
        self.logger.notice(
            "old segments dropped",
            metadata: ["count": "\(dropped.count)", "last": "\(last)"]
        )
    }

    /// Says what is about to go, in the log, or, where another node writes that, beside it; and has the disk take it: what goes
    /// without a word looks like what somebody took away.
    private func record(_ note: DropNote) throws {
        if let record = self.state.withLock({ $0.record }) {
            if let refusal = record(LogDropped(note)) { throw refusal }
        } else {
            var note = note
            if let earlier = try self.dropNote() { note.first = min(note.first, earlier.first) }
            try note.write(in: self.store.directory, fileSystem: self.store.fileSystem)
        }
    }

    private func dropNote() throws(EventLogError) -> DropNote? {
        let note = try DropNote.read(in: self.store.directory, fileSystem: self.store.fileSystem)
        return note?.logID == self.logID ? note : nil
    }

    /// Has the log say what this node dropped while it followed another; for a start, and for tests.
    ///
    /// Only what really is gone, with the root that the log itself has there; and only if the note accounts for it: of lines
    /// that somebody took away nothing is said.
    func recordEarlierDrops() {
        do {
            guard let record = self.state.withLock({ $0.record }), let note = try self.dropNote(),
                let first = try SegmentCatalog(self.store.directory, fileSystem: self.store.fileSystem).segments.first,
                let header = try self.reader.header(of: first)
            else { return }
            if header.base > .first {
                guard note.accounts(for: header) else { return }
                let loss = LogRetention.Loss(first: note.first, frontier: header.frontier)
                let dropped = DropNote(logID: self.logID, loss, reason: DropNote.followedReason, limit: 0)
                if let refusal = record(LogDropped(dropped)) { throw refusal }
            }
            try DropNote.remove(in: self.store.directory, fileSystem: self.store.fileSystem)
        } catch {
            // The note stays, for the next start.
            self.logger.warning(
                "the log does not say yet what was dropped while this node followed",
                metadata: ["reason": "\(error)"]
            )
        }
    }

    /// Has `hashes/` take in every line, which nobody may have asked to prove yet: of dropped lines nothing else is left.
    ///
    /// The server may have the same files open for proofs: whoever writes a hash writes the same bytes at the same place,
    /// and no proof leaves unverified.
    private func keepHashes() throws {
        let hashes = try HashTree(in: self.store.directory, .readAndWrite, fileSystem: self.store.fileSystem)
        try hashes.catchUp(through: self.end() ?? .start)
        try hashes.sync()
    }

    /// The thread's own priority: on Linux `nice` means the calling thread.
    private static func lowerPriority() {
        #if os(Linux)
            _ = nice(10)
        #endif
    }
}

extension DropNote {
    fileprivate init(logID: String, _ loss: LogRetention.Loss, _ rule: LogRetention.Due.Rule) {
        let (reason, limit): (String, UInt64) =
            switch rule {
            case .age(let age): ("retention_age", UInt64(clamping: age.components.seconds))
            case .size(let size): ("retention_size", size)
            }
        self.init(logID: logID, loss, reason: reason, limit: limit)
    }
}

extension LogDropped {
    fileprivate init(_ note: DropNote) {
        self.init(
            first: note.first.rawValue,
            size: note.size,
            root: note.root,
            rule: note.reason,
            limit: note.limit
        )
    }
}
