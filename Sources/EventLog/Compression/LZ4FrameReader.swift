import LogValues
import RawJSON

/// Walks the LZ4 frames of a file and decodes them block by block, in a memory that does not grow with the file.
///
/// It goes by hand through headers, blocks and end marks, since liblz4's own streaming decoder swallows good blocks
/// before a bad one and does not tell where a file ends too early. At the first fault it stays where it is: ``next()``
/// says the same again, or, once the file has grown and ``refresh()`` was called, goes on. One thread at a time.
struct LZ4FrameReader: ~Copyable {
    /// One step through the file.
    ///
    /// Offsets are in bytes from the start of the file.
    enum Part: Equatable {
        /// A frame's header ends at ``offset``.
        case frameStart
        /// A block that passed its checksum, and is ``text`` now.
        case block(offset: UInt64)
        /// End mark and content checksum, if any, end at ``offset``.
        case frameEnd
        /// The file ends here, at ``offset``, after a whole structure.
        case endOfFile
        /// What stands at ``offset`` is not a whole and right structure. ``Damage/incomplete``: the file ends inside it.
        case fault(Damage)
    }

    /// Bytes before and after a block's data: size word and checksum.
    private static let wordSize = 4
    private static let storedFlag: UInt32 = 0x8000_0000

    private let fileSystem: any FileSystem
    private let file: OpenFile
    /// Whether every frame must have the header that segments have; otherwise any legal frame is read, skippable
    /// frames are skipped.
    private let isStrict: Bool

    private var input: FileWindow
    /// Decoded text of the current frame.
    private var window = BlockWindow()

    /// The start of the next structure.
    private(set) var offset: UInt64 = 0
    private(set) var frame: LZ4FrameHeader?
    /// The start of the current frame's header.
    private(set) var frameOffset: UInt64 = 0
    /// Hash of the current frame's text so far.
    private(set) var contentHash = XXH32()
    private var contentSize: UInt64 = 0

    init(_ file: OpenFile, _ fileSystem: any FileSystem, isStrict: Bool = true) {
        self.file = file
        self.fileSystem = fileSystem
        self.isStrict = isStrict
        self.input = FileWindow(file, fileSystem)
    }

    /// The text of the block that was read last.
    var text: Bytes {
        @_lifetime(borrow self)
        get { self.window.text }
    }

    /// Takes the next step, or says again why there is none.
    ///
    /// - Throws: ``EventLogError/fileSystem(_:)`` if the file cannot be read.
    mutating func next() throws(EventLogError) -> Part {
        if let frame = self.frame {
            try self.nextBlock(of: frame)
        } else {
            try self.nextFrame()
        }
    }

    /// Forgets what was read of the file beyond ``offset``, so that the next step sees it as it is then.
    mutating func refresh() {
        self.input.refresh(from: self.offset)
    }

    /// Goes to where a frame begins, in bytes from the start of the file.
    ///
    /// What was read of the file near there is kept.
    mutating func seek(to frameOffset: UInt64) {
        self.frame = nil
        self.offset = frameOffset
        self.input.seek(to: frameOffset)
    }

    // MARK: Frames

    private mutating func nextFrame() throws(EventLogError) -> Part {
        let count = try self.input.prepare(LZ4FrameHeader.sizeRange.upperBound, at: self.offset)
        guard count > 0 else { return .endOfFile }
        guard count >= Self.wordSize else { return .fault(.incomplete) }
        let magic = self.input.word(at: self.offset)
        if !self.isStrict, LZ4FrameHeader.skippableMagics.contains(magic) {
            return try self.skipFrame()
        }
        guard magic == LZ4FrameHeader.magic else { return .fault(.frameMagic) }
        guard let size = LZ4FrameHeader.size(of: self.input.bytes(count, at: self.offset)), count >= size else {
            return .fault(.incomplete)
        }
        guard let header = self.header(size) else { return .fault(.frameHeader) }
        self.begin(header)
        return .frameStart
    }

