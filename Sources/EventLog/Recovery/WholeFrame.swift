import LogValues
import RawJSON

/// The blocks of one frame in memory, to be decoded in another order than they stand in.
struct WholeFrame {
    /// Bytes of a frame at most; frames of 256 KiB of text are far below.
    static let sizeLimitBytes = 8 << 20
    private static let wordSize = 4
    private static let storedFlag: UInt32 = 0x8000_0000

    struct Block {
        /// The start of the block, in bytes from the start of the file.
        let offset: UInt64
        /// Its data in `bytes`, without size and checksum.
        let data: Range<Int>
        let isStored: Bool
    }

    /// The start of the frame's header, in bytes from the start of the file.
    let offset: UInt64
    let bytes: [UInt8]
    /// Most decoded bytes of a block.
    let blockSizeBytes: Int
    /// Up to the first that is not whole.
    private(set) var blocks: [Block] = []
    /// The checksum at the frame's end; nil if the frame has no end, or a block of it is not whole.
    private(set) var contentChecksum: UInt32?
    /// The end of the frame in `bytes`, as far as it can be followed.
    private var end: Int

    /// Reads the frame that holds a place.
    ///
    /// - Parameters:
    ///   - place: An offset in the file.
    ///   - frameOffset: Where that frame begins, or one before it.
    ///   - file: The segment.
    ///   - fileSystem: Where it is.
    /// - Returns: Nil if it is too large, or something else than whole frames stands between.
    /// - Throws: ``EventLogError/fileSystem(_:)`` if the file cannot be read.
    static func holding(
        _ place: UInt64,
        from frameOffset: UInt64,
        in file: OpenFile,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> WholeFrame? {
        var start = frameOffset
        while start <= place, let frame = WholeFrame(at: start, try self.read(file, from: start, fileSystem)) {
            let end = start + UInt64(frame.end)
            if frame.contentChecksum == nil || end > place { return frame }
            start = end
        }
        return nil
    }

    /// Takes a frame apart; nil if none of the kind that segments have begins here.
    private init?(at offset: UInt64, _ bytes: [UInt8]) {
        let start = bytes.span.extracting(first: LZ4FrameHeader.sizeRange.lowerBound)
        guard LZ4FrameHeader.isOfSegment(start), let header = LZ4FrameHeader(start) else { return nil }
        let blockSizeBytes = header.blockSizeBytes
        self.offset = offset
        self.bytes = bytes
        self.blockSizeBytes = blockSizeBytes
        self.end = header.size
        while let word = Self.word(in: bytes.span, at: self.end) {
            guard word != 0 else {
                self.contentChecksum = Self.word(in: bytes.span, at: self.end + Self.wordSize)
                self.end += 2 * Self.wordSize
                return
            }
            let start = self.end + Self.wordSize
            let size = Int(word & ~Self.storedFlag)
            guard size <= blockSizeBytes, let checksum = Self.word(in: bytes.span, at: start + size),
                XXH32.hash(bytes.span.extracting(start..<start + size)) == checksum
            else { return }
            self.blocks.append(
                Block(
                    offset: offset + UInt64(self.end),
                    data: start..<start + size,
                    isStored: word & Self.storedFlag != 0
                )
            )
            self.end = start + size + Self.wordSize
        }
    }

    private static func word(in bytes: Bytes, at index: Int) -> UInt32? {
        index + self.wordSize <= bytes.count ? UInt32(littleEndian: bytes.halfWord(at: index)) : nil
    }

    private static func read(
        _ file: OpenFile,
        from offset: UInt64,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> [UInt8] {
        try withLogErrors { () throws(FileSystemError) in
            let end = min(try fileSystem.size(file), offset + UInt64(self.sizeLimitBytes))
            return try fileSystem.bytes(offset..<max(offset, end), of: file)
        }
    }
}
