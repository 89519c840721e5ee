import Archive
import EventLog
import LogValues
import Projections
import RawJSON
import SystemPackage

/// Checks every frame, line, number, hash and root of a log, and what else was written down about it.
///
/// Reading stops at damage. A hash that differs stops it as well: every root behind it would differ too.
struct LogVerifier {
    struct Settings {
        /// Whether the log may begin with a later line than 1: then the first header's root is taken on trust.
        var acceptsMissingStart = false
        /// Whether the snapshots beside the log are checked too.
        var checksSnapshots = true
        /// Waits a moment for a writer, where a commit is half there.
        var pause: () -> Void = LogScan.pause
        var notes = NoteChecker(keys: [])
        /// Whether the log must say why it begins late, where it does.
        var needsDropRecord = false
        /// Whether it need not if there is no file `dropped`, of which earlier releases know nothing.
        var isFollower = false
        /// Files beside the log that tell of its lines, as they were before it was read.
        var witnesses: [LogWitness] = []
        /// Checkpoints that were kept elsewhere.
        var checkpoints: [KeptCheckpoint] = []
        /// Called now and then: where the reading has come, and how many lines were read.
        var onProgress: (SegmentName, UInt64, UInt64) -> Void = { _, _, _ in }
    }

    private static let progressStep: UInt64 = 4096

    let directory: FilePath
    let settings: Settings
    var result = Verification()
    var tree: VerifiedTree
    private var scratch: [UInt8] = []
    private var decoder = EventDecoder()
    private var segment: SegmentName?
    /// Where the last whole commit ends.
    private(set) var end: (segment: SegmentName, offset: UInt64)?
    private var erasures = ErasureCheck()
    private var signatures: SignatureCheck
    var drops = DroppedLines()
    /// Checkpoints in the order of the lines that hold them.
    private(set) var recorded: [RecordedCheckpoint] = []

    init(_ directory: FilePath, _ settings: Settings = Settings()) {
        self.directory = directory
        self.settings = settings
        self.tree = VerifiedTree(directory, settings.checkpoints)
        self.signatures = SignatureCheck(settings.notes)
    }

    /// Thrown to stop the reading, after the finding was noted.
    private struct Stop: Error {}

    /// - Throws: ``ToolFailure`` if there is nothing to verify, or files cannot be read.
    mutating func run() throws -> Verification {
        let first = try self.firstLine()
        do {
            let ending = try LogScan(directory: self.directory, pause: self.settings.pause).forEachLine(
                from: first,
                atEnd: { cursor in
                    self.end = cursor.commitEnd
                    if let header = cursor.segmentHeader { try self.enter(header) }
                },
                body: { cursor in try self.check(&cursor) }
            )
            try self.finish(ending)
            if self.settings.checksSnapshots { try self.checkSnapshots() }
        } catch is Stop {
        } catch let error as EventLogError {
            self.result.findings.append(try self.tree.finding(error))
        }
        if let refuted = self.tree.leaves.refuted {
            let isSigned = refuted.first.line <= self.signatures.signedThrough ?? 0
            self.add(DamageLocation.finding(refuted: refuted, isSigned: isSigned))
        }
        self.result.signatures = self.signatures
        self.result.frontier = self.tree.frontier
        self.result.erasedCount = self.erasures.erasedCount
        return self.result
    }

    private mutating func firstLine() throws -> SequenceNumber {
        let catalog = try withToolFailures { try SegmentCatalog(self.directory) }
        self.result.firstLine = catalog.firstLine
        self.tree.begin(with: catalog.firstLine)
        guard self.settings.acceptsMissingStart, let first = catalog.segments.first, first.base > .first else {
            return .first
        }
        let header = try withToolFailures {
            var cursor = try LogReader(self.directory).cursor(from: first.base)
            _ = try cursor?.advance()
            return cursor?.segmentHeader
        }
        if let header { self.tree.begin(with: header.frontier) }
        return first.base
    }

    // MARK: Each line

