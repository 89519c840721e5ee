import LogValues
import SystemPackage

/// Finds where a log ends, cuts off what a crash tore, and makes the log ready to be written.
///
/// Everything is looked at before anything is changed, and each change leaves a log that can be recovered again: a crash
/// may come at any moment, also here. Must be the only writer (the caller holds the directory's lock).
struct Recovery {
    /// A log that is ready to be written.
    struct Result {
        let report: RecoveryReport
        let segment: SegmentWriter
        /// The first line of the last segment whose hash does not stand beside the log as it should; nil if all do.
        let firstUnrecordedLeaf: SequenceNumber?
    }

    private let directory: FilePath
    private let configuration: EventLogConfiguration
    private let fileSystem: any FileSystem
    private let onProgress: (RecoveryProgress) -> Void
    private var catalog: SegmentCatalog
    /// Segments at the end that hold no line, since a crash interrupted their making; the last one first.
    private var unfinished: [SegmentName] = []

    init(
        _ directory: FilePath,
        _ configuration: EventLogConfiguration,
        _ fileSystem: any FileSystem,
        onProgress: @escaping (RecoveryProgress) -> Void
    ) throws(EventLogError) {
        self.directory = directory
        self.configuration = configuration
        self.fileSystem = fileSystem
        self.onProgress = onProgress
        self.catalog = try SegmentCatalog(directory, fileSystem: fileSystem)
    }

    /// Recovers the log, or makes a new one where there is none.
    ///
    /// - Throws: ``EventLogError/damaged(file:offset:_:)`` if anything but the end is wrong,
    ///   ``EventLogError/endsBeforeSynced(synced:end:)`` if the end is missing, and the errors of the file system. Nothing
    ///   has been cut off then.
    mutating func run() throws(EventLogError) -> Result {
        let note = try SyncedNote.read(in: self.directory, self.fileSystem)
        while let name = self.catalog.segments.last {
            let survey = try SegmentSurvey(
                name,
                at: self.catalog.path(of: name),
                synced: note,
                leaves: self.configuration.leafRecording == .never
                    ? nil : RecordedLeaves(in: self.directory, fileSystem: self.fileSystem),
                self.fileSystem,
                self.onProgress
            )
            guard let header = survey.header else {
                try self.check(unfinished: survey, note)
                self.unfinished.append(name)
                self.catalog.removeLast()
                continue
            }
            try self.checkEarlierHeaders(against: header)
            return try self.resume(survey, header, note)
        }
        if let note, note.end > .start {
            throw .endsBeforeSynced(synced: note.end, end: nil)
        }
        return try self.begin(beside: try self.witnessesOfLostLog())
    }

    // MARK: Checks

    /// Checks what the names promise, as far as the first block of each segment, and its end, tell; what stands between is
    /// left to readers.
    ///
    /// The first segment may begin behind line 1: its header has the tree before it. Whether anything can be made of such
    /// a log is for whoever needs the lines before, which only a snapshot stands for.
    private func checkEarlierHeaders(against last: SegmentHeader) throws(EventLogError) {
        for (name, next) in zip(self.catalog.segments, self.catalog.segments.dropFirst()) {
            var reader = try SegmentReader(name, at: self.catalog.path(of: name), self.fileSystem)
            guard let header = try reader.readHeader() else {
                throw .damaged(file: name.fileName, offset: reader.offset, .segmentHeader)
            }
            guard header.logID == last.logID else {
                throw .damaged(file: name.fileName, offset: 0, .otherLog(expected: last.logID, found: header.logID))
            }
            try SegmentTail(name, at: self.catalog.path(of: name), self.fileSystem).check(before: next)
        }
    }

