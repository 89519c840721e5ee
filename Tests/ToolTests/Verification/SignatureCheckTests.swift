import EventLog
import Foundation
import LogValues
import Projections
import SystemPackage
import TestSupport
import Testing

@testable import channelstream_log

@Suite("How far a log is signed")
struct SignatureCheckTests {
    private static let origin = "hub.example/log"

    private let directory: TemporaryDirectory
    private let key: NodeKey
    private let other: NodeKey
    private var log: FilePath { self.directory.log }

    init() throws {
        self.directory = try TemporaryDirectory()
        self.key = try NodeKey(origin: Self.origin, seed: Array(1...32))
        self.other = try NodeKey(origin: Self.origin, seed: Array(2...33))
    }

    private func verify(_ keys: NodeKey...) throws -> Verification {
        try VerifyCommand.verify(self.log, keys: keys.map(\.verifierKey.text), checksState: false)
    }

    private func putKeyBeside(_ key: NodeKey, as name: String = "node.pub") throws {
        try Fixtures.write(Array("\(key.verifierKey.text)\n".utf8), to: self.log.appending(name))
    }

    private static func row(_ result: Verification) -> String {
        let text = String(decoding: VerificationReport(result: result).text, as: UTF8.self)
        return text.split(separator: "\n").first { $0.hasPrefix("signed through line") }.map(String.init) ?? ""
    }

    @Test("a log whose notes were taken away is not signed, with the key given or beside it", arguments: [true, false])
    func stripped(isGiven: Bool) throws {
        try Fixtures.writeLog(to: self.log)
        if !isGiven { try self.putKeyBeside(self.key) }
        let result = isGiven ? try self.verify(self.key) : try self.verify()
        #expect(result.status == .signature)
        #expect(result.findings.count == 1)
        #expect(Self.row(result).hasSuffix("nothing: no checkpoint is signed"))
    }

