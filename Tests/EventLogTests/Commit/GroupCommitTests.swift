import TestSupport
import Testing

@testable import EventLog

@Suite("GroupCommit")
struct GroupCommitTests {
    static let start = ContinuousClock.now

    static func make(
        _ durability: Durability = .always,
        commitSizeBytes: Int = 1 << 20,
        pressedCommitSizeBytes: Int = 0
    ) -> GroupCommit {
        GroupCommit(
            durability: durability,
            commitSizeBytes: commitSizeBytes,
            pressedCommitSizeBytes: pressedCommitSizeBytes
        )
    }

    static func append(_ batch: LineBatch, to commits: inout GroupCommit) -> Bool { commits.append(batch) }

    static func take(_ commits: inout GroupCommit) -> [Int] {
        var batches: [LineBatch] = []
        commits.takeCommit(into: &batches)
        return batches.map(\.count)
    }

    @Test("waits without end while there is nothing to do")
    func idle() {
        #expect(Self.make().next(at: Self.start) == .wait(until: nil))
    }

    @Test("what comes in while a commit is written becomes the next commit, in order")
    func gathers() {
        var commits = Self.make()
        #expect(Self.append(TestLog.batch("a"), to: &commits))
        #expect(commits.next(at: Self.start) == .commit(syncs: true))
        #expect(Self.take(&commits) == [1])
        #expect(Self.append(TestLog.batch("b", "c"), to: &commits))
        #expect(Self.append(TestLog.batch("d", "e", "f"), to: &commits))
        commits.committed(synced: true, at: Self.start)
        #expect(commits.next(at: Self.start) == .commit(syncs: true))
        #expect(Self.take(&commits) == [2, 3])
        #expect(commits.gatheredSizeBytes == 0)
        #expect(commits.next(at: Self.start) == .wait(until: nil))
    }

    @Test("a commit takes no more than fits, but always one batch")
    func limit() {
        let size = TestLog.batch("a").size
        var commits = Self.make(commitSizeBytes: 2 * size)
        for _ in 0..<3 { _ = commits.append(TestLog.batch("a")) }
        #expect(Self.append(TestLog.batch("a", "b", "c", "d"), to: &commits))
        #expect(Self.take(&commits) == [1, 1])
        #expect(Self.take(&commits) == [1])
        #expect(Self.take(&commits) == [4])
        #expect(commits.gatheredSizeBytes == 0)
    }

    @Test("at level interval a commit is synced only when the oldest unsynced line is that old")
    func interval() {
        var commits = Self.make(.interval(.milliseconds(100)))
        _ = commits.append(TestLog.batch("a"))
        #expect(commits.next(at: Self.start) == .commit(syncs: false))
        _ = Self.take(&commits)
        commits.committed(synced: false, at: Self.start)
        let deadline = Self.start + .milliseconds(100)
        #expect(commits.next(at: Self.start) == .wait(until: deadline))

        _ = commits.append(TestLog.batch("b"))
        #expect(commits.next(at: Self.start + .milliseconds(60)) == .commit(syncs: false))
        _ = Self.take(&commits)
        commits.committed(synced: false, at: Self.start + .milliseconds(60))
        #expect(commits.next(at: Self.start + .milliseconds(60)) == .wait(until: deadline))
        #expect(commits.next(at: deadline) == .sync)
        commits.synced()
        #expect(commits.next(at: deadline) == .wait(until: nil))
    }

    @Test("at level interval a commit that comes when a sync is due is synced with it")
    func intervalDue() {
        var commits = Self.make(.interval(.milliseconds(100)))
        commits.committed(synced: false, at: Self.start)
        _ = commits.append(TestLog.batch("a"))
        #expect(commits.next(at: Self.start + .milliseconds(101)) == .commit(syncs: true))
        _ = Self.take(&commits)
        commits.committed(synced: true, at: Self.start + .milliseconds(101))
        #expect(commits.next(at: Self.start + .milliseconds(500)) == .wait(until: nil))
    }

    @Test("at level os nothing is synced, and nothing is noted")
    func systemDecides() {
        var commits = Self.make(.os)
        _ = commits.append(TestLog.batch("a"))
        #expect(commits.next(at: Self.start) == .commit(syncs: false))
        _ = Self.take(&commits)
        commits.committed(synced: false, at: Self.start)
        commits.requestNote()
        #expect(commits.next(at: Self.start + .seconds(3600)) == .wait(until: nil))
    }

    @Test("a note that is asked for is written before the next commit")
    func note() {
        var commits = Self.make()
        commits.requestNote()
        _ = commits.append(TestLog.batch("a"))
        #expect(commits.next(at: Self.start) == .note)
        commits.noted()
        #expect(commits.next(at: Self.start) == .commit(syncs: true))
    }