    private mutating func check(_ cursor: inout LogCursor) throws {
        let line = cursor.line.place
        if line.segment != self.segment {
            self.segment = line.segment
            if let header = cursor.segmentHeader { try self.enter(header) }
        }
        let leaf: Hash256
        do {
            leaf = try Redaction.leafHash(of: cursor.line.bytes, scratch: &self.scratch)
            try LineParts.checkStructure(of: cursor.line.bytes)
        } catch {
            throw self.stop(
                try self.tree.location.finding("not an event line: \(error)", in: line.segment, at: line.blockOffset)
                    ?? Finding(.damage, at: line, "not an event line: \(error)")
            )
        }
        self.tree.append(line, leaf)
        self.result.lineCount += 1
        self.result.textSizeBytes += UInt64(cursor.line.bytes.count) + 1
        if self.result.lineCount % Self.progressStep == 0 {
            self.settings.onProgress(line.segment, line.blockOffset, self.result.lineCount)
        }
        if Redaction.isRedacted(cursor.line.bytes) { self.erasures.takeRedacted(line) }
        switch Self.type(of: cursor.line) {
        case .checkpoint: try self.checkCheckpoint(&cursor)
        case .change: try self.checkChange(&cursor)
        case .erasure(let lines):
            self.erasures.takeOrder(line.sequenceNumber, of: lines, keptFrom: self.result.firstLine)
        case .other: break
        }
    }

    /// What a line is to a verifier.
    private enum LineType {
        case checkpoint
        /// A change of keys, or of where the log begins.
        case change
        /// An order to erase the contents of these lines.
        case erasure([UInt64])
        case other
    }

    private static func type(of line: LogLine) -> LineType {
        guard let fields = LineFields(line.bytes) else { return .other }
        if fields.type.equals("log.checkpointed") { return .checkpoint }
        if fields.type.equals("log.key_changed") || fields.type.equals("log.dropped") { return .change }
        return fields.type.equals("content.erased") ? .erasure(fields.data.lines) : .other
    }

    /// Compares a segment's header with the tree so far.
    private mutating func enter(_ header: SegmentHeader) throws {
        // A reading that was taken up again may begin inside of a segment.
        guard header.frontier.size == self.tree.size else { return }
        self.result.segmentCount += 1
        self.result.logID = header.logID
        if let range = self.tree.frontier.firstDifference(from: header.frontier) {
            throw self.stop(
                self.tree.forgery(
                    among: range,
                    KeptCheckpoint(
                        name: SegmentName(base: header.base).fileName,
                        size: header.frontier.size,
                        root: header.frontier.root
                    ),
                    "the root before line \(header.base) differs from the one in the header of "
                        + SegmentName(base: header.base).fileName
                )
            )
        }
        self.tree.confirm(through: header.frontier.size)
    }

    // MARK: Checkpoints

    private mutating func checkCheckpoint(_ cursor: inout LogCursor) throws {
        let line = cursor.line.place
        let number = line.sequenceNumber.rawValue
        guard let recorded = try? RecordedCheckpoint(cursor.line) else {
            throw try self.stopInFrame(
                &cursor,
                Finding(.damage, at: line, "the checkpoint cannot be read")
            )
        }
        let checkpoint = recorded.checkpoint
        self.result.checkpointCount += 1
        self.recorded.append(recorded)
        guard checkpoint.size < number else {
            throw try self.stopInFrame(
                &cursor,
                Finding(
                    .forgery,
                    at: line,
                    "the checkpoint describes line \(checkpoint.size), which was not there yet"
                )
            )
        }
        // One about lines that were dropped cannot be compared with anything.
        if checkpoint.size >= self.tree.startSize {
            let root = checkpoint.root
            guard try self.tree.root(at: checkpoint.size) == root else {
                throw try self.stopInFrame(
                    &cursor,
                    self.tree.forgery(
                        among: 1...max(1, checkpoint.size),
                        KeptCheckpoint(name: "the checkpoint in line \(number)", size: checkpoint.size, root: root),
                        "the root at line \(checkpoint.size) differs from the one in the checkpoint in line \(number)"
                    )
                )
            }
            self.tree.confirm(through: checkpoint.size)
        }
        self.signatures.take(checkpoint, from: recorded.source, in: line)
    }

