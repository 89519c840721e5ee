import ArgumentParser
import EventLog
import Foundation
import LogValues
import Projections
import SystemPackage
import TestSupport
import Testing

@testable import channelstream_log

@Suite("A log of which a part is missing")
struct MissingPartsTests {
    private let directory: TemporaryDirectory
    private var log: FilePath { self.directory.log }

    init() throws {
        self.directory = try TemporaryDirectory()
    }

    // MARK: The end

    private func cutEnd() throws {
        let last = try #require(try Fixtures.segments(of: self.log).last)
        try FileManager.default.removeItem(atPath: last.string)
        let synced = self.log.appending("synced").string
        if FileManager.default.fileExists(atPath: synced) { try FileManager.default.removeItem(atPath: synced) }
    }

    @Test("hashes that reach further tell of a lost end")
    func hashes() throws {
        try Fixtures.writeLog(to: self.log) { $0.leafRecording = .always }
        let whole = try VerifyCommand.verify(self.log, checksState: false)
        try self.cutEnd()
        let result = try VerifyCommand.verify(self.log, checksState: false)
        #expect(result.status == .damage)
        let finding = try #require(result.findings.first)
        let lines = try #require(finding.lines)
        #expect(lines == result.frontier.size + 1...whole.frontier.size)
        #expect(finding.message.contains("hashes/0"))
    }

    @Test("a snapshot that stands for later lines tells of one")
    func snapshot() throws {
        try Fixtures.writeLog(to: self.log)
        let names = try SampleSnapshots.make(of: self.log, count: 1, from: 290)
        try self.cutEnd()
        let result = try VerifyCommand.verify(self.log, checksState: false)
        #expect(result.status == .damage)
        #expect(result.findings.contains { $0.message.contains("snapshots/\(names[0])") })
    }

    @Test("a repair goes on without it, in a log that is intact, and says up to where it was known")
    func repair() throws {
        try Fixtures.writeLog(to: self.log) { $0.leafRecording = .always }
        let end = try VerifyCommand.verify(self.log, checksState: false).frontier.size
        try self.cutEnd()
        let finding = try #require(try VerifyCommand.verify(self.log, checksState: false).findings.first)
        let copy = self.directory.path.appending("copy")
        let record = String(decoding: try LogRepair(self.log, finding).run(to: copy), as: UTF8.self)
        #expect(record.contains("\"lost_through_at_least\":\(end)"))
        #expect(try VerifyCommand.verify(copy, checksState: false).status == .success)
    }

    // MARK: The beginning

    /// Drops the first two segments, after an event of this kind, if any.
    private func cutBeginning(_ record: ((SequenceNumber, Hash256) -> LogDropped)?) throws -> SequenceNumber {
        try Fixtures.writeLog(to: self.log)
        let segments = try SegmentCatalog(self.log).segments
        let first = segments[2].base
        let header = try #require(try LogReader(self.log).header(of: segments[2]))
        if let record {
            let event = Event(
                time: Timestamp(microseconds: 1_795_470_000_000_000),
                source: SampleLog.source,
                payload: .logDropped(record(first, header.frontier.root))
            )
            let log = try TestLog(PosixFileSystem(), directory: self.log)
            var batch = LineBatch()
            batch.append { event.appendHead(to: &$0) }
            log.commit(batch)
            log.close()
        }
        _ = try SampleSnapshots.make(of: self.log, count: 2, from: first.rawValue + 10)
        for segment in segments.prefix(2) {
            try FileManager.default.removeItem(atPath: SegmentCatalog(self.log).path(of: segment).string)
        }
        return first
    }

    private static func dropped(_ first: SequenceNumber, _ root: Hash256) -> LogDropped {
        LogDropped(
            first: 1,
            size: first.rawValue - 1,
            root: root,
            rule: "retention_age",
            limit: 60
        )
    }

    @Test(
        "first lines that are gone without a word are reported, though snapshots stand for them; --partial accepts it"
    )
    func byHand() throws {
        let first = try self.cutBeginning(nil)
        let result = try VerifyCommand.verify(self.log, checksState: false)
        #expect(result.status == .damage)
        let finding = try #require(result.findings.first)
        let lines = try #require(finding.lines)
        #expect(lines == 1...first.rawValue - 1)
        #expect(try VerifyCommand.verify(self.log, checksState: false, acceptsMissingStart: true).status == .success)
    }

    @Test("what retention dropped, and said so, is right")
    func byRetention() throws {
        _ = try self.cutBeginning(Self.dropped)
        #expect(try VerifyCommand.verify(self.log).findings == [])
    }

