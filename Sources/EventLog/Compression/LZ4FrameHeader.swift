import LogValues
import RawJSON

/// The header of an LZ4 frame (LZ4 Frame Format 1.6.2), read strictly.
struct LZ4FrameHeader: Equatable {
    static let magic: UInt32 = 0x184D_2204
    static let skippableMagics: ClosedRange<UInt32> = 0x184D_2A50...0x184D_2A5F
    /// Bytes of the shortest and the longest header, magic included.
    static let sizeRange = 7...19

    /// Whether a header is one of those that segments have.
    static func isOfSegment(_ bytes: Bytes) -> Bool {
        bytes.equals(FrameWidth.narrow.header.span) || bytes.equals(FrameWidth.wide.header.span)
    }

    /// Bytes in the file, magic included.
    let size: Int
    let blocksAreIndependent: Bool
    let blocksHaveChecksums: Bool
    let hasContentChecksum: Bool
    /// Decoded bytes of the frame, where the header says so.
    let contentSize: UInt64?
    /// Most decoded bytes of a block.
    let blockSizeBytes: Int

    /// How long the header that begins with `bytes` is; nil if fewer bytes than needed to tell are there.
    static func size(of bytes: Bytes) -> Int? {
        guard bytes.count > 4 else { return nil }
        return 7 + (bytes[4] & 0x08 != 0 ? 8 : 0) + (bytes[4] & 0x01 != 0 ? 4 : 0)
    }

    /// Reads a header; nil if it is none that can be read.
    ///
    /// That is: the version or a reserved bit is not as prescribed, the header fails its checksum, or it asks for a
    /// dictionary, which segments never have.
    ///
    /// - Parameter bytes: A whole header, of the length that ``size(of:)`` says.
    init?(_ bytes: Bytes) {
        guard bytes.count >= Self.sizeRange.lowerBound, bytes.count == Self.size(of: bytes) else { return nil }
        let flags = bytes[4]
        let descriptor = bytes[5]
        let checksum = XXH32.hash(bytes.extracting(4..<bytes.count - 1))
        guard flags & 0xC3 == 0x40, descriptor & 0x8F == 0, descriptor >> 4 >= 4,
            bytes[bytes.count - 1] == UInt8(truncatingIfNeeded: checksum >> 8)
        else { return nil }
        self.size = bytes.count
        self.blocksAreIndependent = flags & 0x20 != 0
        self.blocksHaveChecksums = flags & 0x10 != 0
        self.hasContentChecksum = flags & 0x04 != 0
        self.contentSize =
            flags & 0x08 != 0
            ? UInt64(littleEndian: bytes.word(at: 6)) : nil
        self.blockSizeBytes = 1 << (8 + 2 * Int(descriptor >> 4))
    }
}
