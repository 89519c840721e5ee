import EventLog
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import channelstream_log

@Suite("An erasure that was not carried out")
struct ErasureCheckTests {
    private let directory: TemporaryDirectory
    private var log: FilePath { self.directory.log }
    private let before: [FilePath: [UInt8]]

    /// A log in which alice's words were erased.
    init() throws {
        self.directory = try TemporaryDirectory()
        try Fixtures.writeLog(to: self.directory.log)
        var before: [FilePath: [UInt8]] = [:]
        for segment in try Fixtures.segments(of: self.directory.log) {
            before[segment] = try Fixtures.bytes(of: segment)
        }
        self.before = before
        let run = try ToolProcess("erase", self.log.string, "--user", "alice", "--reason", "request 1")
        try #require(run.status == 0, "\(run.errors)")
    }

    /// Puts back a segment that was rewritten, as a restored backup does.
    private func restoreSegment() throws -> SegmentName {
        let changed = try #require(
            try Fixtures.segments(of: self.log).first { segment in
                self.before[segment].map { $0 != (try? Fixtures.bytes(of: segment)) } ?? false
            }
        )
        try Fixtures.write(try #require(self.before[changed]), to: changed)
        return try #require(SegmentName(fileName: changed.lastComponent?.string ?? ""))
    }

    @Test(
        "contents that came back with a backup are found, with the order that names them; erasing again takes them away"
    )
    func restored() throws {
        #expect(try VerifyCommand.verify(self.log).status == .success)
        let segment = try self.restoreSegment()
        let result = try VerifyCommand.verify(self.log)
        #expect(result.status == .erasure)
        let finding = try #require(result.findings.first)
        #expect(finding.segment == segment.fileName)
        #expect(finding.message.contains("repeat `erase`"))
        let run = try ToolProcess("verify", self.log.string)
        #expect(run.status == ExitStatus.erasure.rawValue)
        #expect(run.output.contains("erasure not carried out"))

        let again = try ToolProcess(
            "erase",
            self.log.string,
            "--user",
            "alice",
            "--reason",
            "request 1, after a restore"
        )
        #expect(again.status == 0, "\(again.errors)")
        #expect(try VerifyCommand.verify(self.log).status == .success)
    }

    @Test("what repair set aside may hold the same words: erase says so, and removes it if that is asked for")
    func lost() throws {
        let damaged = self.directory.path.appending("damaged")
        try Fixtures.writeLog(to: damaged)
        let segments = try Fixtures.segments(of: damaged)
        try Fixtures.flip(at: 200, of: segments[2])
        let repaired = self.directory.path.appending("repaired")
        #expect(try ToolProcess("repair", damaged.string, repaired.string).status == 0)
        let arguments = ["erase", repaired.string, "--user", "bob", "--reason", "request 2"]
        let run = try ToolProcess(arguments)
        #expect(run.status == 0, "\(run.errors)")
        let name = "lost/\(try #require(segments[2].lastComponent?.string))"
        #expect(run.output.contains("\"lost\":[\"\(name)\""))
        #expect(run.errors.contains("\(name): set aside by `repair`, may hold the same words"))
        let removing = try ToolProcess(arguments + ["--remove-lost"])
        #expect(removing.output.contains("\"removed\":[\"\(name)\""))
        #expect(removing.output.contains("\"lost\":[]"))
        #expect(!FileManager.default.fileExists(atPath: repaired.pushing(FilePath(name)).string))
        #expect(try VerifyCommand.verify(repaired).status == .success)
    }

    @Test("an erasure that a crash interrupted says that a start finishes it, and so does erasing again")
    func interrupted() throws {
        _ = try self.restoreSegment()
        let order = try #require(
            try Fixtures.lines(of: self.log).firstIndex { $0.contains("\"content.erased\"") }
        )
        let logID = try #require(try VerifyCommand.verify(self.log).logID)
        try Fixtures.write(
            Array("{\"log\":\"\(logID)\",\"after\":\(order)}\n".utf8),
            to: self.log.appending("erasure")
        )
        let finding = try #require(try VerifyCommand.verify(self.log).findings.first)
        #expect(finding.status == .erasure)
        #expect(finding.message.contains("start the server"))
        // About another user, of whom there is nothing: what was begun is finished first.
        _ = try ToolProcess("erase", self.log.string, "--user", "nobody", "--reason", "r")
        #expect(try VerifyCommand.verify(self.log).status == .success)
    }
}