    // MARK: The beginning, of a follower

    /// What a follower notes before it drops the lines before this one.
    private func note(_ first: SequenceNumber, _ change: (inout Frontier) -> Void = { _ in }) throws {
        let header = try #require(try LogReader(self.log).header(of: SegmentName(base: first)))
        var frontier = header.frontier
        change(&frontier)
        let loss = LogRetention.Loss(first: .first, frontier: frontier)
        try DropNote(logID: header.logID, loss, reason: "retention_size", limit: 5).write(in: self.log)
    }

    private func cutFirstSegment() throws {
        let catalog = try SegmentCatalog(self.log)
        try FileManager.default.removeItem(atPath: catalog.path(of: try #require(catalog.segments.first)).string)
    }

    @Test(
        "what a follower dropped by its own rule is told by its note, also when it follows no more; and that this is unsigned"
    )
    func byFollower() throws {
        try self.note(self.cutBeginning(nil))
        let result = try VerifyCommand.verify(self.log)
        #expect(result.findings == [])
        #expect(result.dropRecord?.text == "retention_size of 5 bytes, as the file dropped says, which nobody signed")
        let text = try #require(try DroppedLines.explanation(in: self.log))
        #expect(text.contains("were dropped (retention_size of 5 bytes, as the file dropped says"))
    }

    @Test(
        "a note about other lines, or more cut by hand than it says, is reported, of a follower as well",
        arguments: [false, true]
    )
    func byHandOfFollower(isFollower: Bool) throws {
        let first = try self.cutBeginning(nil)
        if isFollower {
            try Fixtures.write(Array(#"{"primary":"http://a","keys":[]}"#.utf8), to: self.log.appending("following"))
        }
        try self.note(first) { $0.append(leaf: .ofNothing) }
        #expect(try VerifyCommand.verify(self.log, checksState: false).status == .damage)
        try self.note(first)
        #expect(try VerifyCommand.verify(self.log, checksState: false).status == .success)
        try self.cutFirstSegment()
        #expect(try VerifyCommand.verify(self.log, checksState: false).status == .damage)
    }

    @Test("a backup of a follower tells what the follower's note tells; of one that has none, that it was a follower's")
    func backupOfFollower() throws {
        let first = try self.cutBeginning(nil)
        try Fixtures.write(Array(#"{"primary":"http://a","keys":[]}"#.utf8), to: self.log.appending("following"))
        for (number, reason) in ["followed", "retention_size"].enumerated() {
            if number == 1 { try self.note(first) }
            let copy = self.directory.path.appending("copy\(number)")
            _ = try BackupCommand.copy(self.log, to: copy)
            let result = try VerifyCommand.verify(copy, checksState: false)
            #expect(result.findings == [])
            #expect(result.dropRecord?.reason == reason)
        }
    }

    @Test("more than was said is reported, with the lines of which nothing was said")
    func more() throws {
        var said: UInt64 = 0
        let first = try self.cutBeginning { first, _ in
            said = first.rawValue - 5
            // Whether the root of lines that are gone is right, only the header can tell.
            return LogDropped(
                first: 1,
                size: said,
                root: Hash256(words: (1, 2, 3, 4)),
                rule: "retention_size",
                limit: 1
            )
        }
        let result = try VerifyCommand.verify(self.log, checksState: false)
        let finding = try #require(result.findings.first)
        let lines = try #require(finding.lines)
        #expect(lines == said + 1...first.rawValue - 1)
    }

    @Test("a record with another root than the lines that are kept begin with is forged")
    func otherRoot() throws {
        _ = try self.cutBeginning { first, _ in Self.dropped(first, .ofNothing) }
        #expect(try VerifyCommand.verify(self.log, checksState: false).status == .forgery)
    }

    @Test(
        "a message in dropped lines: what is not found is said to have been there perhaps, with the rule and the line"
    )
    func lineage() throws {
        let first = try self.cutBeginning(Self.dropped)
        let text = try #require(try DroppedLines.explanation(in: self.log))
        #expect(text.contains("lines 1–\(first.rawValue - 1) were dropped (retention_age of 60 s, as line"))
        let uuid = "00000000-0000-4000-8000-000000000000"
        #expect {
            try LineageCommand.parse([uuid, self.log.string]).run()
        } throws: { error in
            guard let failure = error as? ToolFailure else { return false }
            return failure.status == .negative && failure.message.contains("may have been among them")
        }
    }
}
