/// Walks the LZ4 frames of a file and decodes them block by block, in a memory that does not grow with the file.
///
/// It goes by hand through headers, blocks and end marks, since liblz4's own streaming decoder swallows good blocks
/// before a bad one and does not tell where a file ends too early. At the first fault it stays where it is: ``next()``
/// says the same again, or, once the file has grown and ``refresh()`` was called, goes on. One thread at a time.
final class LZ4FrameReader {
    /// One step through the file.
    ///
    /// Offsets are in bytes from the start of the file.
    enum Part {
        /// A frame's header ends at ``offset``.
        case frameStart
        /// A block that passed its checksum; `text` is valid until the next call.
        case block(text: UnsafeRawBufferPointer, offset: UInt64)
        /// End mark and content checksum, if any, end at ``offset``.
        case frameEnd
        /// The file ends here, at ``offset``, after a whole structure.
        case endOfFile
        /// What stands at ``offset`` is not a whole and right structure. ``Damage/incomplete``: the file ends inside it.
        case fault(Damage)
    }

    private static let chunkSizeBytes = 128 << 10
    /// Bytes of the first read at a place: who reads on takes more each time, who wanted one line has not read a frame too
    /// many.
    private static let firstReadSizeBytes = 16 << 10
    /// Bytes before and after a block's data: size word and checksum.
    private static let wordSize = 4
    private static let storedFlag: UInt32 = 0x8000_0000

    private let fileSystem: any FileSystem
    private let file: OpenFile
    /// Whether every frame must have the header that segments have; otherwise any legal frame is read, skippable
    /// frames are skipped.
    private let isStrict: Bool