    /// The header that is next, if it is one that may be here.
    private func header(_ size: Int) -> LZ4FrameHeader? {
        let bytes = self.input.bytes(size, at: self.offset)
        return !self.isStrict || LZ4FrameHeader.isOfSegment(bytes) ? LZ4FrameHeader(bytes) : nil
    }

    private mutating func begin(_ header: LZ4FrameHeader) {
        self.frame = header
        self.frameOffset = self.offset
        self.contentHash = XXH32()
        self.contentSize = 0
        self.window.begin(blockSizeBytes: header.blockSizeBytes)
        self.offset += UInt64(header.size)
    }

    private mutating func skipFrame() throws(EventLogError) -> Part {
        guard try self.input.prepare(8, at: self.offset) == 8 else { return .fault(.incomplete) }
        let size = 8 + UInt64(self.input.word(at: self.offset + 4))
        let fileSize = try withLogErrors { () throws(FileSystemError) in try self.fileSystem.size(self.file) }
        guard fileSize >= self.offset + size else { return .fault(.incomplete) }
        self.offset += size
        return .frameEnd
    }

    private mutating func endFrame(_ frame: LZ4FrameHeader) throws(EventLogError) -> Part {
        if let contentSize = frame.contentSize, contentSize != self.contentSize { return .fault(.contentChecksum) }
        let size = Self.wordSize + (frame.hasContentChecksum ? Self.wordSize : 0)
        guard try self.input.prepare(size, at: self.offset) == size else { return .fault(.incomplete) }
        if frame.hasContentChecksum {
            guard self.input.word(at: self.offset + UInt64(Self.wordSize)) == self.contentHash.digest else {
                return .fault(.contentChecksum)
            }
        }
        self.offset += UInt64(size)
        self.frame = nil
        return .frameEnd
    }

    // MARK: Blocks

    private mutating func nextBlock(of frame: LZ4FrameHeader) throws(EventLogError) -> Part {
        let count = try self.input.prepare(Self.wordSize, at: self.offset)
        guard count > 0 else { return .endOfFile }
        guard count == Self.wordSize else { return .fault(.incomplete) }
        let word = self.input.word(at: self.offset)
        guard word != 0 else { return try self.endFrame(frame) }
        let size = Int(word & ~Self.storedFlag)
        guard size <= frame.blockSizeBytes else { return .fault(.blockSize(UInt32(size))) }

        let wholeSize = Self.wordSize + size + (frame.blocksHaveChecksums ? Self.wordSize : 0)
        guard try self.input.prepare(wholeSize, at: self.offset) == wholeSize else { return .fault(.incomplete) }
        let start = self.offset + UInt64(Self.wordSize)
        if frame.blocksHaveChecksums {
            guard self.input.word(at: start + UInt64(size)) == XXH32.hash(self.input.bytes(size, at: start)) else {
                return .fault(.blockChecksum)
            }
        }
        let isDecoded = self.window.decode(
            size,
            at: start,
            of: self.input,
            isStored: word & Self.storedFlag != 0,
            as: frame
        )
        guard isDecoded else { return .fault(.blockDecoding) }
        self.contentHash.update(textOf: self.window)
        self.contentSize += UInt64(self.text.count)
        let blockOffset = self.offset
        self.offset += UInt64(wholeSize)
        return .block(offset: blockOffset)
    }
}

// What borrows from one part of a value while another part changes gets both as parameters: a borrow through `self` would
// be one of all of it.

extension BlockWindow {
    fileprivate mutating func decode(
        _ size: Int,
        at offset: UInt64,
        of input: borrowing FileWindow,
        isStored: Bool,
        as frame: LZ4FrameHeader
    ) -> Bool {
        self.decode(
            input.bytes(size, at: offset),
            isStored: isStored,
            isIndependent: frame.blocksAreIndependent,
            blockSizeBytes: frame.blockSizeBytes
        )
    }
}

extension XXH32 {
    mutating func update(textOf window: borrowing BlockWindow) { self.update(window.text) }
}