    @Test("a clean stop comes after everything that was appended, and takes nothing more")
    func close() {
        var commits = Self.make()
        _ = commits.append(TestLog.batch("a"))
        commits.close()
        #expect(!Self.append(TestLog.batch("b"), to: &commits))
        #expect(commits.next(at: Self.start) == .commit(syncs: true))
        #expect(Self.take(&commits) == [1])
        commits.committed(synced: true, at: Self.start)
        #expect(commits.next(at: Self.start) == .finish)
    }

    @Test("after a failure everything is refused, and then the log stops without another write")
    func failure() {
        var commits = Self.make()
        commits.requestNote()
        commits.fail()
        #expect(commits.next(at: Self.start) == .wait(until: nil))
        #expect(Self.append(TestLog.batch("a"), to: &commits))
        #expect(commits.next(at: Self.start) == .refuse)
        var batches: [LineBatch] = []
        commits.takeAll(into: &batches)
        #expect(batches.count == 1)
        commits.close()
        #expect(commits.next(at: Self.start) == .finish)
    }

    @Test("a log that is let go of stops at once")
    func abandon() {
        var commits = Self.make()
        _ = commits.append(TestLog.batch("a"))
        commits.close()
        commits.abandon()
        #expect(commits.next(at: Self.start) == .abandon)
    }

    // MARK: Beside another thread's sync

    @Test("a small commit is synced by the thread itself, unless much waits for the next")
    func syncsItself() {
        var commits = Self.make()
        #expect(!Self.beginSync(&commits, GroupCommit.syncBesideSizeBytes - 1))
        _ = commits.append(TestLog.batch(TestLog.noise(GroupCommit.syncBesideSizeBytes, seed: 1)))
        #expect(Self.beginSync(&commits, 1))
        var os = Self.make(.interval(.seconds(1)))
        #expect(!Self.beginSync(&os, 1 << 20))
    }

    @Test("during another thread's sync what is worth it is prepared, and goes into the next commit")
    func prepares() {
        var commits = Self.make()
        #expect(Self.beginSync(&commits, 1 << 20))
        _ = commits.append(TestLog.batch("a"))
        #expect(!commits.isThreadWanted)
        commits.requestNote()
        #expect(commits.next(at: Self.start) == .wait(until: nil))
        _ = commits.append(TestLog.batch(TestLog.noise(GroupCommit.prepareSizeBytes, seed: 1)))
        #expect(commits.isThreadWanted)
        #expect(commits.next(at: Self.start) == .prepare)
        #expect(Self.prepare(&commits) == [1, 1])
        #expect(commits.pendingSizeBytes > GroupCommit.prepareSizeBytes && commits.gatheredSizeBytes == 0)
        #expect(commits.next(at: Self.start) == .wait(until: nil))
        _ = commits.append(TestLog.batch("b", "c"))
        commits.close()
        commits.endSync(hasFailed: false)
        #expect(commits.next(at: Self.start) == .commit(syncs: true), "before the note: the lines have their numbers")
        #expect(Self.take(&commits) == [2])
        #expect(commits.pendingSizeBytes == 0)
        #expect(commits.next(at: Self.start) == .note)
        commits.noted()
        #expect(commits.next(at: Self.start) == .finish)
    }

    @Test("what is prepared is no more than a commit takes, and then nothing is put to it")
    func preparesOneCommit() {
        let batch = TestLog.batch(TestLog.noise(GroupCommit.prepareSizeBytes, seed: 1))
        var commits = Self.make(commitSizeBytes: 2 * batch.size)
        #expect(Self.beginSync(&commits, 1 << 20))
        for _ in 0..<5 { _ = commits.append(batch) }
        #expect(Self.prepare(&commits) == [1, 1])
        #expect(commits.isPreparedFull)
        #expect(commits.next(at: Self.start) == .wait(until: nil))
        commits.endSync(hasFailed: false)
        #expect(commits.next(at: Self.start) == .commit(syncs: true))
        #expect(Self.take(&commits) == [])
        #expect(Self.take(&commits) == [1, 1])
    }

    @Test("when more waits than fits, the next frame is wide, and commits grow; when it does not, it is narrow again")
    func pressure() {
        let batch = TestLog.batch("a")
        var commits = Self.make(commitSizeBytes: 2 * batch.size, pressedCommitSizeBytes: 4 * batch.size)
        for _ in 0..<9 { _ = commits.append(batch) }
        #expect(Self.take(&commits) == [1, 1])
        #expect(commits.nextWidth == .wide)
        commits.committed(synced: true, width: .wide, at: Self.start)
        #expect(Self.take(&commits) == [1, 1, 1, 1])
        #expect(commits.nextWidth == .wide)
        #expect(Self.take(&commits) == [1, 1, 1])
        #expect(commits.nextWidth == .wide, "more than a narrow frame's commit")
        _ = commits.append(batch)
        #expect(Self.take(&commits) == [1])
        #expect(commits.nextWidth == .narrow)
        let large = TestLog.batch("a", "b", "c")
        #expect(Self.append(large, to: &commits))
        #expect(Self.take(&commits) == [3])
        #expect(commits.nextWidth == .narrow, "one large batch alone is no pressure")
        var os = Self.make(.os, commitSizeBytes: batch.size, pressedCommitSizeBytes: 4 * batch.size)
        for _ in 0..<3 { _ = os.append(batch) }
        #expect(Self.take(&os) == [1])
        #expect(os.nextWidth == .narrow, "without syncs there is nothing to share")
    }

