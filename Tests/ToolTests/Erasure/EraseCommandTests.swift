import EventLog
import Foundation
import LogValues
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
        let (log, report) = try EventLog.open(self.log)
        let erasure = LogErasure(self.log, logID: report.logID)
        let content = try #require(try Fixtures.lines(of: self.log).firstIndex { $0.contains("\"content\":") })
        try erasure.begin(after: log.end)
        var batch = LineBatch()
        let order = ContentErased(lines: [SequenceNumber(UInt64(content + 1))], orderedBy: "eve", reason: "r")
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

    @Test("after a crash of the hub the next start still looks at the hashes, which this leaves as they are")
    func afterCrash() throws {
        _ = try PosixFileSystem().createDirectory(self.log.appending("hashes"))
        try Fixtures.write([], to: self.log.appending("hashes/0"))
        #expect(try ToolProcess("erase", self.log.string, "--user", "bob", "--reason", "r").status == 0)
        #expect(!LeafAudit(self.log).isPending)
        // A frame without its end, as a killed process leaves it.
        let segment = try #require(try Fixtures.segments(of: self.log).last)
        try Fixtures.write(Fixtures.bytes(of: segment).dropLast(8), to: segment)
        #expect(try ToolProcess("erase", self.log.string, "--user", "alice", "--reason", "r").status == 0)
        #expect(LeafAudit(self.log).isPending)
    }

    /// Whether a file's lines hold the user's words.
    private func holds(_ contents: [String], _ file: FilePath) throws -> Bool {
        let folder = self.directory.path.appending("look-\(UUID().uuidString)")
        let log = folder.appending("log")
        try FileManager.default.createDirectory(atPath: log.string, withIntermediateDirectories: true)
        let name = try #require(try SegmentCatalog(self.log).segments.first)
        try FileManager.default.copyItem(atPath: file.string, toPath: log.appending(name.fileName).string)
        let lines = try Fixtures.lines(of: folder)
        return lines.contains { line in contents.contains { line.contains($0) } }
    }

    @Test("where a segment is a symbolic link, what it leads to is rewritten, and the link stays")
    func symbolicLink() throws {
        let segment = try #require(try Fixtures.segments(of: self.log).first)
        let target = self.directory.path.appending("elsewhere.lz4")
        try FileManager.default.moveItem(atPath: segment.string, toPath: target.string)
        try FileManager.default.createSymbolicLink(atPath: segment.string, withDestinationPath: target.string)
        let contents = try self.contents(of: "alice")
        try #require(try self.holds(contents, target))
        // What a crash left there.
        let leftover = FilePath(target.string + ".1f.erasing")
        try Fixtures.write([1], to: leftover)
        let run = try ToolProcess("erase", self.log.string, "--user", "alice", "--reason", "r")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains(#""complete":true"#))
        #expect(try self.contents(of: "alice").isEmpty)
        let link = try PosixFileSystem().linkTarget(of: segment)
        #expect(link != nil)
        #expect(!FileManager.default.fileExists(atPath: leftover.string))
        #expect(try ToolProcess("verify", self.log.string, "--state").status == 0)
        let found = try FileManager.default.contentsOfDirectory(atPath: self.directory.path.string)
        #expect(!found.contains { $0.hasSuffix(".erasing") })
    }

    @Test("where a segment's file has another name, that is said, and the erasure is not called complete")
    func hardLink() throws {
        let segment = try #require(try Fixtures.segments(of: self.log).first)
        let other = self.directory.path.appending("other-name")
        try FileManager.default.linkItem(atPath: segment.string, toPath: other.string)
        let run = try ToolProcess("erase", self.log.string, "--user", "alice", "--reason", "r")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains(#""complete":false"#))
        #expect(run.output.contains(#""kept_elsewhere":["00000000000000000001.ndjson.lz4"]"#))
        #expect(run.errors.contains("hard link"))
        #expect(try self.contents(of: "alice").isEmpty)
    }

    @Test(
        "what root leaves belongs to whom the log belongs to, with the modes that were there",
        .enabled(if: getuid() == 0)
    )
    func ownerStays() throws {
        let files = PosixFileSystem()
        for path in try FileManager.default.subpathsOfDirectory(atPath: self.log.string) + ["."] {
            unsafe #expect(chown(self.log.pushing(FilePath(path)).string, 65_534, 65_534) == 0)
        }
        let segment = try #require(try Fixtures.segments(of: self.log).first)
        unsafe #expect(chmod(segment.string, 0o640) == 0)
        let run = try ToolProcess("erase", self.log.string, "--user", "alice", "--reason", "r")
        #expect(run.status == 0, "\(run.errors)")
        for path in try FileManager.default.subpathsOfDirectory(atPath: self.log.string) {
            let status = try files.status(of: self.log.pushing(FilePath(path)))
            #expect(status.owner == 65_534 && status.group == 65_534, "\(path)")
        }
        let status = try files.status(of: segment)
        #expect(status.permissions == 0o640)
    }
}