    /// Takes a change of keys, or of where the log begins; one that cannot be read is one of a later release.
    private mutating func checkChange(_ cursor: inout LogCursor) throws {
        let line = cursor.line.place
        switch try? self.decoder.decode(cursor.line.bytes).event.payload {
        case .logKeyChanged(let change):
            self.signatures.take(change, in: line)
        case .logDropped(let dropped):
            let number = line.sequenceNumber.rawValue
            let root = dropped.root
            guard dropped.size < number,
                try dropped.size < self.tree.startSize || self.tree.root(at: dropped.size) == root
            else {
                throw try self.stopInFrame(
                    &cursor,
                    self.tree.forgery(
                        among: 1...max(1, dropped.size),
                        KeptCheckpoint(name: "the log.dropped in line \(number)", size: dropped.size, root: root),
                        "the root at line \(dropped.size) differs from the one in the log.dropped in line \(number)"
                    )
                )
            }
            self.drops.take(dropped, in: number)
        default:
            break
        }
    }

    // MARK: The end

    private mutating func finish(_ ending: LogScan.Ending) throws {
        switch ending {
        case .complete(let ending):
            self.result.ending = ending
        case .torn(let segment, let offset, let damage):
            self.result.findings.append(
                Finding(
                    .tornTail,
                    segment: segment.fileName,
                    offset: offset,
                    lines: self.tree.size + 1...self.tree.size + 1,
                    "torn tail: \(damage)"
                )
            )
        }
        if let finding = self.erasures.missingContent { self.add(finding) }
        if let finding = try self.erasures.contentStillThere(in: self.directory) { self.add(finding) }
        for kept in self.settings.checkpoints { self.check(kept) }
        try self.checkDrops()
        self.checkWitnesses()
        try self.checkSignatures()
        guard !self.result.findings.contains(where: { $0.status == .forgery }) else { return }
        if self.result.ending != .closed, let finding = try self.tree.location.doubledBlock() {
            self.add(finding)
        } else {
            self.checkLeaves()
        }
    }

    /// Says so if a file beside the log tells of lines behind its end.
    private mutating func checkWitnesses() {
        let size = self.tree.size
        guard let witness = self.settings.witnesses.max(by: { $0.line < $1.line }), witness.line > size else { return }
        self.add(
            Finding(
                .damage,
                segment: self.end?.segment.fileName,
                offset: self.end?.offset,
                lines: size + 1...witness.line,
                "missing: \(witness.file) tells of line \(witness.line), and the log ends at \(size); its end was cut off, or, at "
                    + "durability interval or os, a power failure took it"
            )
        )
    }

    /// Says what is wrong with signatures; of lines that are not what was written, nothing more need be said.
    private mutating func checkSignatures() throws {
        let end = self.tree.size
        let isRight = self.result.findings.allSatisfy { $0.status != .forgery && $0.status != .damage }
        let lag = CheckpointLag(
            directory: self.directory,
            signed: self.signatures.signedThrough ?? 0,
            end: end,
            decider: self.signatures.decider
        )
        for finding in try self.signatures.findings(end: end, lag: { isRight ? try lag.reason() : nil }) {
            self.add(finding)
        }
    }

    /// Says what is to be said of the first line that has another hash than was recorded, where no root told which is right.
    private mutating func checkLeaves() {
        guard let mismatch = self.tree.leaves.first(through: .max) else { return }
        let isOpen = self.tree.leaves.inFrame == mismatch && self.result.ending != .closed
        self.add(self.tree.location.finding(unexplained: mismatch, isInOpenFrame: isOpen))
    }

    // MARK: Findings

    mutating func add(_ finding: Finding) { self.result.findings.append(finding) }

    mutating func addWholeSnapshot() { self.result.snapshotCount += 1 }

    private mutating func stop(_ finding: Finding) -> Stop {
        self.result.findings.append(finding)
        return Stop()
    }

    /// The same, unless the frame that is being read turns out to be damaged: then that is what is wrong, and not what its
    /// lines say.
    private mutating func stopInFrame(_ cursor: inout LogCursor, _ finding: Finding) throws -> Stop {
        let frame = self.tree.leaves.frame
        do {
            while try cursor.advance(), cursor.line.segment == frame?.segment, cursor.line.frameOffset == frame?.offset
            {}
        } catch EventLogError.damaged(let file, let offset, let damage) {
            return self.stop(try self.tree.finding(.damaged(file: file, offset: offset, damage)))
        }
        return self.stop(finding)
    }
}