    @Test("a sync that another thread failed to do ends everything")
    func failedSync() {
        var commits = Self.make()
        #expect(Self.beginSync(&commits, 1 << 20))
        _ = commits.append(TestLog.batch(TestLog.noise(GroupCommit.prepareSizeBytes, seed: 1)))
        _ = Self.prepare(&commits)
        commits.endSync(hasFailed: true)
        #expect(commits.next(at: Self.start) == .fail)
        commits.fail()
        #expect(commits.pendingSizeBytes == 0)
        #expect(commits.next(at: Self.start) == .wait(until: nil))
        commits.close()
        #expect(commits.next(at: Self.start) == .finish)
    }

    @Test("a log that is let go of during another thread's sync waits for it")
    func abandonedDuringSync() {
        var commits = Self.make()
        #expect(Self.beginSync(&commits, 1 << 20))
        commits.abandon()
        #expect(commits.next(at: Self.start) == .wait(until: nil))
        commits.endSync(hasFailed: false)
        #expect(commits.next(at: Self.start) == .abandon)
    }

    private static func beginSync(_ commits: inout GroupCommit, _ size: Int) -> Bool {
        commits.beginSync(writtenSizeBytes: size)
    }

    private static func prepare(_ commits: inout GroupCommit) -> [Int] {
        var batches: [LineBatch] = []
        commits.takePrepared(into: &batches)
        return batches.map(\.count)
    }

    // MARK: In the thread's place

    @Test("a caller may write a small batch himself where nothing is synced and nothing else goes on")
    func atOnce() {
        var commits = Self.make(.os)
        let batch = TestLog.batch("a")
        #expect(Self.begin(batch, &commits))
        // One at a time: neither another caller nor the thread.
        #expect(!Self.begin(batch, &commits))
        #expect(Self.append(batch, to: &commits))
        #expect(Self.next(&commits, at: Self.start) == .wait(until: nil))
        commits.committed(synced: false, at: Self.start)
        #expect(Self.end(&commits, at: Self.start), "the thread is wanted for what came meanwhile")
        #expect(!Self.begin(batch, &commits), "what waits comes first")
        #expect(Self.next(&commits, at: Self.start) == .commit(syncs: false))
        #expect(Self.take(&commits) == [1])
        #expect(!Self.begin(batch, &commits))
        #expect(!Self.end(&commits, at: Self.start))
        #expect(Self.begin(batch, &commits))
    }

    @Test("a caller leaves to the thread what takes long: a sync, a note, a large batch, a stop, a refusal")
    func notAtOnce() {
        let batch = TestLog.batch("a")
        var always = Self.make(.always)
        #expect(!Self.begin(batch, &always))
        var os = Self.make(.os)
        #expect(!Self.begin(TestLog.batch(TestLog.noise(GroupCommit.atOnceSizeBytes, seed: 1)), &os))
        os.close()
        #expect(!Self.begin(batch, &os))
        var failed = Self.make(.os)
        failed.fail()
        #expect(!Self.begin(batch, &failed))
        var noted = Self.make(.interval(.seconds(1)))
        noted.requestNote()
        #expect(!Self.begin(batch, &noted))
    }

    @Test("at level interval the thread is wanted once for each sync, and syncs what callers wrote")
    func atOnceInterval() {
        var commits = Self.make(.interval(.milliseconds(100)))
        let batch = TestLog.batch("a")
        let deadline = Self.start + .milliseconds(100)
        #expect(Self.begin(batch, &commits))
        commits.committed(synced: false, at: Self.start)
        #expect(Self.end(&commits, at: Self.start))
        #expect(Self.next(&commits, at: Self.start) == .wait(until: deadline))
        #expect(Self.begin(batch, &commits))
        commits.committed(synced: false, at: Self.start)
        #expect(!Self.end(&commits, at: Self.start))
        #expect(!Self.begin(batch, &commits, at: deadline), "the sync is due")
        #expect(Self.next(&commits, at: deadline) == .sync)
        commits.synced()
        #expect(!Self.end(&commits, at: deadline))
    }

    private static func begin(_ batch: LineBatch, _ commits: inout GroupCommit, at now: ContinuousClock.Instant = start)
        -> Bool
    { commits.beginAtOnce(batch, at: now) }

    private static func next(_ commits: inout GroupCommit, at now: ContinuousClock.Instant) -> GroupCommit.Action {
        commits.begin(at: now)
    }

    private static func end(_ commits: inout GroupCommit, at now: ContinuousClock.Instant) -> Bool {
        commits.endWriting(at: now)
    }
}