    private func check(
        _ survey: SegmentSurvey,
        _ header: SegmentHeader,
        against note: SyncedNote?
    ) throws(EventLogError) {
        guard let note else { return }
        guard note.logID == header.logID else {
            throw .syncedNoteUnreadable(self.directory.appending(SyncedNote.fileName))
        }
        guard survey.frontier.size >= note.end.rawValue else {
            throw .endsBeforeSynced(synced: note.end, end: self.end(of: survey.frontier))
        }
        var root = survey.rootAtNote
        if root == nil { root = try self.root(at: note.end.rawValue) }
        // Lines that retention dropped have left nothing that could be compared.
        guard root == nil || root == note.root else { throw .differsFromSynced(note.end) }
    }

    /// The root of the first `size` lines, read from the segment that holds the last of them; nil if that was dropped.
    private func root(at size: UInt64) throws(EventLogError) -> Hash256? {
        guard let index = self.catalog.segments.lastIndex(where: { $0.base.rawValue - 1 <= size }) else { return nil }
        let name = self.catalog.segments[index]
        var reader = try SegmentReader(name, at: self.catalog.path(of: name), self.fileSystem)
        guard var tree = try reader.readHeader()?.frontier else { return nil }
        var scratch: [UInt8] = []
        while tree.size < size {
            guard try reader.advance() == nil else {
                throw .damaged(file: name.fileName, offset: reader.offset, .incomplete)
            }
            tree.append(leaf: try reader.leaf(&scratch))
        }
        return tree.root
    }

    /// Files beside the log that tell of lines behind its end.
    ///
    /// At level `always` none is ever written before its line is on the disk, so the log has lost its end. At the others
    /// that is what a power failure may cost.
    private func witnesses(_ survey: SegmentSurvey, _ header: SegmentHeader) throws(EventLogError) -> [LogWitness] {
        guard !self.configuration.isBeginning else { return [] }
        let end = survey.frontier.size
        let found = try LogWitness.all(in: self.directory, logID: header.logID, fileSystem: self.fileSystem)
            .filter { $0.line > end }
        if self.configuration.durability == .always, let witness = found.max(by: { $0.line < $1.line }) {
            throw .endsBeforeWitness(
                file: witness.file,
                line: SequenceNumber(witness.line),
                end: self.end(of: survey.frontier)
            )
        }
        return found
    }

    /// Files beside a log without lines that tell of lines.
    ///
    /// A new log must not begin beside what another one has left. But if the log's only segment is there, without a line,
    /// and commits were not synced, a power failure took its first lines.
    private func witnessesOfLostLog() throws(EventLogError) -> [LogWitness] {
        guard !self.configuration.isBeginning else { return [] }
        let found = try LogWitness.all(in: self.directory, fileSystem: self.fileSystem)
        let isPowerFailure = self.configuration.durability != .always && self.unfinished.map(\.base) == [.first]
        guard !isPowerFailure, let witness = found.max(by: { $0.line < $1.line }) else { return found }
        throw .endsBeforeWitness(file: witness.file, line: SequenceNumber(witness.line), end: nil)
    }

    // MARK: The last segment

    private func resume(
        _ survey: SegmentSurvey,
        _ header: SegmentHeader,
        _ note: SyncedNote?
    ) throws(EventLogError) -> Result {
        let path = self.catalog.path(of: survey.name)
        let file = try withLogErrors { () throws(FileSystemError) in
            try self.fileSystem.open(path, .readAndWrite)
        }
        do throws(EventLogError) {
            try self.refuseDamage(survey, file, note)
            try self.check(survey, header, against: note)
            let witnesses = try self.witnesses(survey, header)
            let setAside = try self.setUnfinishedAside()
            let cut = try self.cutTail(survey, file)
            let kept = try self.setAside(witnesses, beyond: survey.frontier.size)
            let size = try self.endFrame(survey, file)
            if self.configuration.durability != .os {
                // Lines that a killed process left in the page cache count as committed from now on, so they must be on
                // the disk; and so must the file's name.
                try withLogErrors { () throws(FileSystemError) in
                    try self.fileSystem.sync(file)
                    try self.fileSystem.syncDirectory(self.catalog.folder)
                }
            }
            let segment = try SegmentWriter.resume(
                survey.name,
                file,
                offset: size,
                textSize: survey.commitPoint.textSize,
                frameSizeBytes: self.configuration.frameSizeBytes,
                self.fileSystem
            )
            return Result(
                report: RecoveryReport(
                    logID: header.logID,
                    segmentCount: self.catalog.segments.count,
                    firstLine: self.catalog.firstLine,
                    end: self.end(of: survey.frontier),
                    frontier: survey.frontier,
                    isNew: false,
                    wasClosedCleanly: survey.ending == .frameEnd,
                    cut: cut,
                    setAside: setAside,
                    witnesses: witnesses,
                    contradictions: kept
                ),
                segment: segment,
                firstUnrecordedLeaf: survey.firstUnrecordedLeaf
            )
        } catch {
            self.fileSystem.close(file)
            throw error
        }
    }

