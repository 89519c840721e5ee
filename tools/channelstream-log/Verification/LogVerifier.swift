import EventLog
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
        /// Checkpoints that were kept elsewhere.
        var checkpoints: [KeptCheckpoint] = []
        /// Called now and then: where the reading has come, and how many lines were read.
        var onProgress: (SegmentName, UInt64, UInt64) -> Void = { _, _, _ in }
    }

    private static let progressStep: UInt64 = 4096

    let directory: FilePath
    private let settings: Settings
    private var result = Verification()
    private var history = TreeHistory()
    /// The tree of all lines before the first that is kept; nil if that is line 1.
    private var start: Frontier?
    private var scratch: [UInt8] = []
    private var decoder = EventDecoder()
    /// All lines up to here are what a root says that was written down elsewhere in the log.
    private var confirmedSize: UInt64 = 0
    private var segment: SegmentName?
    /// Where the last whole commit ends.
    private var end: (segment: SegmentName, offset: UInt64)?
    /// Lines in their redacted form that no erasure has named yet, and where they stand.
    private var unexplained: [UInt64: (segment: SegmentName, offset: UInt64)] = [:]
    /// Checkpoints in the order of the lines that hold them.
    private(set) var recorded: [RecordedCheckpoint] = []

    init(_ directory: FilePath, _ settings: Settings = Settings()) {
        self.directory = directory
        self.settings = settings
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
                body: { line, cursor in try self.check(line, cursor) }
            )
            self.finish(ending)
            if self.settings.checksSnapshots { try self.checkSnapshots() }
        } catch is Stop {
        } catch let error as EventLogError {
            self.result.findings.append(Finding(error, at: self.history.frontier.size + 1))
        }
        self.result.frontier = self.history.frontier
        return self.result
    }

    private mutating func firstLine() throws -> SequenceNumber {
        let catalog = try withToolFailures { try SegmentCatalog(self.directory) }
        self.result.firstLine = catalog.firstLine
        guard self.settings.acceptsMissingStart, let first = catalog.segments.first, first.base > .first else {
            return .first
        }
        let cursor = try withToolFailures { try LogReader(self.directory).cursor(from: first.base) }
        _ = try withToolFailures { try cursor?.next() }
        if let header = cursor?.segmentHeader {
            self.history = TreeHistory(header.frontier)
            self.start = header.frontier
            self.confirmedSize = header.frontier.size
        }
        return first.base
    }

    // MARK: Each line

    private mutating func check(_ line: LogLine, _ cursor: LogCursor) throws {
        if line.segment != self.segment {
            self.segment = line.segment
            if let header = cursor.segmentHeader { try self.enter(header) }
        }
        let leaf: Hash256
        do {
            leaf = try Redaction.leafHash(of: line.bytes, scratch: &self.scratch)
            var scanner = JSONScanner(line.bytes, maximumDepth: JSONLimits.depth)
            try scanner.skipValue()
            try scanner.finish()
        } catch {
            throw self.stop(
                Finding(
                    .damage,
                    segment: line.segment.fileName,
                    offset: line.blockOffset,
                    lines: line.sequenceNumber.rawValue...line.sequenceNumber.rawValue,
                    "not an event line: \(error)"
                )
            )
        }
        self.history.append(leaf: leaf)
        self.result.lineCount += 1
        self.result.textSizeBytes += UInt64(line.bytes.count) + 1
        if self.result.lineCount % Self.progressStep == 0 {
            self.settings.onProgress(line.segment, line.blockOffset, self.result.lineCount)
        }
        if ErasedLine.isErased(line.bytes) {
            self.result.erasedCount += 1
            self.unexplained[line.sequenceNumber.rawValue] = (line.segment, line.blockOffset)
        }
        // The rare types, told from a long way off: most of a log is neither.
        guard let type = LineFields.typeHint(line.bytes), type == UInt8(ascii: "l") || type == UInt8(ascii: "c"),
            let fields = LineFields(line.bytes)
        else { return }
        if fields.type.equals("log.checkpointed") {
            try self.checkCheckpoint(line)
        } else if fields.type.equals("content.erased") {
            for erased in DataFields(fields.dataAndRest).lines { self.unexplained[erased] = nil }
        }
    }

    /// Compares a segment's header with the tree so far.
    private mutating func enter(_ header: SegmentHeader) throws {
        // A reading that was taken up again may begin inside of a segment.
        guard header.frontier.size == self.history.frontier.size else { return }
        self.result.segmentCount += 1
        self.result.logID = header.logID
        if let range = self.history.frontier.firstDifference(from: header.frontier) {
            throw self.stop(
                self.forgery(
                    among: range,
                    "the root before line \(header.base) differs from the one in the header of "
                        + SegmentName(base: header.base).fileName
                )
            )
        }
        self.confirmedSize = header.frontier.size
    }

    // MARK: Checkpoints

    private mutating func checkCheckpoint(_ line: LogLine) throws {
        let number = line.sequenceNumber.rawValue
        guard let event = try? self.decoder.decode(line.bytes).event,
            case .logCheckpointed(let checkpoint) = event.payload
        else {
            throw self.stop(
                Finding(
                    .damage,
                    segment: line.segment.fileName,
                    offset: line.blockOffset,
                    lines: number...number,
                    "the checkpoint cannot be read"
                )
            )
        }
        self.result.checkpointCount += 1
        self.recorded.append(
            RecordedCheckpoint(
                line: number,
                segment: line.segment,
                blockOffset: line.blockOffset,
                checkpoint: checkpoint
            )
        )
        guard checkpoint.size < number else {
            throw self.stop(
                Finding(
                    .forgery,
                    segment: line.segment.fileName,
                    offset: line.blockOffset,
                    lines: number...number,
                    "the checkpoint describes line \(checkpoint.size), which was not there yet"
                )
            )
        }
        // One about lines that were dropped cannot be compared with anything.
        if checkpoint.size >= self.startSize {
            guard try self.root(at: checkpoint.size) == Hash256(words: checkpoint.root.words) else {
                throw self.stop(
                    self.forgery(
                        among: 1...max(1, checkpoint.size),
                        "the root at line \(checkpoint.size) differs from the one in the checkpoint in line \(number)"
                    )
                )
            }
            self.confirmedSize = max(self.confirmedSize, checkpoint.size)
        }
        self.checkNote(checkpoint, of: line)
    }

    private mutating func checkNote(_ checkpoint: LogCheckpointed, of line: LogLine) {
        guard let note = checkpoint.note else { return }
        switch self.settings.notes.check(note, size: checkpoint.size, root: Hash256(words: checkpoint.root.words)) {
        case .signed:
            self.result.signatureCount += 1
        case .unknownKey:
            self.result.uncheckedSignatureCount += 1
        case .wrong(let trouble):
            let number = line.sequenceNumber.rawValue
            self.result.findings.append(
                Finding(
                    .signature,
                    segment: line.segment.fileName,
                    offset: line.blockOffset,
                    lines: number...number,
                    "the checkpoint's note: \(trouble)"
                )
            )
        }
    }

    /// Lines before the first that is kept.
    private var startSize: UInt64 { self.result.firstLine.rawValue - 1 }

    /// The root that the log had at a size; nil if it never had that size.
    func root(at size: UInt64) throws -> Hash256? {
        switch self.history.root(at: size) {
        case .root(let root): return root
        case .beyond: return nil
        case .tooOld(var tree):
            var scratch: [UInt8] = []
            try LogReader(self.directory).forEachLine(
                from: SequenceNumber(tree.size + 1),
                through: SequenceNumber(size)
            ) { line in
                tree.append(leaf: try Redaction.leafHash(of: line.bytes, scratch: &scratch))
            }
            return tree.root
        }
    }

    // MARK: The end

    private mutating func finish(_ ending: LogScan.Ending) {
        switch ending {
        case .complete(let ending):
            self.result.ending = ending
        case .torn(let segment, let offset, let damage):
            self.result.findings.append(
                Finding(
                    .tornTail,
                    segment: segment.fileName,
                    offset: offset,
                    lines: self.history.frontier.size + 1...self.history.frontier.size + 1,
                    "torn tail: \(damage)"
                )
            )
        }
        for (line, place) in self.unexplained.sorted(by: { $0.key < $1.key }).prefix(1) {
            self.result.findings.append(
                Finding(
                    .forgery,
                    segment: place.segment.fileName,
                    offset: place.offset,
                    lines: line...line,
                    "the content is missing, and no content.erased names the line"
                )
            )
        }
        for kept in self.settings.checkpoints { self.check(kept) }
    }

    private mutating func check(_ kept: KeptCheckpoint) {
        guard kept.size >= self.startSize else { return self.checkByHashes(kept) }
        guard kept.size <= self.history.frontier.size else {
            self.result.findings.append(
                Finding(
                    .damage,
                    segment: self.end?.segment.fileName,
                    offset: self.end?.offset,
                    lines: self.history.frontier.size + 1...kept.size,
                    "\(kept.name): the log ended at line \(kept.size) or later, and now ends at "
                        + "\(self.history.frontier.size)"
                )
            )
            return
        }
        guard (try? self.root(at: kept.size)) == kept.root else {
            let range = self.confirmedSize >= kept.size ? 1...max(1, kept.size) : self.confirmedSize + 1...kept.size
            self.result.findings.append(
                self.located(
                    .forgery,
                    range,
                    "\(kept.name): the root at line \(kept.size) was another: history was rewritten"
                )
            )
            return
        }
    }

    /// Checks a root of lines that were dropped: their hashes show whether the lines that are kept go on from them.
    private mutating func checkByHashes(_ kept: KeptCheckpoint) {
        let start = self.startSize
        guard let hashes = try? HashTree(in: self.directory, .read), hashes.firstLine == .first, hashes.size >= start,
            (try? hashes.root(ofFirst: start)) == self.start?.root,
            (try? hashes.consistencyProof(from: kept.size, to: start)) != nil
        else {
            self.result.findings.append(
                Finding(
                    .negative,
                    "\(kept.name): line \(kept.size) was dropped, and the hashes beside the log do not reach back to it: it "
                        + "cannot be compared"
                )
            )
            return
        }
        guard (try? hashes.root(ofFirst: kept.size)) != kept.root else { return }
        self.result.findings.append(
            Finding(
                .forgery,
                lines: 1...max(1, kept.size),
                "\(kept.name): the root at line \(kept.size) was another: history was rewritten"
            )
        )
    }

    // MARK: Findings

    mutating func add(_ finding: Finding) { self.result.findings.append(finding) }

    mutating func addWholeSnapshot() { self.result.snapshotCount += 1 }

    private mutating func stop(_ finding: Finding) -> Stop {
        self.result.findings.append(finding)
        return Stop()
    }

    /// A root differs: somewhere among these lines that no root has confirmed.
    private func forgery(among lines: ClosedRange<UInt64>, _ message: String) -> Finding {
        let first = max(lines.lowerBound, min(self.confirmedSize + 1, lines.upperBound))
        return self.located(.forgery, first...lines.upperBound, message)
    }

    /// A finding that says where its first line stands.
    private func located(_ status: ExitStatus, _ lines: ClosedRange<UInt64>, _ message: String) -> Finding {
        let cursor = try? LogReader(self.directory).cursor(from: SequenceNumber(max(1, lines.lowerBound)))
        let line = try? cursor?.next()
        return Finding(
            status,
            segment: line?.segment.fileName,
            offset: line?.blockOffset,
            lines: lines,
            message
        )
    }
}
