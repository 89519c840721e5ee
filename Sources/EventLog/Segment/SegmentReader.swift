import LogValues
import RawJSON
import SystemPackage

/// Reads the lines of one segment in order, and checks the number and the structure of each.
///
/// Lines are handed out commit by commit: what stands after the last whole commit is kept back, as recovery would cut it
/// off. Memory is bounded by the LZ4 window and the largest commit. One thread at a time.
struct SegmentReader: ~Copyable {
    /// The reason why no whole commit follows.
    enum Ending: Equatable {
        /// The file ends after a whole frame.
        case frameEnd
        /// The file ends inside a frame, after a whole block: the segment is being written, or was when its writer died.
        case openFrame
        /// The file ends inside a structure, or what stands there is wrong.
        case fault(Damage, offset: UInt64)
    }

    /// The end of a whole commit: a place where the file may be cut.
    struct CommitPoint {
        /// Bytes of the file up to here.
        var offset: UInt64 = 0
        /// Hash of the frame's text up to here; nil between frames.
        var contentHash: XXH32?
        /// Decoded bytes of the segment up to here.
        var textSize: UInt64 = 0
    }

    let name: SegmentName
    private let fileSystem: any FileSystem
    private let file: OpenFile
    private var frames: LZ4FrameReader

    /// The header, once the first block has been read.
    private(set) var header: SegmentHeader?
    /// The header as it is written, without its newline.
    private(set) var headerText: [UInt8] = []
    /// The end of the last whole commit.
    ///
    /// At an ending, its last line has been handed out.
    private(set) var commitPoint = CommitPoint()
    /// The end of the last frame whose checksum was read and was right; 0 before the first.
    private(set) var wholeFramesEnd: UInt64 = 0
    /// The number that the next line must have.
    private(set) var nextLine: SequenceNumber
    private var textSize: UInt64 = 0

    /// Where the text of a whole commit is.
    private enum Source {
        /// There is none: all that was read has been handed out.
        case none
        /// It is the frame reader's block.
        case block
        /// It spans several blocks.
        case gathered
    }

    private var source = Source.none
    /// How much of ``text`` was handed out.
    private var textAt = 0
    /// The start of the block of ``text``, if it is one block.
    private var blockOffset: UInt64 = 0
    /// Text of a commit whose last block has not been read, or, while it is the source, of one that has.
    private var gathered = CommitText()
    /// The line that was handed out last, in ``text``.
    private var line: (place: LogLine.Place, range: Range<Int>)?

    /// Opens a segment.
    init(_ name: SegmentName, at path: FilePath, _ fileSystem: any FileSystem) throws(EventLogError) {
        self.name = name
        self.fileSystem = fileSystem
        self.nextLine = name.base
        let file = try withLogErrors { () throws(FileSystemError) in try fileSystem.open(path, .read) }
        self.file = file
        self.frames = LZ4FrameReader(file, fileSystem)
    }

    deinit {
        self.fileSystem.close(self.file)
    }

    /// How far the file has been read.
    var offset: UInt64 { self.frames.offset }

    /// Whether blocks have been read of a commit whose last block has not.
    var hasPartialCommit: Bool { !self.gathered.isEmpty && self.source == .none }

    /// Whether the last line that was handed out is the last of its commit (or of as much of it as had whole proposals).
    var isAtCommitEnd: Bool { self.textAt == self.text.count }

    /// The text of a whole commit, from which lines are handed out.
    private var text: Bytes {
        @_lifetime(borrow self)
        get {
            switch self.source {
            case .none: return Bytes()
            case .block: return self.frames.text
            case .gathered: return self.gathered.bytes
            }
        }
    }

    /// The line at which the reader stands.
    var current: LogLine {
        @_lifetime(borrow self)
        get {
            guard let line = self.line else { preconditionFailure("a line is looked at after a step to it") }
            return LogLine(line.place, self.text.extracting(line.range))
        }
    }

    func fileSize() throws(EventLogError) -> UInt64 {
        try withLogErrors { () throws(FileSystemError) in try self.fileSystem.size(self.file) }
    }

    /// Steps to the next line, which is ``current`` then, or says why there is none.
    ///
    /// - Throws: ``EventLogError/damaged(file:offset:_:)`` if a block passed its checksum but its text is not what
    ///   belongs there: no crash does that. Faults that a crash can make are an ``Ending``.
    mutating func advance() throws(EventLogError) -> Ending? {
        self.line = nil
        while self.textAt == self.text.count {
            if let ending = try self.load() { return ending }
        }
        try self.takeLine()
        return nil
    }

    /// Reads up to the header; nil if the file ends, or is faulty, before it.
    mutating func readHeader() throws(EventLogError) -> SegmentHeader? {
        while self.header == nil {
            if try self.load() != nil { return nil }
        }
        return self.header
    }

    /// Looks at the file anew from ``offset`` on, after an ending.
    mutating func refresh() {
        self.frames.refresh()
    }

    /// Goes to a place in the segment, whose header must have been read.
    ///
    /// Decoded sizes count on from where the reader was.
    ///
    /// - Parameters:
    ///   - frameOffset: Where a frame begins, in bytes from the start of the file.
    ///   - first: The number of the first line that begins in that frame.
    mutating func seek(to frameOffset: UInt64, first: SequenceNumber) {
        precondition(self.header != nil, "a segment is known by its header before it is read from the middle")
        self.forgetText()
        self.frames.seek(to: frameOffset)
        self.commitPoint.offset = frameOffset
        self.commitPoint.contentHash = nil
        self.nextLine = first
    }

