import Archive
import EventLog
import Foundation
import Projections
import SystemPackage
import TestSupport
import Testing

@testable import channelstream_log

@Suite("Proofs from the program")
struct ProofTests {
    private static let key = try? NodeKey(origin: "hub.example/log", seed: Array(1...32))

    private let directory: TemporaryDirectory
    private var log: FilePath { self.directory.log }
    private var proof: FilePath { self.directory.path.appending("proof") }
    private var file: FilePath { self.directory.path.appending("file") }
    private let lines: [String]
    private let vkey: String

    init() throws {
        self.directory = try TemporaryDirectory()
        let key = try #require(Self.key)
        try Fixtures.writeLog(to: self.directory.log) { $0.key = key }
        self.lines = try Fixtures.lines(of: self.directory.log)
        self.vkey = key.verifierKey.text
    }

    private func prove(_ arguments: String...) throws -> ToolProcess {
        let run = try ToolProcess(["prove", self.log.string] + arguments)
        try Fixtures.write(Array(run.output.utf8), to: self.proof)
        return run
    }

    private func check(_ arguments: String...) throws -> ToolProcess {
        try ToolProcess(["check-proof", self.proof.string] + arguments)
    }

    /// Signed checkpoints that the log records, in order.
    private func notes() throws -> [SignedNote] {
        try RecordedCheckpoint.all(in: LogReader(self.log)).map { recorded in
            try SignedNote(parsing: Array(try #require(recorded.checkpoint.note).utf8))
        }
    }

    @Test("a receipt needs nothing but the key, and shows the line")
    func carriesItsLine() throws {
        #expect(try self.prove("42").status == 0)
        let run = try self.check("--key", self.vkey)
        #expect(run.status == 0)
        #expect(run.output.hasPrefix(#"{"line":42,"origin":"hub.example/log","size":"#))
        #expect(run.output.hasSuffix(#","event":\#(self.lines[41])}"# + "\n"))
        let other = try NodeKey(origin: "hub.example/log", seed: Array(2...33)).verifierKey.text
        #expect(try self.check("--key", other).status == ExitStatus.signature.rawValue)
    }

    @Test("a receipt for a redacted line shows who and when, and not what")
    func redacted() throws {
        let posted = try #require(self.lines.firstIndex { $0.contains("\"message.posted\"") })
        #expect(try self.prove("\(posted + 1)", "--disclose", "redacted").status == 0)
        let run = try self.check("--key", self.vkey)
        #expect(run.status == 0)
        #expect(run.output.contains("\"user\":"))
        #expect(run.output.contains("\"commit\":"))
        #expect(!run.output.contains("\"content\":"))
    }

    @Test("a bare receipt is good for its line, whole or redacted, and for no other line or text")
    func bare() throws {
        #expect(try self.prove("42", "--disclose", "none").status == 0)
        #expect(try self.check("--key", self.vkey).status == ExitStatus.usage.rawValue)
        func check(_ line: String) throws -> Int32 {
            try Fixtures.write(Array(line.utf8), to: self.file)
            return try self.check("--line", self.file.string, "--key", self.vkey).status
        }
        #expect(try check(self.lines[41]) == 0)
        #expect(try check(self.lines[41] + "\n") == 0)
        #expect(try check(self.lines[42]) == ExitStatus.negative.rawValue)
        #expect(try check(self.lines[41].replacing("node-1", with: "node-2")) == ExitStatus.negative.rawValue)
        // The line that is given counts, not the one that the receipt carries.
        #expect(try self.prove("42").status == 0)
        #expect(try check(self.lines[42]) == ExitStatus.negative.rawValue)
    }

    @Test("a message's post, edits and deletion have receipts of their own")
    func events() throws {
        let edit = try #require(self.lines.last { $0.contains("\"message.edited\"") })
        let uuid = String(try #require(edit.firstMatch(of: #/"uuid":"([^"]+)"/#)).output.1)
        let own = self.lines.filter { $0.contains("\"uuid\":\"\(uuid)\"") }
        for (event, type) in [("post", "message.posted"), ("edit:1", "message.edited"), ("delete", "message.deleted")] {
            let line = own.first { $0.contains("\"\(type)\"") }
            let run = try self.prove(uuid.uppercased(), "--event", event)
            guard let line else {
                #expect(run.status == ExitStatus.negative.rawValue)
                continue
            }
            #expect(run.status == 0)
            #expect(try self.check("--key", self.vkey).output.contains(line))
        }
        #expect(try self.prove(UUID().uuidString).status == ExitStatus.negative.rawValue)
        #expect(try self.prove(uuid, "--event", "reply").status == ExitStatus.usage.rawValue)
    }

    @Test("what no signed checkpoint covers has no proof")
    func notCovered() throws {
        #expect(try self.prove("\(self.lines.count)").status == ExitStatus.negative.rawValue)
        #expect(try self.prove("42", "--size", "43").status == ExitStatus.negative.rawValue)
        #expect(try self.prove("--consistency", "\(self.lines.count)").status == ExitStatus.negative.rawValue)
    }

    @Test("a receipt can lead to any signed checkpoint that covers the line")
    func otherCheckpoint() throws {
        let size = try CheckpointBody(parsing: self.notes()[1].text).size
        #expect(try self.prove("42", "--size", "\(size)").status == 0)
        #expect(try self.check("--key", self.vkey).output.contains(#""size":\#(size),"#))
    }

    @Test("a checkpoint that was kept is connected with the newest one, by its file or its size")
    func consistency() throws {
        let old = try self.notes()[0]
        try Fixtures.write(old.bytes, to: self.file)
        let size = try CheckpointBody(parsing: old.text).size
        for from in [self.file.string, "\(size)"] {
            #expect(try self.prove("--consistency", from).status == 0)
            let run = try self.check("--old", self.file.string, "--key", self.vkey)
            #expect(run.status == 0)
            #expect(run.output.hasPrefix(#"{"old_size":\#(size),"origin":"hub.example/log","size":"#))
        }
        #expect(try self.check("--key", self.vkey).status == ExitStatus.usage.rawValue)
        try Fixtures.write(self.notes()[1].bytes, to: self.file)
        #expect(
            try self.check("--old", self.file.string, "--key", self.vkey).status == ExitStatus.negative.rawValue
        )
    }

    @Test("a history that was rewritten by who has the key cannot be connected with a checkpoint of before")
    func rewritten() throws {
        let kept = try #require(try self.notes().first)
        let key = try #require(Self.key)
        try FileManager.default.removeItem(atPath: self.log.string)
        try Fixtures.writeLog(to: self.log) {
            $0.key = key
            $0.alteredMessage = 1
        }
        #expect(try ToolProcess("verify", self.log.string, "--key", self.vkey).status == 0)
        try Fixtures.write(kept.bytes, to: self.file)
        let size = try CheckpointBody(parsing: kept.text).size
        #expect(try self.prove("--consistency", self.file.string).status == ExitStatus.forgery.rawValue)
        #expect(try self.prove("--consistency", "\(size)").status == 0)
        #expect(
            try self.check("--old", self.file.string, "--key", self.vkey).status == ExitStatus.negative.rawValue
        )
        let verify = try ToolProcess("verify", self.log.string, "--key", self.vkey, "--checkpoint", self.file.string)
        #expect(verify.status == ExitStatus.forgery.rawValue)
    }

    @Test("hashes beside the log that are wrong are not believed, and not touched")
    func damagedHashes() throws {
        let tree = try HashTree(in: self.log, .readAndWrite)
        try tree.catchUp()
        let path = self.log.appending("hashes").appending("0")
        try Fixtures.flip(at: 40, of: path)
        let found = try Fixtures.bytes(of: path)
        #expect(try self.prove("1").status == 0)
        #expect(try self.check("--key", self.vkey).status == 0)
        #expect(try Fixtures.bytes(of: path) == found)
    }
}