    /// Throws if the end of the segment is not as a crash leaves it.
    ///
    /// At level `interval` what was not synced reaches the disk in any order, so a power failure may spoil a block and leave
    /// those behind it whole. Which part that was, only the note tells: without one, intact blocks decide here too.
    private func refuseDamage(
        _ survey: SegmentSurvey,
        _ file: OpenFile,
        _ note: SyncedNote?
    ) throws(EventLogError) {
        guard case .fault(let damage, let offset) = survey.ending else { return }
        if case .interval = self.configuration.durability, let note, survey.frontier.size >= note.end.rawValue {
            return
        }
        guard try TornTail.search(behind: offset, in: file, self.fileSystem) == .nothingIntact else {
            throw .damaged(file: survey.name.fileName, offset: offset, damage)
        }
    }

    /// Cuts the file at the end of its last whole commit, after what follows has been copied beside it.
    private func cutTail(_ survey: SegmentSurvey, _ file: OpenFile) throws(EventLogError) -> RecoveryReport.Cut? {
        let offset = survey.commitPoint.offset
        guard survey.fileSize > offset else { return nil }
        let kept = try self.keepTail(of: survey, file, from: offset)
        try withLogErrors { () throws(FileSystemError) in
            try self.fileSystem.truncate(file, to: offset)
            try self.fileSystem.sync(file)
        }
        var fault: (Damage, UInt64)?
        if case .fault(let damage, let faultOffset) = survey.ending { fault = (damage, faultOffset) }
        return RecoveryReport.Cut(
            segment: survey.name,
            offset: offset,
            sizeBytes: survey.fileSize - offset,
            keptAs: kept,
            fault: fault?.0,
            faultOffset: fault?.1
        )
    }

    /// Copies the bytes from `offset` on to a file of their own, so that an auditor can see what the crash tore off.
    private func keepTail(
        of survey: SegmentSurvey,
        _ file: OpenFile,
        from offset: UInt64
    ) throws(EventLogError) -> FilePath {
        let kept = try self.freePath(for: survey.name)
        let replacement = try FileReplacement.begin(of: kept, self.fileSystem)
        let copy = replacement.file
        try withLogErrors { () throws(FileSystemError) in
            try self.fileSystem.copyBytes(offset..<survey.fileSize, from: file, to: copy)
        }
        try replacement.finish()
        return kept
    }

    /// Writes the end mark and the content checksum of a frame that was open.
    ///
    /// Returns the file's size.
    private func endFrame(_ survey: SegmentSurvey, _ file: OpenFile) throws(EventLogError) -> UInt64 {
        let offset = survey.commitPoint.offset
        guard let hash = survey.commitPoint.contentHash else { return offset }
        var end: [UInt8] = []
        end.append(upTo: 8) { output in
            output.append(bigEndian: UInt32(0))
            output.append(bigEndian: hash.digest.byteSwapped)
        }
        try withLogErrors { () throws(FileSystemError) in try self.fileSystem.writeAll(file, end, at: offset) }
        return offset + 8
    }

    // MARK: Segments that hold nothing

