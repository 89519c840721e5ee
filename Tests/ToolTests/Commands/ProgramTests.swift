import ArgumentParser
import EventLog
import Foundation
import LogValues
import SystemPackage
import TestSupport
import Testing

@testable import channelstream_log

@Suite("The program")
struct ProgramTests {
    private let directory: TemporaryDirectory
    private var log: FilePath { self.directory.log }

    init() throws {
        self.directory = try TemporaryDirectory()
    }

    @Test("cat prints the lines as they are, from the data directory and from the folder with the segments")
    func cat() throws {
        try Fixtures.writeLog(to: self.log)
        let lines = try Fixtures.lines(of: self.log)
        let whole = try ToolProcess("cat", self.log.string)
        #expect(whole.status == 0)
        #expect(whole.errors == "")
        #expect(whole.output == lines.map { $0 + "\n" }.joined())
        #expect(try ToolProcess("cat", self.log.appending("log").string).output == whole.output)
        let part = try ToolProcess("cat", self.log.string, "--from", "80", "--to", "82")
        #expect(part.output == lines[79...81].map { $0 + "\n" }.joined())
    }

    @Test("cat prints the frames before the first damage, says where it is on standard error, and ends with its status")
    func catDamaged() throws {
        try Fixtures.writeLog(to: self.log)
        let lines = try Fixtures.lines(of: self.log)
        let segment = try Fixtures.segments(of: self.log)[1]
        try Fixtures.flip(at: 3000, of: segment)
        let run = try ToolProcess("cat", self.log.string)
        let printed = run.output.split(separator: "\n").map(String.init)
        #expect(run.status == ExitStatus.damage.rawValue)
        #expect(printed.count >= 72)
        #expect(printed == Array(lines.prefix(printed.count)))
        #expect(run.errors.contains(try #require(segment.lastComponent?.string)))
    }

    @Test("state digests from the tool are those that the log was written with")
    func digest() throws {
        let digest = try SampleLog.write(to: self.log)
        #expect(try ToolProcess("digest", self.log.string).output.contains("\"state\":\"\(digest)\""))
        let replay = try ToolProcess("replay", self.log.string, "--check")
        #expect(replay.status == 0)
        #expect(replay.output.contains("\"state\":\"\(digest)\""))
    }

    @Test("a message's post, edits and deletion are its lineage; an unknown uuid ends with 1")
    func lineage() throws {
        try Fixtures.writeLog(to: self.log)
        let edit = try #require(try Fixtures.lines(of: self.log).first { $0.contains("\"message.edited\"") })
        let uuid = try #require(edit.firstMatch(of: #/"uuid":"([^"]+)"/#)).output.1
        let run = try ToolProcess("lineage", String(uuid).uppercased(), self.log.string)
        #expect(run.status == 0)
        #expect(
            run.output == (try Fixtures.lines(of: self.log)).filter { $0.contains(uuid) }.map { $0 + "\n" }.joined()
        )
        #expect(try ToolProcess("lineage", UUID().uuidString, self.log.string).status == 1)
    }

    @Test("the audience of a message are those who were in its channel just then")
    func audience() throws {
        try Fixtures.writeLog(to: self.log)
        for line in try Fixtures.lines(of: self.log).filter({ $0.contains("\"message.posted\"") }).prefix(40) {
            let uuid = String(try #require(line.firstMatch(of: #/"uuid":"([^"]+)"/#)).output.1)
            let position = String(try #require(line.firstMatch(of: #/"seq":(\d+)/#)).output.1)
            let channel = String(try #require(line.firstMatch(of: #/"channel":"([^"]+)"/#)).output.1)
            let audience = try Self.object(
                try ToolProcess("audience", uuid, self.log.string).output.prefix { $0 != "\n" }
            )
            let state = try Self.object(
                try ToolProcess("state", self.log.string, "--at", position, "--channel", channel).output[...]
            )
            let members = (audience["audience"] as? [[String: Any]])?.compactMap { $0["user"] as? String }
            let users = (state["channels"] as? [[String: Any]])?.first?["users"] as? [String]
            #expect(members != nil)
            #expect(members == users)
            if members?.isEmpty == false { return }
        }
        Issue.record("some message has an audience")
    }

    private static func object(_ text: Substring) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("following goes on where the log does")
    func follow() throws {
        try Fixtures.writeLines([Fixtures.head("x.y", "{}")], to: self.log)
        var pauses = 0
        var lines: [UInt64] = []
        let log = self.log
        try LiveTail(log) {
            pauses += 1
            if pauses == 1 { try? Fixtures.writeLines([Fixtures.head("x.z", "{}")], to: log) }
            return pauses < 3
        }.forEachLine(
            from: .first,
            through: nil,
            beforePause: {},
            body: { lines.append($0.sequenceNumber.rawValue) }
        )
        #expect(lines == [1, 2])
    }

    @Test("wrong arguments and missing logs end with statuses of their own, and say nothing on standard output")
    func errors() throws {
        for (arguments, status) in [
            (["cat"], ExitStatus.usage), (["cat", self.directory.path.string], .unreadable),
            (["cat", self.directory.path.string, "--since", "soon"], .usage), (["nonsense"], .usage),
        ] {
            let run = try ToolProcess(arguments)
            #expect(run.status == status.rawValue)
            #expect(run.output == "")
            #expect(run.errors != "")
        }
    }

    @Test("every subcommand has a help text with an example, and is in the manual")
    func help() throws {
        let manual = String(
            decoding: try Fixtures.bytes(
                of: FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
                    .removingLastComponent().appending("docs").appending("channelstream-log.1")
            ),
            as: UTF8.self
        )
        for command in ToolCommands.all {
            let name = try #require(command.configuration.commandName)
            #expect(command.configuration.discussion.contains("channelstream-log \(name)"))
            #expect(manual.contains(".B \(name.replacing("-", with: "\\-"))"))
        }
        for status in ExitStatus.allCases { #expect(manual.contains(".B \(status.rawValue)\n")) }
    }
}
