/// Decides which batches share a commit, and when there is something to sync.
///
/// It owns no file, thread, clock or lock: `CommitThread` asks ``begin(at:)`` whenever it is idle, does what it is told,
/// and reports with ``committed(synced:isSegmentFull:width:at:)``, ``synced()`` or ``fail()``. Batches that are appended
/// meanwhile gather, and become the next commit. Where a commit is a write and nothing more, and nothing else is going
/// on, the caller may do it in the thread's place (``beginAtOnce(_:at:)``), which spares two changes of threads.
///
/// Under load another thread syncs (``beginSync(writtenSizeBytes:)``), while the commit thread prepares the next commit.
/// Nothing of that is written before the sync has ended, so that what a crash can tear is one block.
struct GroupCommit: Sendable {
    typealias Instant = ContinuousClock.Instant

    enum Action: Equatable {
        /// Nothing to do before this time, or, without one, before something is appended or asked for.
        case wait(until: Instant?)
        /// Take what fits into the next commit, and number, hash and compress it, while the last one is being synced.
        case prepare
        /// Take a commit, what was prepared and what fits beside it, write it, and sync it if `syncs`.
        case commit(syncs: Bool)
        /// Sync what was written.
        case sync
        /// Sync what was written, and note how far the log reaches.
        case note
        /// Bring everything that was written to the disk, at any level, and end the segment if that was asked for.
        case seal
        /// Stop committing: a sync has failed that another thread did.
        case fail
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

    /// From this much of a commit, and of what waits for the next one, on it is worth two changes of threads that the
    /// next is prepared during the sync.
    static let syncBesideSizeBytes = 64 << 10
    /// The size for which the thread is woken while another one syncs; less is taken when the sync has ended.
    static let prepareSizeBytes = 16 << 10

    private let durability: Durability
    private let commitSizeBytes: Int
    private let pressedCommitSizeBytes: Int
    /// Whether somebody writes to the segment: the thread, or a caller in its place.
    private var isWriting = false
    /// Whether the next commit begins a new segment.
    private var isSegmentFull = false
    private var gathered: [LineBatch] = []
    private(set) var gatheredSizeBytes = 0
    /// Whether another thread syncs what was written.
    private var isSyncing = false
    private var hasSyncFailed = false
    /// The size of what was taken for the next commit during a sync, and whether nothing more fits there.
    private(set) var preparedSizeBytes = 0
    private(set) var isPreparedFull = false
    /// The width of the frame that the next commit goes into.
    private var width = FrameWidth.narrow
    /// The width of the frame behind that.
    private(set) var nextWidth = FrameWidth.narrow
    /// When the oldest line was written that has not been synced.
    private var unsyncedSince: Instant?
    /// Whether the thread has not been told by when it has to sync.
    private var isDeadlineNew = false
    private var isNoteDue = false
    private var isSealDue = false
    /// When a note or a seal may be tried again that a shortage has refused.
    private var postponedUntil: Instant?
    private var hasFailed = false
    private var stop = Stop.none

    init(durability: Durability, commitSizeBytes: Int, pressedCommitSizeBytes: Int) {
        self.durability = durability
        self.commitSizeBytes = commitSizeBytes
        self.pressedCommitSizeBytes = max(commitSizeBytes, pressedCommitSizeBytes)
    }

    /// Bytes that wait for their commit.
    var pendingSizeBytes: Int { self.preparedSizeBytes + self.gatheredSizeBytes }

    // MARK: Asked for by callers

    /// Returns false if the log is being closed, and the batch is not taken.
    mutating func append(_ batch: LineBatch) -> Bool {
        guard self.stop == .none else { return false }
        self.gathered.append(batch)
        self.gatheredSizeBytes += batch.size
        return true
    }

    /// Whether the thread has to look at what was appended, if it waits.
    var isThreadWanted: Bool { !self.isSyncing || self.gatheredSizeBytes >= Self.prepareSizeBytes }

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

