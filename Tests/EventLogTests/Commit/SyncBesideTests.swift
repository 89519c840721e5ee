import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

/// What happens while another thread syncs: the commits of these tests are large enough for that.
@Suite("A sync beside the commit thread")
struct SyncBesideTests {
    /// A line that alone is worth a sync by another thread.
    private static func large(_ seed: UInt64) -> LineBatch { TestLog.batch(TestLog.noise(70_000, seed: seed)) }

    /// A line that is worth being prepared.
    private static func medium(_ seed: UInt64) -> LineBatch { TestLog.batch(TestLog.noise(20_000, seed: seed)) }

    /// A log whose first commit has been written, and whose sync waits.
    private static func duringSync(
        _ configuration: EventLogConfiguration = TestLog.configuration(segmentSizeBytes: 64 << 20)
    ) throws -> (TestLog, HeldSyncs) {
        let held = HeldSyncs(FaultyFileSystem())
        let log = try TestLog(held, configuration)
        held.hold()
        log.append(self.large(0))
        held.waitForSync()
        return (log, held)
    }

    @Test("what comes in during a sync is written after it, at once, and shares the next one")
    func shares() throws {
        let (log, held) = try Self.duringSync()
        let writes = held.disk.count(of: .write)
        for seed in 1...8 { log.append(Self.medium(UInt64(seed))) }
        #expect(held.disk.count(of: .write) == writes, "nothing is written that the sync might or might not cover")
        #expect(log.commits.isEmpty)
        held.release()
        held.waitForSync()
        #expect(held.disk.count(of: .write) == writes + 1, "one block")
        #expect(log.commits.map(\.lineCount) == [1], "nothing is acknowledged before its sync")
        held.letGo()
        log.wait(forLines: 9)
        #expect(log.commits.map(\.lineCount) == [1, 8])
        #expect(log.commits.map(\.first.rawValue) == [1, 2])
        log.close()
        #expect(try TestLog.lines(held.disk).count == 9)
        #expect(held.disk.openCount == 0)
    }

    @Test("a sync that fails refuses what it would have covered and all that waits, and nothing comes back")
    func failingSync() throws {
        let (log, held) = try Self.duringSync()
        held.letGo()
        log.wait(forLines: 1)
        held.hold()
        log.append(Self.large(1))
        held.waitForSync()
        for seed in 2...6 { log.append(Self.medium(UInt64(seed))) }
        let error = FileSystemError(.sync, TestLog.path(ofSegment: 1), .ioError)
        held.release(error)
        log.wait(forLines: 7)
        #expect(log.failures.map(\.lineCount).reduce(0, +) == 6)
        #expect(log.failures.first?.error == .fileSystem(error))
        #expect(log.commits.map(\.lineCount) == [1])
        #expect(log.log.end == .first)
        held.letGo()
        log.commit(Self.medium(7))
        #expect(log.failures.map(\.lineCount).reduce(0, +) == 7, "nothing is committed any more")
        log.close()
        #expect(try TestLog(held.disk).recovery.end == .first)
    }

    @Test("a write that fails after a sync refuses what it held, not what the sync covered", arguments: [true, false])
    func failingWrite(isFull: Bool) throws {
        let (log, held) = try Self.duringSync()
        for seed in 1...4 { log.append(Self.medium(UInt64(seed))) }
        if isFull { held.disk.limitRoom(to: 1000) } else { held.disk.fail(.every(.write)) }
        held.letGo()
        log.wait(forLines: 5)
        #expect(log.commits.map(\.lineCount) == [1])
        #expect(log.failures.map(\.lineCount).reduce(0, +) == 4)
        log.close()
        held.disk.healAll()
        held.disk.limitRoom(to: .max)
        let again = try TestLog(held.disk)
        #expect(again.recovery.end == .first)
        again.close()
    }

