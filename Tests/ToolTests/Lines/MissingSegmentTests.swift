import EventLog
import Foundation
import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import channelstream_log

@Suite("A log that lacks a segment, or is damaged further on")
struct MissingSegmentTests {
    private let directory: TemporaryDirectory
    private var log: FilePath { self.directory.log }
    private let lines: [String]
    private let segments: [FilePath]

    init() throws {
        self.directory = try TemporaryDirectory()
        try Fixtures.writeLog(to: self.directory.log)
        self.lines = try Fixtures.lines(of: self.directory.log)
        self.segments = try Fixtures.segments(of: self.directory.log)
    }

    private func base(_ index: Int) throws -> Int {
        Int(try #require(SegmentName(fileName: self.segments[index].lastComponent?.string ?? "")).base.rawValue)
    }

    private func remove(_ index: Int) throws {
        try FileManager.default.removeItem(atPath: self.segments[index].string)
    }

    @Test("cat prints every line before the gap, the last frame's too, and says which are missing", arguments: [1, 2])
    func cat(index: Int) throws {
        try self.remove(index)
        let (first, next) = (try self.base(index), try self.base(index + 1))
        let run = try ToolProcess("cat", self.log.string)
        #expect(run.output == self.lines.prefix(first - 1).map { $0 + "\n" }.joined())
        #expect(run.status == ExitStatus.damage.rawValue)
        #expect(run.errors.contains("lines \(first) to \(next - 1) are missing"))
        // What was asked for is all there.
        let part = try ToolProcess("cat", self.log.string, "--to", "\(first - 1)")
        #expect(part.status == 0)
        #expect(part.output == run.output)
    }

    @Test("ls calls no segment damaged that is whole, on both sides of the gap")
    func list() throws {
        try self.remove(1)
        let run = try ToolProcess("ls", self.log.string, "-o", "ndjson")
        let rows = run.output.split(separator: "\n")
        #expect(rows.count == self.segments.count - 1)
        #expect(rows.allSatisfy { $0.contains(#""state":"closed""#) && !$0.contains(#""lines":0,"#) }, "\(rows)")
        #expect(run.status == ExitStatus.damage.rawValue)
        #expect(run.errors.contains("are missing"))
    }

    @Test("ls names the segment that is damaged, and those behind it that it did not read")
    func listDamaged() throws {
        try Fixtures.flip(at: 3000, of: self.segments[2])
        let run = try ToolProcess("ls", self.log.string, "-o", "ndjson")
        let states = run.output.split(separator: "\n").map { row in
            row.firstMatch(of: #/"state":"([a-z]+)"/#).map { String($0.output.1) } ?? ""
        }
        #expect(states.prefix(4) == ["closed", "closed", "damaged", "unread"])
    }

    @Test("verify says which lines are missing; a repair keeps those before them, and sets the rest aside")
    func verify() throws {
        try self.remove(1)
        let finding = try #require(try VerifyCommand.verify(self.log).findings.first)
        let lost = try #require(finding.lines)
        #expect(lost == UInt64(try self.base(1))...UInt64(try self.base(2) - 1))
        let target = self.directory.path.appending("repaired")
        _ = try LogRepair(self.log, finding).run(to: target)
        #expect(try Fixtures.lines(of: target).count == (try self.base(1)) - 1)
        #expect(try PosixFileSystem().list(target.appending("lost")).count == self.segments.count - 2)
    }

    @Test("whole frames before a damaged one are shown, all of them")
    func framesBeforeDamage() throws {
        let directory = self.directory.path.appending("frames")
        let log = try TestLog(PosixFileSystem(), TestLog.configuration(frameSizeBytes: 300), directory: directory)
        for number in 0..<20 { log.commit(TestLog.batch("text \(number)")) }
        log.close()
        let lines = try Fixtures.lines(of: directory)
        let segment = try #require(try Fixtures.segments(of: directory).first)
        let bytes = try Fixtures.bytes(of: segment)
        let header: [UInt8] = [0x04, 0x22, 0x4D, 0x18, 0x54, 0x50, 0xC0]
        let frames = (0..<bytes.count).filter { bytes[$0...].starts(with: header) }
        try #require(frames.count > 4)
        // Lines by frame, as a reader says.
        var firsts: [UInt64: Int] = [:]
        try LogReader(directory).forEachLine { line in
            firsts[line.frameOffset] = firsts[line.frameOffset] ?? Int(line.sequenceNumber.rawValue)
        }
        try Fixtures.flip(at: frames[3] + header.count + 6, of: segment)
        let run = try ToolProcess("cat", directory.string)
        let first = try #require(firsts[UInt64(frames[3])])
        #expect(run.output == lines.prefix(first - 1).map { $0 + "\n" }.joined())
        #expect(run.status == ExitStatus.damage.rawValue)
    }

    @Test("lineage and audience show no line of a frame that is not what was written")
    func unsound() throws {
        let (first, next) = (try self.base(1), try self.base(2))
        let line = try #require(self.lines[(first - 1)..<(next - 1)].first { $0.contains("\"message.posted\"") })
        let uuid = String(try #require(line.firstMatch(of: #/"uuid":"([^"]+)"/#)).output.1)
        let size = try Fixtures.bytes(of: self.segments[1]).count
        // The frame's content checksum.
        try Fixtures.flip(at: size - 1, of: self.segments[1])
        for command in ["lineage", "audience"] {
            let run = try ToolProcess(command, uuid, self.log.string)
            #expect(run.output == "", "\(command)")
            #expect(run.status == ExitStatus.damage.rawValue, "\(command)")
        }
    }

    @Test("a CSV without rows has its header", arguments: [["lineage", "\(UUID())"], ["grep", "not in there"]])
    func emptyTables(command: [String]) throws {
        let run = try ToolProcess(command + [self.log.string, "-o", "csv"])
        #expect(run.status == ExitStatus.negative.rawValue)
        #expect(run.output == "seq,time,type,source,channel,user,conn_id,uuid,data,content,commit\r\n")
    }

    @Test("segments that stand in the directory itself are said to be at the wrong place")
    func misplaced() throws {
        let run = try ToolProcess("cat", self.log.appending("log").appending("..").string)
        #expect(run.status == 0)
        let wrong = self.directory.path.appending("wrong")
        try FileManager.default.createDirectory(atPath: wrong.string, withIntermediateDirectories: false)
        for segment in self.segments {
            let target = wrong.appending(try #require(segment.lastComponent))
            try FileManager.default.copyItem(atPath: segment.string, toPath: target.string)
        }
        let refused = try ToolProcess("cat", wrong.string)
        #expect(refused.status == ExitStatus.unreadable.rawValue)
        #expect(refused.errors.contains("folder `log`"))
    }

    @Test("names that a spreadsheet takes for formulas, and what a terminal obeys, come out harmless in CSV and tables")
    func harmless() throws {
        let directory = self.directory.path.appending("names")
        let names = ["=1+1", "@SUM(A1)", "+1", "-1", "\\u001b]0;title\\u0007", "\\u0000", "\\u009b31m", "a\\nb"]
        try Fixtures.writeLines(
            names.map { Fixtures.head("message.posted", #"{"channel":"\#($0)","user":"\#($0)"}"#) },
            to: directory
        )
        for format in ["csv", "table"] {
            let output = try ToolProcess("cat", directory.string, "-o", format).output
            let controls = output.unicodeScalars.filter { $0.value < 0x20 || 0x7F..<0xA0 ~= $0.value }
            #expect(controls.allSatisfy { $0 == "\r" || $0 == "\n" }, "\(format)")
            #expect(output.split(whereSeparator: \.isNewline).count == names.count + 1, "\(format)")
        }
        let csv = try ToolProcess("cat", directory.string, "-o", "csv").output
        #expect(csv.contains(",'=1+1,'=1+1,") && csv.contains(",'-1,'-1,"))
        // As it is in the log.
        #expect(try ToolProcess("cat", directory.string).output.contains(#""channel":"=1+1""#))
    }
}
