/// Decides which batches share a commit, and when there is something to sync.
///
/// It owns no file, thread, clock or lock: `CommitThread` asks ``begin(at:)`` whenever it is idle, does what it is told,
/// and reports with ``committed(synced:at:)``, ``synced()`` or ``fail()``. Batches that are appended meanwhile gather,
/// and become the next commit. Where a commit is a write and nothing more, and nothing else is going on, the caller may
/// do it in the thread's place (``beginAtOnce(_:at:)``), which spares two changes of threads.
struct GroupCommit: Sendable {
    typealias Instant = ContinuousClock.Instant

    enum Action: Equatable {
        /// Nothing to do before this time, or, without one, before something is appended or asked for.
        case wait(until: Instant?)
        /// Take a commit, write it, and sync it if `syncs`.
        case commit(syncs: Bool)
        /// Sync what was written.
        case sync
        /// Sync what was written, and note how far the log reaches.
        case note
        /// Bring everything that was written to the disk, at any level, and end the segment if that was asked for.
        case seal
        /// Take everything, and report that it is not committed.
        case refuse
        /// End the log as a clean stop does, and stop. After a failure: only stop.
        case finish
        /// Stop as a crash would.
        case abandon
    }

    private enum Stop {
        case none
        case clean
        case abandoned
    }

    /// The largest batch that a caller writes by himself: one that takes longer is worth a change of threads.
    static let atOnceSizeBytes = 16 << 10

    private let durability: Durability
    private let commitSizeBytes: Int
    /// Whether somebody writes to the segment: the thread, or a caller in its place.
    private var isWriting = false
    /// Whether the next commit begins a new segment.
    private var isSegmentFull = false
    private var gathered: [LineBatch] = []
    private(set) var gatheredSizeBytes = 0
    /// When the oldest line was written that has not been synced.
    private var unsyncedSince: Instant?
    /// Whether the thread has not been told by when it has to sync.
    private var isDeadlineNew = false
    private var isNoteDue = false
    private var isSealDue = false
    private var hasFailed = false
    private var stop = Stop.none

    init(durability: Durability, commitSizeBytes: Int) {
        self.durability = durability
        self.commitSizeBytes = commitSizeBytes
    }

    // MARK: Asked for by callers

    /// Returns false if the log is being closed, and the batch is not taken.
    mutating func append(_ batch: LineBatch) -> Bool {
        guard self.stop == .none else { return false }
        self.gathered.append(batch)
        self.gatheredSizeBytes += batch.size
        return true
    }

    /// Whether the caller is to commit a batch himself, now, and then say ``endWriting(at:)``.
    ///
    /// Only where nobody writes, waits or stops, and where nothing has to be synced: no new segment either.
    mutating func beginAtOnce(_ batch: LineBatch, at now: Instant) -> Bool {
        guard self.durability != .always, batch.size <= Self.atOnceSizeBytes, self.gathered.isEmpty,
            !self.isWriting, !self.isSegmentFull, !self.isNoteDue, !self.isSealDue, !self.hasFailed, self.stop == .none,
            !self.syncsCommit(at: now)
        else { return false }
        self.isWriting = true
        return true
    }

    /// Asks for a note of how far the log reaches.
    ///
    /// At level `os` nothing is synced by us, so nothing is known.
    mutating func requestNote() {
        self.isNoteDue = self.durability != .os
    }

    /// Asks to seal what was written; lines that wait for a commit are not part of it.
    mutating func requestSeal() {
        self.isSealDue = true
    }

    /// Asks for a clean stop after everything that was appended.
    mutating func close() {
        if self.stop == .none { self.stop = .clean }
    }

    /// Asks to stop at once, with everything left as it is.
    mutating func abandon() {
        self.stop = .abandoned
    }

    // MARK: Asked for by the commit thread

    /// What the thread is to do; unless that is to wait, nobody else writes until it says ``endWriting(at:)``.
    mutating func begin(at now: Instant) -> Action {
        if self.isWriting { return .wait(until: nil) }
        let action = self.next(at: now)
        self.isDeadlineNew = false
        if case .wait = action { return action }
        self.isWriting = true
        return action
    }

    /// The segment is free.
    ///
    /// - Returns: Whether there is something for the thread to do, or to wait for.
    mutating func endWriting(at now: Instant) -> Bool {
        self.isWriting = false
        switch self.next(at: now) {
        case .wait: return self.isDeadlineNew
        case .commit, .sync, .note, .seal, .refuse, .finish, .abandon: return true
        }
    }

    func next(at now: Instant) -> Action {
        if self.stop == .abandoned { return .abandon }
        if self.hasFailed {
            if !self.gathered.isEmpty { return .refuse }
            return self.stop == .clean ? .finish : .wait(until: nil)
        }
        if self.isNoteDue { return .note }
        if self.isSealDue { return .seal }
        if !self.gathered.isEmpty { return .commit(syncs: self.syncsCommit(at: now)) }
        if self.stop == .clean { return .finish }
        guard let deadline = self.syncDeadline else { return .wait(until: nil) }
        return deadline <= now ? .sync : .wait(until: deadline)
    }

    /// Takes the batches of one commit: as many as fit, at least one.
    mutating func takeCommit(into batches: inout [LineBatch]) {
        guard self.gatheredSizeBytes > self.commitSizeBytes else { return self.takeAll(into: &batches) }
        var size = 0
        let count = self.gathered.prefix { batch in
            size += batch.size
            return size <= self.commitSizeBytes
        }.count
        batches.append(contentsOf: self.gathered.prefix(max(count, 1)))
        self.gathered.removeFirst(max(count, 1))
        self.gatheredSizeBytes -= batches.reduce(0) { $0 + $1.size }
    }

    /// Takes every batch.
    ///
    /// `batches` must be empty; its storage is used for what is appended next.
    mutating func takeAll(into batches: inout [LineBatch]) {
        swap(&batches, &self.gathered)
        self.gatheredSizeBytes = 0
    }

    mutating func committed(synced: Bool, isSegmentFull: Bool = false, at now: Instant) {
        self.isSegmentFull = isSegmentFull
        if synced {
            self.unsyncedSince = nil
        } else if self.unsyncedSince == nil {
            self.unsyncedSince = now
            self.isDeadlineNew = self.syncDeadline != nil
        }
    }

    /// Everything written so far is on the disk.
    mutating func synced() {
        self.unsyncedSince = nil
    }

    mutating func noted() {
        self.unsyncedSince = nil
        self.isNoteDue = false
    }

    /// What was asked for is sealed, and so on the disk.
    mutating func sealed() {
        self.unsyncedSince = nil
        self.isSealDue = false
    }

    /// A write or a sync failed: nothing is committed any more.
    mutating func fail() {
        self.hasFailed = true
    }

    private var syncDeadline: Instant? {
        guard case .interval(let interval) = self.durability else { return nil }
        return self.unsyncedSince.map { $0 + interval }
    }

    private func syncsCommit(at now: Instant) -> Bool {
        switch self.durability {
        case .always: true
        case .interval: self.syncDeadline.map { $0 <= now } ?? false
        case .os: false
        }
    }
}