    /// File bytes from `inputOffset` on.
    private var input: UnsafeMutableRawBufferPointer
    private var inputOffset: UInt64 = 0
    private var inputCount = 0
    /// Bytes that the next read takes, at least.
    private var readSizeBytes = LZ4FrameReader.firstReadSizeBytes
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
        self.input = .allocate(byteCount: Self.chunkSizeBytes, alignment: 16)
    }

    deinit {
        self.input.deallocate()
    }

    /// Takes the next step, or says again why there is none.
    ///
    /// - Throws: ``EventLogError/fileSystem(_:)`` if the file cannot be read.
    func next() throws(EventLogError) -> Part {
        if let frame = self.frame {
            try self.nextBlock(of: frame)
        } else {
            try self.nextFrame()
        }
    }

    /// Forgets what was read of the file beyond ``offset``, so that the next step sees it as it is then.
    func refresh() {
        self.inputOffset = self.offset
        self.inputCount = 0
    }

    /// Goes to where a frame begins, in bytes from the start of the file.
    ///
    /// What was read of the file near there is kept.
    func seek(to frameOffset: UInt64) {
        self.frame = nil
        self.offset = frameOffset
        let readEnd = self.inputOffset + UInt64(self.inputCount)
        guard frameOffset < self.inputOffset || frameOffset > readEnd else { return }
        self.refresh()
        self.readSizeBytes = Self.firstReadSizeBytes
    }

    // MARK: Frames

    private func nextFrame() throws(EventLogError) -> Part {
        var bytes = try self.peek(LZ4FrameHeader.sizeRange.upperBound)
        guard !bytes.isEmpty else { return .endOfFile }
        guard bytes.count >= 4 else { return .fault(.incomplete) }
        let magic = UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self))
        if !self.isStrict, LZ4FrameHeader.skippableMagics.contains(magic) {
            return try self.skipFrame()
        }
        guard magic == LZ4FrameHeader.magic else { return .fault(.frameMagic) }
        guard let size = LZ4FrameHeader.size(of: bytes), bytes.count >= size else { return .fault(.incomplete) }
        bytes = UnsafeRawBufferPointer(rebasing: bytes[..<size])
        guard let header = LZ4FrameHeader(bytes), !self.isStrict || LZ4FrameHeader.isOfSegment(bytes) else {
            return .fault(.frameHeader)
        }
        self.begin(header)
        return .frameStart
    }

    private func begin(_ header: LZ4FrameHeader) {
        self.frame = header
        self.frameOffset = self.offset
        self.contentHash = XXH32()
        self.contentSize = 0
        self.window.begin(blockSizeBytes: header.blockSizeBytes)
        self.offset += UInt64(header.size)
    }

    private func skipFrame() throws(EventLogError) -> Part {
        let head = try self.peek(8)
        guard head.count == 8 else { return .fault(.incomplete) }
        let size = 8 + UInt64(UInt32(littleEndian: head.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        let fileSize = try withLogErrors { () throws(FileSystemError) in try self.fileSystem.size(self.file) }
        guard fileSize >= self.offset + size else { return .fault(.incomplete) }
        self.offset += size
        return .frameEnd
    }

    private func endFrame(_ frame: LZ4FrameHeader) throws(EventLogError) -> Part {
        if let contentSize = frame.contentSize, contentSize != self.contentSize { return .fault(.contentChecksum) }
        let size = Self.wordSize + (frame.hasContentChecksum ? Self.wordSize : 0)
        let bytes = try self.peek(size)
        guard bytes.count == size else { return .fault(.incomplete) }
        if frame.hasContentChecksum {
            let checksum = bytes.loadUnaligned(fromByteOffset: Self.wordSize, as: UInt32.self)
            guard UInt32(littleEndian: checksum) == self.contentHash.digest else { return .fault(.contentChecksum) }
        }
        self.offset += UInt64(size)
        self.frame = nil
        return .frameEnd
    }

    // MARK: Blocks

    private func nextBlock(of frame: LZ4FrameHeader) throws(EventLogError) -> Part {
        let head = try self.peek(Self.wordSize)
        guard !head.isEmpty else { return .endOfFile }
        guard head.count == Self.wordSize else { return .fault(.incomplete) }
        let word = UInt32(littleEndian: head.loadUnaligned(as: UInt32.self))
        guard word != 0 else { return try self.endFrame(frame) }
        let isStored = word & Self.storedFlag != 0
        let size = Int(word & ~Self.storedFlag)
        guard size <= frame.blockSizeBytes else { return .fault(.blockSize(UInt32(size))) }

        let wholeSize = Self.wordSize + size + (frame.blocksHaveChecksums ? Self.wordSize : 0)
        let block = try self.peek(wholeSize)
        guard block.count == wholeSize else { return .fault(.incomplete) }
        let data = UnsafeRawBufferPointer(rebasing: block[Self.wordSize..<Self.wordSize + size])
        if frame.blocksHaveChecksums {
            let checksum = block.loadUnaligned(fromByteOffset: Self.wordSize + size, as: UInt32.self)
            guard UInt32(littleEndian: checksum) == XXH32.hash(data) else { return .fault(.blockChecksum) }
        }
        let text = self.window.decode(
            data,
            isStored: isStored,
            isIndependent: frame.blocksAreIndependent,
            blockSizeBytes: frame.blockSizeBytes
        )
        guard let text else { return .fault(.blockDecoding) }
        self.contentHash.update(text)
        self.contentSize += UInt64(text.count)
        let blockOffset = self.offset
        self.offset += UInt64(wholeSize)
        return .block(text: text, offset: blockOffset)
    }

    // MARK: Input

    /// The next `count` bytes at `offset`; fewer only where the file ends.
    private func peek(_ count: Int) throws(EventLogError) -> UnsafeRawBufferPointer {
        var start = Int(clamping: self.offset - self.inputOffset)
        if start + count > self.inputCount {
            try self.fill(count)
            start = 0
        }
        return UnsafeRawBufferPointer(rebasing: self.input[start..<min(start + count, self.inputCount)])
    }

    /// Moves the input's start to `offset`, and reads on until it holds `count` bytes, or more in the same call.
    private func fill(_ count: Int) throws(EventLogError) {
        let passed = min(Int(clamping: self.offset - self.inputOffset), self.inputCount)
        let kept = UnsafeRawBufferPointer(rebasing: self.input[passed..<self.inputCount])
        if count > self.input.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(count, 2 * self.input.count),
                alignment: 16
            )
            larger.copyMemory(from: kept)
            self.input.deallocate()
            self.input = larger
        } else if !kept.isEmpty {
            self.input.copyMemory(from: kept)
        }
        self.inputOffset = self.offset
        self.inputCount = kept.count
        let end = min(max(count, self.readSizeBytes), self.input.count)
        self.readSizeBytes = min(2 * self.readSizeBytes, Self.chunkSizeBytes)
        while self.inputCount < count {
            let got = try withLogErrors { () throws(FileSystemError) in
                try self.fileSystem.read(
                    self.file,
                    into: UnsafeMutableRawBufferPointer(rebasing: self.input[self.inputCount..<end]),
                    at: self.inputOffset + UInt64(self.inputCount)
                )
            }
            guard got > 0 else { return }
            self.inputCount += got
        }
    }
}
