import LogValues
import SystemPackage

/// Reads the lines of one segment in order, and checks the number and the structure of each.
///
/// Lines are handed out commit by commit: what stands after the last whole commit is kept back, as recovery would cut it
/// off. Memory is bounded by the LZ4 window and the largest commit. One thread at a time.
final class SegmentReader {
    enum Item {
        /// Its bytes are valid until the next call.
        case line(LogLine)
        case end(Ending)
    }

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
    private let frames: LZ4FrameReader

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

    /// The text of a whole commit, in the frame reader's memory or in `gathered`, and how much of it was handed out.
    private var text = UnsafeRawBufferPointer(start: nil, count: 0)
    private var textAt = 0
    /// The start of the block of `text`, if it is one block.
    private var blockOffset: UInt64 = 0
    /// Text of a commit whose last block has not been read, or, while `text` points there, of one that has.
    private var gathered = CommitText()

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
    var hasPartialCommit: Bool { !self.gathered.isEmpty && self.text.isEmpty }

    /// Whether the last line that was handed out is the last of its commit (or of as much of it as had whole proposals).
    var isAtCommitEnd: Bool { self.textAt == self.text.count }

    func fileSize() throws(EventLogError) -> UInt64 {
        try withLogErrors { () throws(FileSystemError) in try self.fileSystem.size(self.file) }
    }

    /// The next line, or why there is none.
    ///
    /// - Throws: ``EventLogError/damaged(file:offset:_:)`` if a block passed its checksum but its text is not what
    ///   belongs there: no crash does that. Faults that a crash can make are an ``Ending``.
    func next() throws(EventLogError) -> Item {
        while self.textAt == self.text.count {
            if let ending = try self.load() { return .end(ending) }
        }
        return .line(try self.takeLine())
    }

    /// Reads up to the header; nil if the file ends, or is faulty, before it.
    func readHeader() throws(EventLogError) -> SegmentHeader? {
        while self.header == nil {
            if try self.load() != nil { return nil }
        }
        return self.header
    }

    /// Looks at the file anew from ``offset`` on, after an ending.
    func refresh() {
        self.frames.refresh()
    }

    /// Goes to a place in the segment, whose header must have been read.
    ///
    /// Decoded sizes count on from where the reader was.
    ///
    /// - Parameters:
    ///   - frameOffset: Where a frame begins, in bytes from the start of the file.
    ///   - first: The number of the first line that begins in that frame.
    func seek(to frameOffset: UInt64, first: SequenceNumber) {
        precondition(self.header != nil, "a segment is known by its header before it is read from the middle")
        self.gathered.removeAll()
        self.text = UnsafeRawBufferPointer(start: nil, count: 0)
        self.textAt = 0
        self.frames.seek(to: frameOffset)
        self.commitPoint.offset = frameOffset
        self.commitPoint.contentHash = nil
        self.nextLine = first
    }

    /// Reads on by one structure, after all of `text` was handed out.
    ///
    /// Returns an ending if there is none.
    private func load() throws(EventLogError) -> Ending? {
        if !self.text.isEmpty {
            self.gathered.removeAll()
            self.text = UnsafeRawBufferPointer(start: nil, count: 0)
            self.textAt = 0
        }
        switch try self.frames.next() {
        case .frameStart:
            // The writer begins the next frame together with the end of the last one: nothing is cut off there.
            self.commitPoint.offset = self.frames.offset
            self.commitPoint.contentHash = self.frames.contentHash
            return nil
        case .block(let block, let offset):
            try self.take(block, at: offset)
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

    private func take(_ block: UnsafeRawBufferPointer, at offset: UInt64) throws(EventLogError) {
        let start = try self.checkBegin(of: block, at: offset)
        self.textSize += UInt64(block.count)
        var whole = block
        if !self.gathered.isEmpty {
            guard self.gathered.bytes.count <= LineFormat.maximumBatchSizeBytes else {
                throw self.damage(.lineTooLong, at: self.gathered.firstOffset ?? offset)
            }
            self.gathered.append(block, ofBlockAt: offset)
            whole = self.gathered.bytes
        }
        guard LineFormat.endsProposal(whole) else {
            if self.gathered.isEmpty { self.gathered.append(block, ofBlockAt: offset) }
            return
        }
        self.text = whole
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
    private func checkBegin(of block: UnsafeRawBufferPointer, at offset: UInt64) throws(EventLogError) -> Int {
        guard self.gathered.isEmpty else { return 0 }
        var start = 0
        if self.header == nil {
            guard let lineEnd = LineFormat.newline(in: block, from: 0) else {
                throw self.damage(.segmentHeader, at: offset)
            }
            self.header = try self.parseHeader(UnsafeRawBufferPointer(rebasing: block[..<lineEnd]), at: offset)
            self.headerText = Array(block[..<lineEnd])
            start = lineEnd + 1
            guard start < block.count else { return start }
        }
        guard LineFormat.hasOpening(UnsafeRawBufferPointer(rebasing: block[start...])) else {
            throw self.damage(.line, at: offset)
        }
        return start
    }

    private func parseHeader(_ line: UnsafeRawBufferPointer, at offset: UInt64) throws(EventLogError) -> SegmentHeader {
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

    private func takeLine() throws(EventLogError) -> LogLine {
        let offset = self.gathered.blockOffset(at: self.textAt) ?? self.blockOffset
        let end = LineFormat.newline(in: self.text, from: self.textAt) ?? self.text.count
        let line = UnsafeRawBufferPointer(rebasing: self.text[self.textAt..<end])
        guard line.count <= LineFormat.maximumSizeBytes else { throw self.damage(.lineTooLong, at: offset) }
        guard let head = LineFormat.head(of: line) else { throw self.damage(.line, at: offset) }
        guard head.sequenceNumber == self.nextLine else {
            throw self.damage(.sequence(expected: self.nextLine, found: head.sequenceNumber), at: offset)
        }
        self.textAt = min(end + 1, self.text.count)
        self.nextLine = head.sequenceNumber.next
        return LogLine(
            sequenceNumber: head.sequenceNumber,
            hasMore: head.hasMore,
            bytes: line,
            segment: self.name,
            blockOffset: offset,
            frameOffset: self.frames.frameOffset
        )
    }

    private func damage(_ damage: Damage, at offset: UInt64) -> EventLogError {
        .damaged(file: self.name.fileName, offset: offset, damage)
    }
}
