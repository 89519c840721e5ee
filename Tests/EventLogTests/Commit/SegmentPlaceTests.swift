import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("A segment that is removed while it is being written")
struct SegmentPlaceTests {
    private let disk = FaultyFileSystem()
    private let path = TestLog.path(ofSegment: 1)

    @Test(
        "nothing more is acknowledged from the next sync on, or, where nothing is synced, from the next look on",
        arguments: [Durability.always, .interval(.microseconds(1)), .os],
        [10, 100_000]
    )
    func removed(durability: Durability, textSize: Int) throws {
        let log = try TestLog(self.disk, TestLog.configuration(durability: durability))
        try self.disk.remove(self.path)
        // At level `interval` the first commit may be acknowledged before there is anything to sync.
        for number in 0..<3 { log.commit(TestLog.batch(TestLog.noise(textSize, seed: UInt64(number)))) }
        let failure = try #require(log.log.failure)
        #expect(failure == .segmentGone(self.path))
        #expect(log.failures.allSatisfy { $0.error == failure })
        #expect(log.commits.count <= (durability == .always ? 0 : 1))
        log.close()
    }

    @Test("so it is if another file has its name now")
    func replaced() throws {
        let log = try TestLog(self.disk)
        log.commit(TestLog.batch("kept"))
        let bytes = self.disk.disk[self.path] ?? []
        try self.disk.remove(self.path)
        let other = try self.disk.open(self.path, .create)
        _ = try self.disk.write(other, bytes.span, at: 0)
        log.commit(TestLog.batch("lost"))
        #expect(log.failures.map(\.error) == [.segmentGone(self.path)])
        let kept = try #require(self.disk.disk[self.path])
        #expect(kept == bytes)
        log.close()
    }

    @Test("a commit that another thread syncs is looked at as well")
    func besides() throws {
        let held = HeldSyncs(self.disk)
        let log = try TestLog(held)
        held.hold()
        log.append(TestLog.batch(TestLog.noise(GroupCommit.syncBesideSizeBytes, seed: 1)))
        held.waitForSync()
        try self.disk.remove(self.path)
        held.letGo()
        log.wait(forLines: 1)
        #expect(log.failures.map(\.error) == [.segmentGone(self.path)])
        log.close()
    }
}
