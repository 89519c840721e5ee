import EventLog
import Foundation
import Projections
import RawJSON
import SystemPackage
import TestSupport
import Testing

@testable import channelstream_log

@Suite("channelstream-log erase")
struct EraseCommandTests {
    private let directory: TemporaryDirectory
    private var log: FilePath { self.directory.log }

    init() throws {
        self.directory = try TemporaryDirectory()
        try Fixtures.writeLog(to: self.log)
    }

    /// What the user wrote, as it stands in the log's contents.
    private func contents(of user: String) throws -> [String] {
        try Fixtures.lines(of: self.log).filter { $0.contains("\"user\":\"\(user)\"") }
            .compactMap { line in line.components(separatedBy: "\"content\":").dropFirst().first }
    }

    @Test("a user's contents are gone; the log verifies, with every digest, and shows the erasure")
    func user() throws {
        let before = try Fixtures.lines(of: self.log)
        let contents = try self.contents(of: "alice")
        try #require(contents.count > 5)
        let run = try ToolProcess("erase", self.log.string, "--user", "alice", "--reason", "request 1", "--by", "eve")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("\"event\":"))
        #expect(try self.contents(of: "alice").isEmpty)
        let after = try Fixtures.lines(of: self.log)
        #expect(after.count > before.count)
        #expect(after.last?.contains(#""ordered_by":"eve","reason":"request 1""#) == true)
        // Some say what others say as well, and others' words stay.
        for content in contents where before.filter({ $0.contains(content) }).count == 1 {
            #expect(!after.contains { $0.contains(content) })
        }
        let verified = try ToolProcess("verify", self.log.string, "--state")
        #expect(verified.status == 0, "\(verified.errors)")
        #expect(try ToolProcess("replay", self.log.string, "--check").status == 0)
        let table = try ToolProcess("cat", self.log.string, "--user", "alice", "-o", "table")
        #expect(table.status == 0)
        #expect(table.output.contains("content.erased"))
    }

    @Test("a message's lineage shows that it was erased; a receipt from before still checks, and its line is redacted")
    func message() throws {
        let post = try #require(try Fixtures.lines(of: self.log).first { $0.contains("\"message.posted\"") })
        let uuid = String(try #require(post.firstMatch(of: #/"uuid":"([^"]+)"/#)).output.1)
        let run = try ToolProcess("erase", self.log.string, "--message", uuid, "--reason", "r")
        #expect(run.status == 0, "\(run.errors)")
        let lineage = try ToolProcess("lineage", uuid, self.log.string)
        let lines = lineage.output.split(separator: "\n")
        #expect(lines.first?.contains("\"commit\":") == true)
        #expect(lines.contains { $0.contains("\"message.deleted\"") })
        #expect(lines.last?.contains("\"content.erased\"") == true)
        #expect(!lineage.output.contains("\"content\":"))
    }

    @Test("a dry run says what would go, and changes nothing")
    func dryRun() throws {
        let before = try Fixtures.lines(of: self.log)
        let run = try ToolProcess("erase", self.log.string, "--channel", "lobby", "--reason", "r", "--dry-run")
        #expect(run.status == 0)
        #expect(run.output.contains("\"event\":null"))
        #expect(!run.output.contains("\"lines\":0"))
        #expect(try Fixtures.lines(of: self.log) == before)
    }

    @Test("repeating it changes nothing more; of what the log never named it says so and ends with 1")
    func repeated() throws {
        let arguments = ["erase", self.log.string, "--channel", "lobby", "--reason", "r"]
        #expect(try ToolProcess(arguments).status == 0)
        let before = try Fixtures.lines(of: self.log)
        let again = try ToolProcess(arguments)
        #expect(again.status == 0)
        #expect(again.output.contains(#""event":null,"lines":0"#))
        #expect(try Fixtures.lines(of: self.log) == before)
        let unknown = try ToolProcess("erase", self.log.string, "--user", "nobody at all", "--reason", "r")
        #expect(unknown.status == ExitStatus.negative.rawValue)
    }

    @Test("a log that a server has open is left alone, and the endpoint is named")
    func locked() throws {
        let open = try TestLog(PosixFileSystem(), directory: self.log)
        defer { open.close() }
        let run = try ToolProcess("erase", self.log.string, "--user", "alice", "--reason", "r")
        #expect(run.status == ExitStatus.unreadable.rawValue)
        #expect(run.errors.contains("POST /admin/erase"))
    }

    @Test("exactly one target and a reason are asked for")
    func arguments() throws {
        for arguments in [
            ["--user", "a"], ["--reason", "r"], ["--user", "a", "--channel", "b", "--reason", "r"],
            ["--user", "a", "--reason", ""],
        ] {
            #expect(try ToolProcess(["erase", self.log.string] + arguments).status == ExitStatus.usage.rawValue)
        }
    }

    @Test("what was interrupted is finished by the next call, whatever it is about")
    func interrupted() throws {
        let (log, report) = try EventLog.open(self.log) { _ in }
        let erasure = LogErasure(self.log, logID: report.logID)
        let content = try #require(try Fixtures.lines(of: self.log).firstIndex { $0.contains("\"content\":") })
        try erasure.begin(after: log.end)
        var batch = LineBatch()
        let order = ContentErased(lines: [Position(UInt64(content + 1))], orderedBy: "eve", reason: "r")
        let event = Event(
            time: Timestamp(microseconds: 1_795_460_400_000_000),
            source: NodeName("node-1"),
            payload: .contentErased(order)
        )
        batch.append { event.appendHead(to: &$0) }
        log.append(batch)
        log.close()
        #expect(try Fixtures.lines(of: self.log)[content].contains("\"content\":"))
        #expect(try ToolProcess("erase", self.log.string, "--user", "nobody at all", "--reason", "r").status == 1)
        #expect(try Fixtures.lines(of: self.log)[content].contains("\"commit\":"))
        #expect(try !erasure.isPending())
    }
}
