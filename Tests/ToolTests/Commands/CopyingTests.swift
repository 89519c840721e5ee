import EventLog
import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import channelstream_log

@Suite("Copies of a log")
struct CopyingTests {
    private let directory: TemporaryDirectory
    private var log: FilePath { self.directory.log }
    private var copy: FilePath { self.directory.path.appending("copy") }

    init() throws {
        self.directory = try TemporaryDirectory()
    }

    @Test("a backup holds the same lines and verifies, whether the log is open or closed", arguments: [true, false])
    func backup(isClosed: Bool) throws {
        try Fixtures.writeLog(to: self.log) { $0.isClosed = isClosed }
        let end = try BackupCommand.copy(self.log, to: self.copy)
        let lines = try Fixtures.lines(of: self.log)
        #expect(try Fixtures.lines(of: self.copy) == lines)
        #expect(end?.rawValue == UInt64(lines.count))
        let result = try VerifyCommand.verify(self.copy)
        #expect(result.status == .success)
        #expect(result.ending == .closed)
    }

    @Test("a backup leaves out what is torn, and nothing else beside the log")
    func tornBackup() throws {
        try Fixtures.writeLog(to: self.log) { $0.isClosed = false }
        let segment = try #require(try Fixtures.segments(of: self.log).last)
        try Fixtures.write(try Fixtures.bytes(of: segment) + [1, 2, 3], to: segment)
        _ = try BackupCommand.copy(self.log, to: self.copy)
        #expect(try Fixtures.lines(of: self.copy) == Fixtures.lines(of: self.log))
        #expect(try PosixFileSystem().list(self.copy.appending("log")).allSatisfy { SegmentName(fileName: $0) != nil })
    }

    @Test("nothing is written over")
    func occupied() throws {
        try Fixtures.writeLog(to: self.log)
        #expect(throws: ToolFailure.self) { try BackupCommand.copy(self.log, to: self.log) }
    }

    @Test("a repair keeps every line before the damage, sets the rest aside, and says so; the source stays as it was")
    func repair() throws {
        try Fixtures.writeLog(to: self.log)
        let lines = try Fixtures.lines(of: self.log)
        let segments = try Fixtures.segments(of: self.log)
        try Fixtures.flip(at: 4000, of: segments[1])
        let damaged = try Fixtures.bytes(of: segments[1])
        let finding = try #require(try VerifyCommand.verify(self.log).findings.first)
        let record = String(decoding: try LogRepair(self.log, finding).run(to: self.copy), as: UTF8.self)

        let kept = try Fixtures.lines(of: self.copy)
        #expect(kept == Array(lines.prefix(kept.count)))
        #expect(kept.count + 1 == Int(try #require(finding.lines).lowerBound))
        #expect(try VerifyCommand.verify(self.copy).status == .success)
        #expect(record.contains("\"kept_through\":\(kept.count),\"lost_from\":\(kept.count + 1)"))
        #expect(record.contains("\"lost_through_at_least\":\(lines.count)"))
        #expect(try PosixFileSystem().list(self.copy.appending("lost")).count == segments.count - 1)
        #expect(try Fixtures.bytes(of: segments[1]) == damaged)
    }

    @Test("a log equals its copy however it is cut into segments; one may be longer; or they part at a line")
    func comparison() throws {
        let other = self.directory.path.appending("other")
        try Fixtures.writeLog(to: self.log)
        try Fixtures.writeLog(to: other) { $0.segmentSizeBytes = 1 << 20 }
        try Fixtures.writeLog(to: self.copy) { $0.alteredMessage = 10 }

        var comparison = LogComparison()
        try comparison.run(self.log, other)
        #expect(comparison.relation == .equal)

        let short = self.directory.path.appending("short")
        let segments = try Fixtures.segments(of: self.log)
        let bad = Finding(.damage, segment: segments[2].lastComponent?.string, offset: 0, "as if")
        _ = try LogRepair(self.log, bad).run(to: short)
        comparison = LogComparison()
        try comparison.run(self.log, short)
        #expect(comparison.relation == .aIsLonger)

        comparison = LogComparison()
        try comparison.run(self.log, self.copy)
        #expect(comparison.relation == .parted)
        let lines = (try Fixtures.lines(of: self.log), try Fixtures.lines(of: self.copy))
        #expect(Int(comparison.common) == zip(lines.0, lines.1).prefix { $0 == $1 }.count)
    }
}
