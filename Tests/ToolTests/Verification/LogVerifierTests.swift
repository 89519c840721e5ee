import Archive
import EventLog
import Foundation
import LogValues
import Projections
import SystemPackage
import TestSupport
import Testing

@testable import channelstream_log

@Suite("Verifying a log")
struct LogVerifierTests {
    private let directory: TemporaryDirectory
    private var log: FilePath { self.directory.log }

    init() throws {
        self.directory = try TemporaryDirectory()
    }

    private func verify(keys: [String] = [], checkpoints: [String] = []) throws -> Verification {
        try VerifyCommand.verify(self.log, keys: keys, checkpoints: checkpoints)
    }

    @Test("a log that was written as it should be is intact: lines, roots, checkpoints and state digests")
    func intact() throws {
        try Fixtures.writeLog(to: self.log)
        let result = try self.verify()
        #expect(result.findings == [])
        #expect(result.status == .success)
        #expect(result.segmentCount == (try Fixtures.segments(of: self.log).count))
        #expect(result.lineCount == UInt64(try Fixtures.lines(of: self.log).count))
        #expect(result.checkpointCount > 3)
        #expect(result.stateDigestCount == result.checkpointCount)
        #expect(result.ending == .closed)
    }

    @Test("a flipped bit is damage, with segment, offset and line")
    func flippedBit() throws {
        try Fixtures.writeLog(to: self.log)
        let segment = try Fixtures.segments(of: self.log)[2]
        try Fixtures.flip(at: 3000, of: segment)
        let finding = try #require(try self.verify().findings.first)
        #expect(finding.status == .damage)
        #expect(finding.segment == segment.lastComponent?.string)
        #expect(try #require(finding.offset) <= 3000)
        #expect(try #require(finding.offset) > 2000)
        #expect(
            try #require(finding.lines).lowerBound
                > (try #require(finding.segment.flatMap { SegmentName(fileName: $0) })).base.rawValue
        )
    }

    @Test("a log that ends inside a commit has a torn tail")
    func tornTail() throws {
        try Fixtures.writeLog(to: self.log) { $0.isClosed = false }
        let segment = try #require(try Fixtures.segments(of: self.log).last)
        let bytes = try Fixtures.bytes(of: segment)
        try Fixtures.write(Array(bytes.dropLast(5)), to: segment)
        var settings = LogVerifier.Settings()
        var pauses = 0
        settings.pause = { pauses += 1 }
        var verifier = LogVerifier(self.log, settings)
        let result = try verifier.run()
        #expect(pauses > 0)
        #expect(result.status == .tornTail)
        #expect(result.findings.first?.segment == segment.lastComponent?.string)
    }

    @Test("a segment that is missing in the middle is damage, named by what follows")
    func missingSegment() throws {
        try Fixtures.writeLog(to: self.log)
        let segments = try Fixtures.segments(of: self.log)
        try FileManager.default.removeItem(atPath: segments[1].string)
        let finding = try #require(try self.verify().findings.first)
        #expect(finding.status == .damage)
        #expect(finding.segment == segments[2].lastComponent?.string)
    }

    @Test("a log that ends before the place that `synced` names has lost its end")
    func lostEnd() throws {
        try Fixtures.writeLog(to: self.log) { $0.durability = .always }
        let segments = try Fixtures.segments(of: self.log)
        let last = try #require(segments.last)
        try FileManager.default.removeItem(atPath: last.string)
        let finding = try #require(try self.verify().findings.first)
        #expect(finding.status == .damage)
        #expect(finding.segment == segments.dropLast().last?.lastComponent?.string)
    }

