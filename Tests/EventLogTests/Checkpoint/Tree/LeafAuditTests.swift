import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import EventLog

@Suite("Hashes that a power failure spoilt")
struct LeafAuditTests {
    private static let hashes: FilePath = "/data/hashes/0"

    private static func configuration() -> EventLogConfiguration {
        var configuration = TestLog.configuration(segmentSizeBytes: 1)
        configuration.leafRecording = .always
        return configuration
    }

    /// Five segments of two lines each, and their hashes.
    private static func disk() throws -> FaultyFileSystem {
        let disk = FaultyFileSystem()
        let log = try TestLog(disk, self.configuration())
        for number in 0..<5 { log.commit(TestLog.batch("a\(number)", "b\(number)")) }
        log.close()
        return disk
    }

    @Test("are those of their lines again, in whatever segment, and what stood there is kept", arguments: 1...8)
    func mends(line: Int) throws {
        var damaged = try Self.disk().disk
        let right = try #require(damaged[Self.hashes])
        let spoilt = [UInt8](repeating: 7, count: 32)
        damaged[Self.hashes] = Array(right[..<((line - 1) * 32)]) + spoilt + Array(right[(line * 32)...])
        let disk = FaultyFileSystem(damaged)
        let report = try LeafAudit(TestLog.directory, fileSystem: disk).run()
        #expect(disk.disk[Self.hashes] == right)
        let base = UInt64((line - 1) / 2 * 2 + 1)
        #expect(report.segments == [SegmentName(base: SequenceNumber(base))])
        let kept = try #require(report.kept.first)
        #expect(kept == "hashes/0.0000000000000000000\(line).replaced")
        #expect(disk.disk[FilePath("/data").pushing(FilePath(kept))] == spoilt)
    }

    @Test("zeros are hashes that are not there: they are made, and there is nothing to keep")
    func holes() throws {
        var damaged = try Self.disk().disk
        let right = try #require(damaged[Self.hashes])
        damaged[Self.hashes] = Array(right[..<64]) + [UInt8](repeating: 0, count: 32) + Array(right[96...])
        let disk = FaultyFileSystem(damaged)
        let report = try LeafAudit(TestLog.directory, fileSystem: disk).run()
        #expect(disk.disk[Self.hashes] == right)
        #expect(report.kept.isEmpty)
    }

    @Test("a segment without any hashes, as of an earlier release, is left alone, and hashes that are right are")
    func leavesAlone() throws {
        var older = try Self.disk().disk
        let right = try #require(older[Self.hashes])
        older[Self.hashes] = [UInt8](repeating: 0, count: 64) + Array(right[64...])
        for disk in [FaultyFileSystem(older), try Self.disk()] {
            let before = disk.disk[Self.hashes]
            let report = try LeafAudit(TestLog.directory, fileSystem: disk).run()
            #expect(report == LeafAudit.Report())
            #expect(disk.disk[Self.hashes] == before)
        }
    }

    @Test("what was begun and not finished is pending until it was done")
    func pending() throws {
        var damaged = try Self.disk().disk
        damaged[Self.hashes]?[0] ^= 1
        let audit = LeafAudit(TestLog.directory, fileSystem: FaultyFileSystem(damaged))
        #expect(!audit.isPending)
        try audit.begin()
        #expect(audit.isPending)
        let disk = FaultyFileSystem(damaged)
        let interrupted = LeafAudit(TestLog.directory, fileSystem: disk)
        try interrupted.begin()
        disk.fail(.next(.write))
        #expect(throws: EventLogError.self) { try interrupted.run() }
        #expect(interrupted.isPending)
        _ = try audit.run()
        #expect(!audit.isPending)
    }

    @Test("in the last segment a start mends them, and keeps what stood there")
    func lastSegment() throws {
        let disk = FaultyFileSystem()
        var configuration = TestLog.configuration()
        configuration.leafRecording = .always
        let log = try TestLog(disk, configuration)
        for text in ["a", "b", "c"] { log.commit(TestLog.batch(text)) }
        log.close()
        let right = try #require(disk.disk[Self.hashes])
        var damaged = disk.disk
        damaged[Self.hashes]?[40] ^= 1
        let after = FaultyFileSystem(damaged)
        let again = try TestLog(after, configuration)
        again.close()
        #expect(again.recovery.contradictions == ["hashes/0.00000000000000000002.replaced"])
        #expect(after.disk[Self.hashes] == right)
        let kept = try #require(after.disk["/data/hashes/0.00000000000000000002.replaced"])
        #expect(kept == Array(try #require(damaged[Self.hashes])[32..<64]))
    }
}
