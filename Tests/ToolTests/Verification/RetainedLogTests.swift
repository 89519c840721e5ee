import Archive
import EventLog
import Foundation
import LogValues
import Projections
import RawJSON
import SystemPackage
import TestSupport
import Testing

@testable import channelstream_log

/// A log whose first segments were dropped, with two snapshots that stand for them.
@Suite("A log that begins late")
struct RetainedLogTests {
    private let temporary: TemporaryDirectory
    private let whole: FilePath
    private let kept: FilePath
    private let first: SequenceNumber
    private let snapshots: [SnapshotName]

    init() throws {
        self.temporary = try TemporaryDirectory()
        self.whole = self.temporary.path.appending("whole")
        self.kept = self.temporary.path.appending("kept")
        var settings = SampleLog.Settings()
        settings.segmentSizeBytes = 4000
        for directory in [self.whole, self.kept] { try SampleLog.write(to: directory, settings) }
        self.snapshots = try SampleSnapshots.make(of: self.kept, count: 2, from: 120)
        let retention = LogRetention(self.kept, RetentionLimits(sizeBytes: 0))
        _ = try retention.drop(retention.dueSegments(now: 0)?.segments ?? [], through: self.snapshots[0].through)
        self.first = try SegmentCatalog(self.kept).firstLine
    }

    private var end: UInt64 {
        get throws {
            var end: UInt64 = 0
            try LogReader(self.whole).forEachLine { end = $0.sequenceNumber.rawValue }
            return end
        }
    }

    @Test("verifies, state digests and snapshots included, and says where it begins")
    func verifies() throws {
        #expect(self.first > .first)
        let result = try VerifyCommand.verify(self.kept, needsDropRecord: false)
        #expect(result.findings.isEmpty)
        #expect(result.snapshotCount == 2)
        #expect(result.firstLine == self.first)
        #expect(result.stateDigestCount ?? 0 > 0)
        let reference = try VerifyCommand.verify(self.whole)
        #expect(result.frontier == reference.frontier, "the tree is that of all lines")
        let text = String(decoding: VerificationReport(result: result).text, as: UTF8.self)
        #expect(text.contains("first line kept"))
    }

    @Test("without snapshots its beginning is missing, unless that is said to be right; then the state is left out")
    func withoutSnapshots() throws {
        try SnapshotStore(in: self.kept).removeAll(butNewest: 0)
        #expect(try VerifyCommand.verify(self.kept, needsDropRecord: false).status == .damage)
        let result = try VerifyCommand.verify(self.kept, acceptsMissingStart: true)
        #expect(result.findings.isEmpty)
        #expect(result.stateDigestCount == nil)
        #expect(result.stateDigestOmission?.contains("there is no snapshot before it") == true)
    }