    @Test("a segment with one other message, right in itself, is forged: the next header and the checkpoints say so")
    func forgedSegment() throws {
        try Fixtures.writeLog(to: self.log) { $0.checkpointInterval = 1000 }
        let other = self.directory.path.appending("other")
        try Fixtures.writeLog(to: other) {
            $0.checkpointInterval = 1000
            $0.alteredMessage = 3
        }
        let (segments, others) = (try Fixtures.segments(of: self.log), try Fixtures.segments(of: other))
        let altered = try #require(
            zip(Fixtures.lines(of: self.log), Fixtures.lines(of: other)).enumerated().first { $1.0 != $1.1 }
        )
        try #require(segments.map(\.lastComponent) == others.map(\.lastComponent))
        try Fixtures.write(try Fixtures.bytes(of: others[0]), to: segments[0])
        let result = try self.verify()
        let finding = try #require(result.findings.first)
        #expect(result.status == .forgery)
        #expect(finding.segment == segments[0].lastComponent?.string)
        #expect(try #require(finding.lines).contains(UInt64(altered.offset + 1)))
        #expect(finding.offset != nil)
    }

    @Test("a rewrite of the whole log is consistent in itself, and found by a checkpoint that was kept elsewhere")
    func rewrittenLog() throws {
        let key = try NodeKey(origin: "hub.example/log", seed: Array(1...32))
        let original = self.directory.path.appending("original")
        try Fixtures.writeLog(to: original) { $0.key = key }
        try Fixtures.writeLog(to: self.log) {
            $0.key = key
            $0.alteredMessage = 3
        }
        let note = try #require(
            try RecordedCheckpoint.all(in: LogReader(original)).last?.checkpoint.note
        )
        let kept = self.directory.path.appending("kept.note")
        try Fixtures.write(Array(note.utf8), to: kept)
        #expect(try self.verify(keys: [key.verifierKey.text]).status == .success)
        let result = try self.verify(keys: [key.verifierKey.text], checkpoints: [kept.string])
        #expect(result.status == .forgery)
    }

    @Test("checkpoints signed by the key are counted; with another key they are wrong")
    func signatures() throws {
        let key = try NodeKey(origin: "hub.example/log", seed: Array(1...32))
        let other = try NodeKey(origin: "hub.example/log", seed: Array(2...33))
        try Fixtures.writeLog(to: self.log) { $0.key = key }
        let right = try self.verify(keys: [key.verifierKey.text])
        #expect(right.status == .success)
        #expect(right.signatures.signedCount == right.checkpointCount)
        #expect(try self.verify(keys: [other.verifierKey.text]).status == .signature)
        let unknown = try self.verify()
        #expect(unknown.status == .success)
        #expect(unknown.signatures.unknownCount == unknown.checkpointCount)
    }

    @Test("a note about another size than its line is wrong")
    func foreignNote() throws {
        let key = try NodeKey(origin: "hub.example/log", seed: Array(1...32))
        let note = String(decoding: key.sign(size: 1, root: .ofNothing).bytes, as: UTF8.self)
        let checker = NoteChecker(keys: [key.verifierKey])
        #expect(checker.check(note, size: 1, root: .ofNothing) == .signed([key.verifierKey.identity]))
        guard case .wrong = checker.check(note, size: 2, root: .ofNothing) else {
            Issue.record("the size counts")
            return
        }
    }

    @Test("a line without its content is forged, unless an erasure names it")
    func missingContent() throws {
        let commit = String(repeating: "A", count: 43)
        let erased = Fixtures.head("message.posted", "{}") + ",\"commit\":\"\(commit)\""
        try Fixtures.writeLines([Fixtures.head("x.y", "{}"), erased], to: self.log)
        var verifier = LogVerifier(self.log)
        let result = try verifier.run()
        #expect(result.status == .forgery)
        #expect(result.findings.first?.lines == 2...2)

        let other = self.directory.path.appending("other")
        let erasure = Fixtures.head("content.erased", "{\"lines\":[2],\"ordered_by\":\"admin\",\"reason\":\"asked\"}")
        try Fixtures.writeLines([Fixtures.head("x.y", "{}"), erased, erasure], to: other)
        verifier = LogVerifier(other)
        #expect(try verifier.run().status == .success)
    }

    @Test("a checkpoint with another state digest than the events give is found by replaying")
    func stateDigest() throws {
        let zero = Hash256(words: (0, 0, 0, 0))
        let lines = [
            Fixtures.head("node.started", "{\"epoch\":1,\"version\":\"1\"}"),
            Fixtures.head("log.checkpointed", "{\"size\":0,\"root\":\"\(Hash256.ofNothing)\",\"state\":\"\(zero)\"}"),
        ]
        try Fixtures.writeLines(lines, to: self.log)
        // A checkpoint of the empty log says nothing of a state.
        #expect(try self.verify().status == .success)

        let first = try #require(try Fixtures.lines(of: self.log).first)
        let root = Hash256.leaf(Array(first.utf8).span)
        let other = self.directory.path.appending("other")
        try Fixtures.writeLines(
            [lines[0], Fixtures.head("log.checkpointed", "{\"size\":1,\"root\":\"\(root)\",\"state\":\"\(zero)\"}")],
            to: other
        )
        let result = try VerifyCommand.verify(other)
        #expect(result.status == .stateDigest)
        #expect(result.findings.first?.lines == 2...2)
    }

    @Test("a checkpoint whose root never was is forged")
    func wrongRoot() throws {
        let zero = Hash256(words: (0, 0, 0, 0))
        try Fixtures.writeLines(
            [
                Fixtures.head("x.y", "{}"),
                Fixtures.head("log.checkpointed", "{\"size\":1,\"root\":\"\(zero)\",\"state\":\"\(zero)\"}"),
            ],
            to: self.log
        )
        #expect(try self.verify().status == .forgery)
    }
}