    @Test("the newest right signature covers every line up to its size, and that is said, as is that nothing is")
    func signedThrough() throws {
        try Fixtures.writeLog(to: self.log) { $0.key = self.key }
        let result = try self.verify(self.key)
        #expect(result.status == .success)
        let size = try #require(result.signatures.signedThrough)
        #expect(size == result.signatures.notedThrough)
        #expect(Self.row(result).hasSuffix(" \(size)"))
        #expect(
            String(decoding: VerificationReport(result: result).json, as: UTF8.self).contains(
                "\"signed_through\":\(size)"
            )
        )
        let unchecked = try self.verify()
        #expect(unchecked.status == .success)
        #expect(Self.row(unchecked).contains("no key is known"))
    }

    @Test(
        "checkpoints before the first signed one may be unsigned: an earlier release had no key, and the next covers them"
    )
    func unsignedBeginning() throws {
        try Fixtures.writeLog(to: self.log) {
            $0.key = self.key
            $0.signedCheckpoints = 3...Int.max
        }
        let result = try self.verify(self.key)
        #expect(result.findings == [])
        #expect(result.signatures.unsignedCount == 2)
    }

    @Test("a checkpoint without a note behind one that has one is told, covered or not", arguments: [true, false])
    func unsignedBehind(isCovered: Bool) throws {
        try Fixtures.writeLog(to: self.log) {
            $0.key = self.key
            $0.signedCheckpoints = 1...2
            if isCovered { $0.checkpointLimit = 3 }
        }
        let result = try self.verify(self.key)
        #expect(result.status == .signature)
        #expect(result.findings.contains { $0.message.contains("though earlier ones are") })
    }

    @Test("many bad notes are one finding, which counts them")
    func bounded() throws {
        try Fixtures.writeLog(to: self.log) {
            $0.key = self.key
            $0.checkpointInterval = 5
        }
        let result = try self.verify(self.other)
        #expect(result.checkpointCount > 20)
        #expect(result.findings.count == 1)
        #expect(try #require(result.findings.first).message.contains("the first of \(result.checkpointCount) such"))
    }

    @Test(
        "lines that go on for minutes behind the newest signed one are told; a moment's are not",
        arguments: [3, 1000]
    )
    func lag(checkpoints: Int) throws {
        try Fixtures.writeLog(to: self.log) {
            $0.key = self.key
            $0.checkpointLimit = checkpoints
            $0.isClosed = false
        }
        let result = try self.verify(self.key)
        #expect(result.status == (checkpoints == 3 ? .signature : .success))
        if checkpoints == 3 {
            #expect(try #require(result.findings.first).message.contains("within a minute"))
            #expect(result.signatures.signedThrough != nil)
        }
    }

    @Test("a gap between two lines is no time that passed: the clock may have jumped, or no hub was running")
    func gap() throws {
        let log = try TestLog(PosixFileSystem(), directory: self.log)
        for (line, day) in [20, 21, 22, 23].enumerated() {
            let head =
                "\"time\":\"2026-11-\(day)T19:00:00.000000Z\",\"type\":\"\(line == 0 ? "node.started" : "user.forgotten")\""
                + ",\"source\":\"node-1\",\"data\":\(line == 0 ? "{\"epoch\":1,\"version\":\"1\"}" : "{\"user\":\"a\"}")"
            var batch = LineBatch()
            batch.append { $0.append(contentsOf: head.utf8) }
            log.commit(batch)
        }
        log.close()
        let result = try self.verify(self.key)
        #expect(result.findings == [])
        #expect(Self.row(result).hasSuffix("there is no checkpoint yet"))
    }

    @Test("more commands than a hub leaves unsigned are told; the lines of one count once")
    func tooManyCommands() throws {
        let log = try TestLog(PosixFileSystem(), directory: self.log)
        let head = Fixtures.head("user.forgotten", "{\"user\":\"a\"}")
        for _ in 0..<3 {
            var batch = LineBatch()
            for line in 1...4 { batch.append(isLastOfProposal: line == 4) { $0.append(contentsOf: head.utf8) } }
            log.commit(batch)
        }
        log.close()
        var lag = CheckpointLag(directory: self.log, signed: 0, end: 12, decider: nil)
        lag.proposalLimit = 3
        #expect(try lag.reason() == nil)
        lag.proposalLimit = 2
        let reason = try #require(try lag.reason())
        #expect(reason.contains("every 10,000 events"))
    }

    @Test("a clean stop without its checkpoint is told")
    func cleanStop() throws {
        let lines = [
            Fixtures.head("node.started", "{\"epoch\":1,\"version\":\"1\"}"),
            Fixtures.head("user.forgotten", "{\"user\":\"a\"}"), Fixtures.head("node.stopped", "{\"epoch\":1}"),
        ]
        try Fixtures.writeLines(lines, to: self.log)
        let result = try self.verify(self.key)
        #expect(result.status == .signature)
        #expect(try #require(result.findings.first).message.contains("at a clean stop"))
    }

    // MARK: Another key

    /// A log whose first lines the key signs, and the later ones another, as a `log.key_changed` says.
    private func writeChangedLog(saysSo: Bool = true) throws {
        let log = try TestLog(PosixFileSystem(), directory: self.log)
        var line = 0
        func commit(_ type: String, _ data: String) {
            var batch = LineBatch()
            batch.append { $0.append(contentsOf: Fixtures.head(type, data).utf8) }
            log.commit(batch)
            line += 1
        }
        func checkpoint(_ key: NodeKey) {
            guard let last = log.commits.last else { return }
            let note = String(decoding: key.sign(size: last.treeSize, root: last.root).bytes, as: UTF8.self)
                .replacingOccurrences(of: "\n", with: "\\n")
            let zero = Hash256(words: (0, 0, 0, 0))
            commit(
                "log.checkpointed",
                "{\"size\":\(last.treeSize),\"root\":\"\(last.root)\",\"state\":\"\(zero)\",\"note\":\"\(note)\"}"
            )
        }
        commit("node.started", "{\"epoch\":1,\"version\":\"1\"}")
        checkpoint(self.key)
        commit("node.started", "{\"epoch\":2,\"version\":\"1\"}")
        if saysSo {
            commit(
                "log.key_changed",
                "{\"key\":\"\(self.other.verifierKey.text)\",\"earlier\":[\"\(self.key.verifierKey.text)\"]}"
            )
        }
        checkpoint(self.other)
        commit("user.forgotten", "{\"user\":\"a\"}")
        log.close()
    }

    @Test("an auditor with the old key only is told at which line another one takes over, and that it is not status 0")
    func oldKeyOnly() throws {
        try self.writeChangedLog()
        let result = try self.verify(self.key)
        #expect(result.status == .signature)
        let finding = try #require(result.findings.first)
        let lines = try #require(finding.lines)
        #expect(lines.lowerBound == 4)
        #expect(finding.message.contains(self.other.verifierKey.text))
        #expect(finding.message.contains("signed through line 1"))
    }

    @Test(
        "with both keys the log is intact, and so it is with the new one, whose signature covers what the old one signed"
    )
    func bothKeys() throws {
        try self.writeChangedLog()
        for result in [try self.verify(self.key, self.other), try self.verify(self.other)] {
            #expect(result.findings == [])
            #expect(result.signatures.signedThrough == 4)
        }
        try self.putKeyBeside(self.other)
        try self.putKeyBeside(self.key, as: "node.pub.1")
        let beside = try self.verify()
        #expect(beside.findings == [])
        #expect(beside.signatures.signedCount == 2)
    }

    @Test("the old key signs nothing any more behind the line that replaced it")
    func replacedKey() throws {
        (try self.writeChangedLog())
        let log = try TestLog(PosixFileSystem(), directory: self.log)
        let (size, root) = (log.recovery.frontier.size, log.recovery.frontier.root)
        let note = String(decoding: self.key.sign(size: size, root: root).bytes, as: UTF8.self)
            .replacingOccurrences(of: "\n", with: "\\n")
        let zero = Hash256(words: (0, 0, 0, 0))
        var batch = LineBatch()
        let head = Fixtures.head(
            "log.checkpointed",
            "{\"size\":\(size),\"root\":\"\(root)\",\"state\":\"\(zero)\",\"note\":\"\(note)\"}"
        )
        batch.append { $0.append(contentsOf: head.utf8) }
        log.commit(batch)
        log.close()
        let result = try self.verify(self.key, self.other)
        #expect(result.status == .signature)
        #expect(try #require(result.findings.first).message.contains("has replaced in line 4"))
    }

    @Test(
        "a strange key without such a line is told as well; a log of an earlier release takes both keys, or the newer one"
    )
    func strangeKey() throws {
        try self.writeChangedLog(saysSo: false)
        let result = try self.verify(self.key)
        #expect(result.status == .signature)
        #expect(try #require(result.findings.first).message.contains("not among the keys known"))
        #expect(try self.verify(self.key, self.other).status == .success)
        #expect(try self.verify(self.other).status == .success)
    }

    @Test("a follower's log is signed by the key that it trusts, not by its own")
    func follower() throws {
        try Fixtures.writeLog(to: self.log) { $0.key = self.key }
        try self.putKeyBeside(self.other)
        #expect(try self.verify().status == .signature)
        let record = "{\"primary\":\"http://127.0.0.1:1\",\"keys\":[\"\(self.key.verifierKey.text)\"]}\n"
        try Fixtures.write(Array(record.utf8), to: self.log.appending("following"))
        #expect(try self.verify().status == .success)
        let copy = self.directory.path.appending("copy")
        _ = try BackupCommand.copy(self.log, to: copy)
        let kept = try #require(try NodeKeyFile(in: copy).loadPublicKey())
        #expect(kept == self.key.verifierKey)
        #expect(try VerifyCommand.verify(copy, checksState: false).status == .success)
    }

    // MARK: Hashes

    @Test("hashes that contradict lines are evidence, unless a signature covers the lines", arguments: [true, false])
    func hashesAreEvidence(isSigned: Bool) throws {
        try Fixtures.writeLog(to: self.log) {
            $0.leafRecording = .always
            $0.key = isSigned ? self.key : nil
        }
        let path = self.log.appending("hashes").appending("0")
        try Fixtures.flip(at: 32 * 9, of: path)
        let result = isSigned ? try self.verify(self.key) : try self.verify()
        #expect(result.status == .hashes)
        let message = try #require(result.findings.first).message
        #expect(message.contains("remove the folder") == isSigned)
        #expect(message.contains("keep the folder") == !isSigned)
    }
}