    @Test("a clean stop, a note and a seal wait for the sync, and find what was prepared committed", arguments: 0..<3)
    func others(what: Int) async throws {
        let (log, held) = try Self.duringSync()
        for seed in 1...3 { log.append(Self.medium(UInt64(seed))) }
        async let isDone: Void = Task.detached {
            switch what {
            case 0: log.close()
            case 1: log.log.noteSynced()
            default: try log.log.seal(.first)
            }
        }.value
        held.release()
        held.waitForSync()
        held.letGo()
        try await isDone
        log.wait(forLines: 4)
        log.close()
        let again = try TestLog(held.disk)
        #expect(again.recovery.end == SequenceNumber(4) && again.recovery.wasClosedCleanly)
        again.close()
    }

    @Test("a log that is let go of during a sync ends after it, and what was reported is there")
    func abandoned() async throws {
        var (log, held): (TestLog?, HeldSyncs) = try Self.duringSync()
        log?.append(Self.medium(1))
        log = nil
        held.letGo()
        while held.disk.openCount > 0 { await Task.yield() }
        #expect(try TestLog(held.disk).recovery.end == .first)
    }

    // MARK: Under pressure

    /// Small limits, so that little is pressure.
    private static var smallLimits: EventLogConfiguration {
        var configuration = TestLog.configuration(segmentSizeBytes: 64 << 20)
        configuration.commitSizeBytes = 100_000
        configuration.pressedCommitSizeBytes = 400_000
        return configuration
    }

    @Test("when more waits than fits a commit, the next frame is wide, and a sync is shared by more")
    func pressure() throws {
        let (log, held) = try Self.duringSync(Self.smallLimits)
        for seed in 1...40 { log.append(Self.medium(UInt64(seed))) }
        held.letGo()
        log.wait(forLines: 41)
        #expect(log.commits.map(\.lineCount) == [1, 4, 19, 17])
        for seed in 41...60 { log.commit(Self.medium(UInt64(seed))) }
        log.close()
        #expect(try TestLog.lines(held.disk).count == 61)
        let widths = try Self.frames(held.disk)
        #expect(widths.contains(.wide) && widths.last == .narrow, "\(widths)")
    }

    private static func frames(_ fileSystem: FaultyFileSystem) throws -> [FrameWidth] {
        var reader = LZ4FrameReader(try fileSystem.open(TestLog.path(ofSegment: 1), .read), fileSystem)
        var widths: [FrameWidth] = []
        while true {
            switch try reader.next() {
            case .frameStart:
                widths.append(reader.frame?.blockSizeBytes == FrameWidth.narrow.blockSizeBytes ? .narrow : .wide)
            case .block, .frameEnd: break
            case .endOfFile, .fault: return widths
            }
        }
    }

    @Test("a new segment begins with what was prepared for the old one")
    func newSegment() throws {
        var configuration = Self.smallLimits
        configuration.segmentSizeBytes = 60_000
        let (log, held) = try Self.duringSync(configuration)
        for seed in 1...40 { log.append(Self.medium(UInt64(seed))) }
        held.letGo()
        log.wait(forLines: 41)
        log.close()
        #expect(try TestLog.lines(held.disk).count == 41)
        let names = try SegmentCatalog(TestLog.directory, fileSystem: held.disk).segments
        #expect(names.count > 2)
        let again = try TestLog(held.disk, configuration)
        #expect(again.recovery.end == SequenceNumber(41))
        again.close()
    }

    @Test("power that fails under pressure, before any sync has ended, loses nothing reported and opens")
    func powerFailure() throws {
        var generator = SeededGenerator(seed: 5)
        let (log, held) = try Self.duringSync(Self.smallLimits)
        var appended = 1
        for round in 0..<6 {
            for _ in 0..<12 {
                log.append(Self.medium(UInt64(appended)))
                appended += 1
            }
            let committed = log.commits.last?.last
            for loss in Disk.Loss.allCases {
                let off = FaultyFileSystem(held.disk.disk.afterPowerFailure(loss, using: &generator))
                let again = try TestLog(off, Self.smallLimits)
                #expect(
                    (again.recovery.end?.rawValue ?? 0) >= (committed?.rawValue ?? 0),
                    "\(loss) in round \(round)"
                )
                again.close()
            }
            held.release()
            held.waitForSync()
        }
        held.letGo()
        log.wait(forLines: appended)
        log.close()
        #expect(try TestLog.lines(held.disk).count == appended)
    }
}