    /// Makes sure that a segment without a whole header, and so without a line, is one whose making was interrupted.
    private func check(unfinished survey: SegmentSurvey, _ note: SyncedNote?) throws(EventLogError) {
        if let note, note.end >= survey.name.base {
            throw .endsBeforeSynced(synced: note.end, end: self.end(before: survey.name.base))
        }
        let path = self.catalog.path(of: survey.name)
        let file = try withLogErrors { () throws(FileSystemError) in try self.fileSystem.open(path, .read) }
        defer { self.fileSystem.close(file) }
        // At level `interval` its header was synced before anything else, and at `os` nothing is known to be.
        try self.refuseDamage(survey, file, nil)
    }

    /// Renames segments whose making was interrupted.
    ///
    /// - Returns: The files, under their new names.
    private func setUnfinishedAside() throws(EventLogError) -> [FilePath] {
        var kept: [FilePath] = []
        for name in self.unfinished {
            let target = try self.freePath(for: name)
            try withLogErrors { () throws(FileSystemError) in
                try self.fileSystem.rename(self.catalog.path(of: name), to: target)
                try self.fileSystem.syncDirectory(self.catalog.folder)
            }
            kept.append(target)
        }
        return kept
    }

    /// Takes what tells of lines behind the log's end out of the way.
    ///
    /// - Returns: The files, under their new names.
    private func setAside(_ witnesses: [LogWitness], beyond end: UInt64) throws(EventLogError) -> [String] {
        guard !witnesses.isEmpty else { return [] }
        return try LogWitness.setAside(beyond: end, in: self.directory, self.fileSystem)
    }

    private func begin(beside witnesses: [LogWitness]) throws(EventLogError) -> Result {
        // What tells of lines goes first: with the segment gone and a witness there, the next start would refuse.
        var kept = try self.setAside(witnesses, beyond: 0)
        if let hashes = witnesses.first(where: \.isOfHashes) {
            kept.append(try ReplacedLeaves.setAside(1...hashes.line, in: self.directory, self.fileSystem))
        }
        let setAside = try self.setUnfinishedAside()
        let (high, low) = self.configuration.makeLogID()
        let frontier = self.configuration.beginning
        let header = SegmentHeader(
            logID: Self.logID(high, low),
            base: SequenceNumber(frontier.size + 1),
            opened: UTCText.format(microseconds: self.configuration.now()),
            frontier: frontier
        )
        let segment = try SegmentWriter.create(
            header,
            in: self.catalog.folder,
            frameSizeBytes: self.configuration.frameSizeBytes,
            syncs: self.configuration.durability != .os,
            self.fileSystem
        )
        return Result(
            report: RecoveryReport(
                logID: header.logID,
                segmentCount: 1,
                firstLine: header.base,
                end: self.end(of: frontier),
                frontier: frontier,
                isNew: true,
                wasClosedCleanly: true,
                cut: nil,
                setAside: setAside,
                witnesses: witnesses,
                contradictions: kept
            ),
            segment: segment,
            firstUnrecordedLeaf: nil
        )
    }

    // MARK: Names

    /// `<segment>.torn`, or `<segment>.2.torn` and so on: what an earlier crash tore is never written over.
    private func freePath(for segment: SegmentName) throws(EventLogError) -> FilePath {
        let names = try withLogErrors { () throws(FileSystemError) in
            Set(try self.fileSystem.list(self.catalog.folder))
        }
        var name = segment.fileName + ".torn"
        var number = 2
        while names.contains(name) {
            name = "\(segment.fileName).\(number).torn"
            number += 1
        }
        return self.catalog.folder.appending(name)
    }

    /// 128 bits in hexadecimal.
    private static func logID(_ high: UInt64, _ low: UInt64) -> String {
        Hexadecimal.text(high) + Hexadecimal.text(low)
    }

    private func end(of frontier: Frontier) -> SequenceNumber? {
        frontier.size == 0 ? nil : SequenceNumber(frontier.size)
    }

    private func end(before base: SequenceNumber) -> SequenceNumber? {
        base == .first ? nil : SequenceNumber(base.rawValue - 1)
    }
}
