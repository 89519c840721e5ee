import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

/// At level `interval` many blocks may be unsynced at once, and the disk takes them in any order.
@Suite("What a power failure leaves at level interval")
struct UnorderedTailTests {
    private static let configuration = TestLog.configuration(durability: .interval(.seconds(3600)))
    private static let path = TestLog.path(ofSegment: 1)

    /// A log of which two commits were synced, and `unsynced` were not.
    private static func disk(unsynced: Int, notes: Bool = true) throws -> Disk {
        let fileSystem = FaultyFileSystem()
        let log = try TestLog(fileSystem, self.configuration)
        log.commit(TestLog.batch("one"))
        log.commit(TestLog.batch("two"))
        if notes { log.log.noteSynced() }
        for number in 0..<unsynced { log.commit(TestLog.batch("unsynced \(number)")) }
        return fileSystem.disk
    }

    @Test("blocks that it spoilt before whole ones are cut off with them, and kept; what was synced stays")
    func spoiltBeforeWhole() throws {
        var generator = SeededGenerator(seed: 29)
        let disk = try Self.disk(unsynced: 12)
        let synced = disk.syncedSizeBytes(of: Self.path)
        let lines = try TestLog.lines(FaultyFileSystem(disk))
        var refusedElsewhere = 0
        for round in 0..<200 {
            let loss: Disk.Loss = round % 2 == 0 ? .zeroed : .noise
            let off = disk.afterPowerFailure(loss, using: &generator)
            if (try? TestLog(FaultyFileSystem(off))) == nil { refusedElsewhere += 1 }
            let fileSystem = FaultyFileSystem(off)
            let log = try TestLog(fileSystem, Self.configuration)
            let cut = try #require(log.recovery.cut, "round \(round)")
            #expect(Int(cut.offset) >= synced, "round \(round)")
            #expect(fileSystem.disk[cut.keptAs] == off[Self.path].map { Array($0[Int(cut.offset)...]) })
            let kept = try TestLog.lines(fileSystem)
            #expect(kept.count >= 2 && kept == Array(lines.prefix(kept.count)), "round \(round)")
            log.commit(TestLog.batch("after"))
            log.close()
            #expect(try TestLog(fileSystem).recovery.wasClosedCleanly, "round \(round)")
        }
        #expect(refusedElsewhere > 50, "at level always a whole block behind a spoilt one is damage")
    }

    @Test("what was known to be synced is damaged there too, and nothing is cut")
    func damageBeforeTheNote() throws {
        let disk = try Self.disk(unsynced: 3)
        for at in stride(from: 10, to: disk.syncedSizeBytes(of: Self.path), by: 7) {
            var damaged = disk
            damaged[Self.path]?[at] ^= 4
            let fileSystem = FaultyFileSystem(damaged)
            #expect(throws: EventLogError.self, "byte \(at)") { try TestLog(fileSystem, Self.configuration) }
            #expect(fileSystem.disk[Self.path] == damaged[Self.path])
        }
    }

    @Test("a start notes how far the log is on the disk, so that only what comes then can be torn")
    func startNotes() throws {
        let unnoted = try Self.disk(unsynced: 4, notes: false)
        #expect(try SyncedNote.read(in: TestLog.directory, FaultyFileSystem(unnoted))?.end == .start)
        let killed = FaultyFileSystem(unnoted)
        let log = try TestLog(killed, Self.configuration)
        let note = try #require(try SyncedNote.read(in: TestLog.directory, killed))
        #expect(note.end == SequenceNumber(6) && note.root == log.recovery.frontier.root)
        let size = try #require(killed.disk[Self.path]).count
        log.commit(TestLog.batch("seven"))
        var disk = killed.disk
        disk[Self.path]?[size - 20] ^= 1
        #expect(throws: EventLogError.self) { try TestLog(FaultyFileSystem(disk), Self.configuration) }
    }

    @Test("without a note nothing is known to be unsynced: a whole block behind a spoilt one is damage")
    func withoutNote() throws {
        var disk = try Self.disk(unsynced: 4)
        let synced = disk.syncedSizeBytes(of: Self.path)
        disk[TestLog.directory.appending(SyncedNote.fileName)] = nil
        disk[Self.path]?[synced + 6] ^= 1
        #expect(throws: EventLogError.self) { try TestLog(FaultyFileSystem(disk), Self.configuration) }
    }

    @Test("a disk without room for the note does not keep a log from starting")
    func noRoom() throws {
        let fileSystem = FaultyFileSystem(try Self.disk(unsynced: 0))
        try TestLog(fileSystem, Self.configuration).close()
        fileSystem.limitRoom(to: 0)
        let log = try TestLog(fileSystem, Self.configuration)
        #expect(log.recovery.end == SequenceNumber(2))
        log.close()
    }
}