    @Test("gives the same states as the whole log, from the oldest snapshot on")
    func states() throws {
        for line in self.snapshots[0].through.rawValue...(try self.end) {
            var ours = try StateAt(self.kept, at: .line(line), computesRoot: true)
            var theirs = try StateAt(self.whole, at: .line(line), computesRoot: true)
            #expect(ours.digest() == theirs.digest())
            #expect(ours.tree == theirs.tree)
            #expect(ours.time == theirs.time)
            #expect(
                StateWriter.whole(ours.state, time: ours.time, digest: ours.digest())
                    == StateWriter.whole(theirs.state, time: theirs.time, digest: theirs.digest())
            )
        }
    }

    @Test("gives the same states at moments, times that step back included")
    func moments() throws {
        var decoder = EventDecoder()
        var times: [Timestamp] = []
        try LogReader(self.kept).forEachLine(from: self.snapshots[0].through.next.next) { line in
            times.append(try decoder.decode(line.bytes).event.time)
        }
        for time in times.enumerated().filter({ $0.offset % 7 == 0 }).map(\.element) {
            let ours = try StateAt(self.kept, at: .moment(Moment(time)))
            let theirs = try StateAt(self.whole, at: .moment(Moment(time)))
            #expect(ours.state.position == theirs.state.position)
        }
    }

    @Test("does not tell a state before the oldest snapshot, and says why")
    func tooEarly() throws {
        let line = self.first.rawValue
        #expect {
            _ = try StateAt(self.kept, at: .line(line))
        } throws: { error in
            guard let failure = error as? ToolFailure else { return false }
            return failure.status == .negative
                && failure.message.contains("the log begins with line \(line)")
                && failure.message.contains("the oldest snapshot is as of line \(self.snapshots[0].through)")
        }
    }

    @Test("a line that was dropped is asked for in vain: the answer names the first that is kept")
    func droppedLine() throws {
        #expect {
            try withToolFailures { try LogScan(directory: self.kept).forEachLine(from: .first) { _ in } }
        } throws: { error in
            guard let failure = error as? ToolFailure else { return false }
            return failure.status == .damage && failure.message.contains("the log begins with line \(self.first)")
        }
    }

    @Test("a snapshot that is damaged, or says what the log does not, is found")
    func badSnapshots() throws {
        let path = SnapshotStore(in: self.kept).path(of: self.snapshots[1])
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path.string)))
        var damaged = bytes
        damaged[damaged.count / 2] ^= 1
        try Data(damaged).write(to: URL(fileURLWithPath: path.string))
        let result = try VerifyCommand.verify(self.kept, checksState: false, needsDropRecord: false)
        #expect(result.findings.map(\.status) == [.damage])
        #expect(result.findings.first?.segment == "snapshots/\(self.snapshots[1])")
        #expect(result.snapshotCount == 1)

        // Of another history: whole in itself, and about a line that this log has.
        var settings = SampleLog.Settings()
        settings.seed = 99
        let other = self.temporary.path.appending("other")
        try SampleLog.write(to: other, settings)
        let foreign = try SampleSnapshots.make(of: other, count: 1, from: 150)[0]
        let store = SnapshotStore(in: self.whole)
        _ = try PosixFileSystem().createDirectory(store.folder)
        try FileManager.default.copyItem(
            atPath: SnapshotStore(in: other).path(of: foreign).string,
            toPath: store.path(of: foreign).string
        )
        #expect(try VerifyCommand.verify(self.whole, checksState: false).status == .forgery)
        // And no answer rests on it.
        var replayed = try StateAt(self.whole, at: nil)
        try store.remove([foreign])
        var reference = try StateAt(self.whole, at: nil)
        #expect(replayed.digest() == reference.digest())
    }

    @Test("a user's state that was changed in a snapshot is found by replaying from line 1")
    func changedValue() throws {
        let name = try SampleSnapshots.make(of: self.whole, count: 1, from: 150)[0]
        let store = SnapshotStore(in: self.whole)
        var lines: [[UInt8]] = []
        let file = try store.open(name)
        try file.forEachLine { line in
            let text = String(decoding: line, as: UTF8.self)
            lines.append(Array(text.replacingOccurrences(of: "\"mood\":\"fine\"", with: "\"mood\":\"evil\"").utf8))
        }
        try store.write(file.header) { writer in
            for line in lines { try writer.write(line.span) }
        }
        #expect(try VerifyCommand.verify(self.whole, checksState: false).findings.isEmpty)
        let result = try VerifyCommand.verify(self.whole, checksState: true)
        #expect(result.findings.map(\.status) == [.stateDigest])
    }

    @Test("a copy of it is the same, snapshots included, and lists them")
    func copies() throws {
        let copy = self.temporary.path.appending("copy")
        #expect(try BackupCommand.copy(self.kept, to: copy)?.rawValue == (try self.end))
        #expect(try SnapshotStore(in: copy).names() == self.snapshots)
        #expect(try VerifyCommand.verify(copy, needsDropRecord: false).findings.isEmpty)
        let list = try SnapshotList(copy)
        #expect(list.firstLine == self.first)
        let text = String(decoding: list.rendered(.ndjson), as: UTF8.self)
        #expect(text.split(separator: "\n").count == 2)
        #expect(text.contains("\"state\":\"whole\""))
    }

    @Test("a checkpoint that was kept elsewhere of lines that are gone is compared by the hashes, if they are there")
    func keptCheckpoint() throws {
        let size: UInt64 = 20
        let root = try StateAt(self.whole, at: .line(size), computesRoot: true).tree.root
        func verify(_ root: Hash256) throws -> Int32 {
            var settings = LogVerifier.Settings()
            settings.acceptsMissingStart = true
            settings.checkpoints = [KeptCheckpoint(name: "kept", size: size, root: root)]
            var verifier = LogVerifier(self.kept, settings)
            return try verifier.run().status.rawValue
        }
        #expect(try verify(root) == 1, "cannot be compared")
        // The hashes of the whole log, as a hub that made proofs has them.
        try HashTree(in: self.whole, .readAndWrite).catchUp()
        try FileManager.default.copyItem(
            atPath: self.whole.appending("hashes").string,
            toPath: self.kept.appending("hashes").string
        )
        #expect(try verify(root) == 0)
        #expect(try verify(.ofNothing) == 5, "forged")
    }

    @Test("is of one history with its own backup from before, whichever of them is named first")
    func comparison() throws {
        for (a, b) in [(self.kept, self.whole), (self.whole, self.kept)] {
            var comparison = LogComparison()
            try comparison.run(a, b)
            #expect(comparison.relation == .equal)
            #expect(comparison.first == self.first)
            #expect(comparison.common == (try self.end) - self.first.rawValue + 1)
            #expect(try ToolProcess("diff", a.string, b.string).status == 0)
        }
    }

    @Test("parts from another history also where that shows in dropped lines only")
    func partedBefore() throws {
        let other = self.temporary.path.appending("other")
        var settings = SampleLog.Settings()
        settings.segmentSizeBytes = 4000
        settings.alteredMessage = 1
        try SampleLog.write(to: other, settings)
        var comparison = LogComparison()
        try comparison.run(self.kept, other)
        #expect(comparison.relation == .parted)
        #expect(comparison.isPartedBefore)
        let run = try ToolProcess("diff", self.kept.string, other.string)
        #expect(run.status == ExitStatus.negative.rawValue)
        #expect(run.errors.contains("part before line \(self.first)"))
    }

    @Test("has no line in common with a log that ends before it begins, and nothing is said of the two")
    func noCommonLine() throws {
        let short = self.temporary.path.appending("short")
        let second = try #require(try SegmentCatalog(self.whole).segments.dropFirst().first)
        let bad = Finding(.damage, segment: second.fileName, offset: 0, "as if")
        _ = try LogRepair(self.whole, bad).run(to: short)
        var comparison = LogComparison()
        #expect(throws: ToolFailure.self) { try comparison.run(self.kept, short) }
    }
}

/// Makes snapshots of a sample log, as a hub does.
enum SampleSnapshots {
    /// Of the places that the first checkpoints behind a line are about.
    static func make(of directory: FilePath, count: Int, from line: UInt64) throws -> [SnapshotName] {
        let reader = LogReader(directory)
        let recorded = try RecordedCheckpoint.all(in: reader).map(\.checkpoint)
        let first = try #require(try SegmentCatalog(directory).segments.first)
        let logID = try #require(try reader.header(of: first)).logID
        return try recorded.filter { $0.size >= line }.prefix(count).map { checkpoint in
            let found = try StateAt(directory, at: .line(checkpoint.size), computesRoot: true)
            var state = found.state
            let header = SnapshotHeader(
                logID: logID,
                madeAt: 0,
                frontier: found.tree,
                context: Array(#"{"before":\#(checkpoint.size),"times":[]}"#.utf8)
            )
            try SnapshotStore(in: directory).write(header) { file in try state.writeSnapshot { try file.write($0) } }
            return header.name
        }
    }
}