    /// Decides what the thread is to do; unless that is to wait, nobody else writes until it says ``endWriting(at:)``.
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
        case .prepare, .commit, .sync, .note, .seal, .fail, .refuse, .finish, .abandon: return true
        }
    }

    func next(at now: Instant) -> Action {
        if self.isSyncing {
            let isWorthIt = self.gatheredSizeBytes >= Self.prepareSizeBytes && !self.isPreparedFull
            return isWorthIt && self.stop != .abandoned && !self.hasFailed ? .prepare : .wait(until: nil)
        }
        if self.stop == .abandoned { return .abandon }
        if self.hasFailed {
            if !self.gathered.isEmpty { return .refuse }
            return self.stop == .clean ? .finish : .wait(until: nil)
        }
        if self.hasSyncFailed { return .fail }
        // What was prepared has its numbers: nothing else may end the segment or say how far the log reaches.
        if self.preparedSizeBytes > 0 { return .commit(syncs: self.syncsCommit(at: now)) }
        let isPostponed = self.postponedUntil.map { $0 > now } ?? false
        if self.isNoteDue, !isPostponed { return .note }
        if self.isSealDue, !isPostponed { return .seal }
        if !self.gathered.isEmpty { return .commit(syncs: self.syncsCommit(at: now)) }
        if self.stop == .clean { return .finish }
        if let deadline = self.syncDeadline, deadline <= now { return .sync }
        return .wait(until: [self.syncDeadline, isPostponed ? self.postponedUntil : nil].compactMap(\.self).min())
    }

    /// Takes batches for the next commit: as many as fit beside what was prepared, at least one if there is nothing yet.
    mutating func takePrepared(into batches: inout [LineBatch]) {
        self.preparedSizeBytes += self.take(into: &batches)
        self.isPreparedFull = !self.gathered.isEmpty || self.preparedSizeBytes >= self.limit
    }

    /// Takes what one commit holds beside what was prepared, and decides how wide the next frame is to be.
    mutating func takeCommit(into batches: inout [LineBatch]) {
        // One large batch alone is no pressure.
        let isPressed =
            self.durability == .always && self.pendingSizeBytes > self.commitSizeBytes
            && (self.preparedSizeBytes > 0 || self.gathered.count > 1)
        self.nextWidth = isPressed ? .wide : .narrow
        if !self.isPreparedFull { _ = self.take(into: &batches) }
        self.preparedSizeBytes = 0
        self.isPreparedFull = false
    }

    private var limit: Int {
        switch self.width {
        case .narrow: self.commitSizeBytes
        case .wide: self.pressedCommitSizeBytes
        }
    }

    /// Returns how much was taken, in bytes.
    private mutating func take(into batches: inout [LineBatch]) -> Int {
        let room = self.limit - self.preparedSizeBytes
        let waiting = self.gatheredSizeBytes
        guard waiting > room else {
            self.takeAll(into: &batches)
            return waiting
        }
        var size = 0
        var count = 0
        for batch in self.gathered {
            guard size + batch.size <= room || count == 0 && self.preparedSizeBytes == 0 else { break }
            size += batch.size
            count += 1
        }
        batches.append(contentsOf: self.gathered.prefix(count))
        self.gathered.removeFirst(count)
        self.gatheredSizeBytes -= size
        return size
    }

    /// Takes every batch.
    ///
    /// `batches` must be empty; its storage is used for what is appended next.
    mutating func takeAll(into batches: inout [LineBatch]) {
        swap(&batches, &self.gathered)
        self.gatheredSizeBytes = 0
    }

    /// A commit that is to be synced was written.
    ///
    /// - Returns: Whether another thread is to sync it and then say ``endSync(hasFailed:)``; else it is to be synced now.
    mutating func beginSync(writtenSizeBytes: Int) -> Bool {
        guard self.durability == .always, writtenSizeBytes + self.gatheredSizeBytes >= Self.syncBesideSizeBytes else {
            return false
        }
        self.isSyncing = true
        return true
    }

    /// The other thread has synced, or failed to.
    mutating func endSync(hasFailed: Bool) {
        self.isSyncing = false
        self.hasSyncFailed = hasFailed
    }

    /// A commit was written, and synced if `synced` (or will be, by another thread).
    ///
    /// - Parameters:
    ///   - synced: Whether nothing of it is left to sync for this thread.
    ///   - isSegmentFull: Whether the next commit begins a new segment.
    ///   - width: Of the frame that the next commit goes into.
    ///   - now: When it was written.
    mutating func committed(
        synced: Bool,
        isSegmentFull: Bool = false,
        width: FrameWidth = .narrow,
        at now: Instant
    ) {
        self.isSegmentFull = isSegmentFull
        self.width = width
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
        self.postponedUntil = nil
    }

    /// A note or a seal that is due could not be done, and is to be tried again at this time; commits go on meanwhile.
    mutating func postpone(until time: Instant) {
        self.postponedUntil = time
    }

    /// What was asked for is sealed, and so on the disk; the next commit goes into a frame of this width.
    mutating func sealed(width: FrameWidth) {
        self.width = width
        self.unsyncedSince = nil
        self.isSealDue = false
        self.postponedUntil = nil
    }

    /// A write or a sync failed: nothing is committed any more.
    mutating func fail() {
        self.hasFailed = true
        self.preparedSizeBytes = 0
        self.isPreparedFull = false
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
