import LogValues
import RawJSON

/// Tells what a crash tore from what is damaged.
///
/// A crash tears the end of a file only. So if an intact block stands anywhere behind a fault, the fault is damage, and
/// nothing may be cut off: that would lose lines that were acknowledged.
enum TornTail {
    private static let windowSizeBytes = 2 * blockSizeBytes
    /// The largest block that is written.
    private static let blockSizeBytes = FrameWidth.wide.blockSizeBytes
    /// Size word and checksum.
    private static let wordsSizeBytes = 8
    /// Bytes to hash at most in one search.
    ///
    /// Bytes that happen to look like size words cost a hash each: of a random tail of 2 MiB, the largest that a crash
    /// leaves, about 350 bytes for each of its bytes. So this is beyond what a real tail costs.
    private static let hashLimitBytes = 8 << 30

    /// The result of a search behind a fault.
    enum Finding: Equatable {
        case nothingIntact
        case intactBlock(offset: UInt64)
        /// The search was given up: too much looks like a block. Nothing may be cut.
        case undecided
    }

    /// Looks for an intact block behind a fault, at every offset.
    ///
    /// - Parameters:
    ///   - offset: Where the faulty structure begins; blocks that begin behind it count.
    ///   - file: The segment.
    ///   - fileSystem: Where it is.
    ///   - hashLimitBytes: Bytes to hash at most before the search is given up.
    /// - Returns: What was found first.
    /// - Throws: ``EventLogError/fileSystem(_:)`` if the file cannot be read.
    static func search(
        behind offset: UInt64,
        in file: OpenFile,
        _ fileSystem: any FileSystem,
        hashLimitBytes: Int = hashLimitBytes
    ) throws(EventLogError) -> Finding {
        var window = OwnedBytes()
        window.resize(to: self.windowSizeBytes)
        var start = offset + 1
        var hashBudget = hashLimitBytes
        while true {
            let count = try withLogErrors { () throws(FileSystemError) in
                var target = window.mutableBytes(0..<window.count)
                return try fileSystem.fill(&target, from: file, at: start)
            }
            let isLast = count < window.count
            // A block that begins later than this may reach beyond the window, and is left to the next one.
            let end = isLast ? count : count - Self.blockSizeBytes - self.wordsSizeBytes
            switch self.search(window.bytes(0..<count), before: end, &hashBudget) {
            case .nothingIntact: break
            case .intactBlock(let position): return .intactBlock(offset: start + position)
            case .undecided: return .undecided
            }
            guard !isLast else { return .nothingIntact }
            start += UInt64(end)
        }
    }

    private static func search(
        _ bytes: Bytes,
        before end: Int,
        _ hashBudget: inout Int
    ) -> Finding {
        var at = 0
        while at < end, at + self.wordsSizeBytes < bytes.count {
            let word = UInt32(littleEndian: bytes.halfWord(at: at))
            let size = Int(word & 0x7FFF_FFFF)
            if size > 0, size <= Self.blockSizeBytes, at + self.wordsSizeBytes + size <= bytes.count {
                hashBudget -= size
                guard hashBudget >= 0 else { return .undecided }
                let data = bytes.extracting(at + 4..<at + 4 + size)
                let checksum = bytes.halfWord(at: at + 4 + size)
                if XXH32.hash(data) == UInt32(littleEndian: checksum) { return .intactBlock(offset: UInt64(at)) }
            }
            at += 1
        }
        return .nothingIntact
    }
}