    private mutating func forgetText() {
        self.gathered.removeAll()
        self.source = .none
        self.textAt = 0
        self.line = nil
    }

    /// Reads on by one structure, after all of ``text`` was handed out.
    ///
    /// Returns an ending if there is none.
    private mutating func load() throws(EventLogError) -> Ending? {
        if self.source != .none { self.forgetText() }
        switch try self.frames.next() {
        case .frameStart:
            // The writer begins the next frame together with the end of the last one: nothing is cut off there.
            self.commitPoint.offset = self.frames.offset
            self.commitPoint.contentHash = self.frames.contentHash
            return nil
        case .block(let offset):
            try self.takeBlock(at: offset)
            return nil
        case .frameEnd:
            if let offset = self.gathered.firstOffset { throw self.damage(.unfinishedProposal, at: offset) }
            self.commitPoint.offset = self.frames.offset
            self.commitPoint.contentHash = nil
            self.wholeFramesEnd = self.frames.offset
            return nil
        case .endOfFile:
            return self.frames.frame == nil ? .frameEnd : .openFrame
        case .fault(.blockDecoding):
            // The block passed its checksum, so it is what was written, but not where it was written.
            throw self.damage(.blockDecoding, at: self.frames.offset)
        case .fault(let damage):
            return .fault(damage, offset: self.frames.offset)
        }
    }

    private mutating func takeBlock(at offset: UInt64) throws(EventLogError) {
        let start = try self.checkBegin(ofBlockAt: offset)
        self.textSize += UInt64(self.frames.text.count)
        let isFirst = self.gathered.isEmpty
        if !isFirst {
            guard self.gathered.count <= LineFormat.maximumBatchSizeBytes else {
                throw self.damage(.lineTooLong, at: self.gathered.firstOffset ?? offset)
            }
            self.gathered.append(textOf: self.frames, ofBlockAt: offset)
        }
        let isWhole = isFirst ? LineFormat.endsProposal(self.frames.text) : LineFormat.endsProposal(self.gathered.bytes)
        guard isWhole else {
            if isFirst { self.gathered.append(textOf: self.frames, ofBlockAt: offset) }
            return
        }
        self.source = isFirst ? .block : .gathered
        self.textAt = start
        self.blockOffset = offset
        self.commitPoint = CommitPoint(
            offset: self.frames.offset,
            contentHash: self.frames.contentHash,
            textSize: self.textSize
        )
    }

    /// Checks how the text of a block begins that is the first of its commit, and takes the header from the first block.
    ///
    /// Not left to the check of each line: the text of a wrong block may have no newline, and would then look like a
    /// commit that a crash cut off.
    ///
    /// - Returns: Where the lines begin in the block.
    private mutating func checkBegin(ofBlockAt offset: UInt64) throws(EventLogError) -> Int {
        guard self.gathered.isEmpty else { return 0 }
        var start = 0
        if self.header == nil {
            guard let lineEnd = LineFormat.newline(in: self.frames.text, from: 0) else {
                throw self.damage(.segmentHeader, at: offset)
            }
            self.headerText = Array(self.frames.text.extracting(..<lineEnd))
            self.header = try self.parseHeader(self.headerText.span, at: offset)
            start = lineEnd + 1
            guard start < self.frames.text.count else { return start }
        }
        guard LineFormat.hasOpening(self.frames.text.extracting(start...)) else {
            throw self.damage(.line, at: offset)
        }
        return start
    }

    private func parseHeader(_ line: Bytes, at offset: UInt64) throws(EventLogError) -> SegmentHeader {
        switch SegmentHeader.parse(line) {
        case .header(let header):
            guard header.base == self.name.base else {
                throw self.damage(.segmentBase(expected: self.name.base, found: header.base), at: offset)
            }
            return header
        case .unknownFormat(let format):
            throw .unknownFormat(file: self.name.fileName, format: format)
        case .damage(let damage):
            throw self.damage(damage, at: offset)
        }
    }

    /// The leaf of the line at which the reader stands; `redacted` is room for its redacted form.
    func leaf(_ redacted: inout [UInt8]) throws(EventLogError) -> Hash256 {
        do {
            return try Redaction.leafHash(of: self.current.bytes, scratch: &redacted)
        } catch {
            throw self.damage(.content, at: self.current.blockOffset)
        }
    }

    private mutating func takeLine() throws(EventLogError) {
        let offset = self.gathered.blockOffset(at: self.textAt) ?? self.blockOffset
        let end = LineFormat.newline(in: self.text, from: self.textAt) ?? self.text.count
        let range = self.textAt..<end
        guard range.count <= LineFormat.maximumSizeBytes else { throw self.damage(.lineTooLong, at: offset) }
        guard let head = LineFormat.head(of: self.text.extracting(range)) else { throw self.damage(.line, at: offset) }
        guard head.sequenceNumber == self.nextLine else {
            throw self.damage(.sequence(expected: self.nextLine, found: head.sequenceNumber), at: offset)
        }
        self.textAt = min(end + 1, self.text.count)
        self.nextLine = head.sequenceNumber.next
        let place = LogLine.Place(
            sequenceNumber: head.sequenceNumber,
            hasMore: head.hasMore,
            segment: self.name,
            blockOffset: offset,
            frameOffset: self.frames.frameOffset
        )
        self.line = (place, range)
    }

    private func damage(_ damage: Damage, at offset: UInt64) -> EventLogError {
        .damaged(file: self.name.fileName, offset: offset, damage)
    }
}
