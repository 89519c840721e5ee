import CLZ4
import LogValues
import RawJSON

/// Decodes the blocks of one LZ4 frame, one behind the other, and keeps as much of their text as later ones refer to.
struct BlockWindow: ~Copyable {
    static let historySizeBytes = 64 << 10

    /// Up to 64 KiB of history, then the newest block.
    private var memory = OwnedBytes()
    private var count = 0
    private var newest = 0..<0

    /// The text of the newest block.
    var text: Bytes {
        @_lifetime(borrow self)
        get { self.memory.bytes(self.newest) }
    }

    /// Forgets all text.
    ///
    /// - Parameters:
    ///   - blockSizeBytes: Most decoded bytes of a block.
    ///   - history: Text that counts as decoded; only its last 64 KiB matter.
    mutating func begin(blockSizeBytes: Int, after history: Bytes = Bytes()) {
        // With room for two blocks the history is moved for every second one only; of the largest, one is enough.
        let capacity = Self.historySizeBytes + max(blockSizeBytes, min(2 * blockSizeBytes, 2 << 20))
        if self.memory.count < capacity { self.memory.resize(to: capacity) }
        let kept = history.extracting(last: Self.historySizeBytes)
        self.memory.replace(from: 0, with: kept)
        self.count = kept.count
        self.newest = 0..<0
    }

    /// Decodes a block behind the text so far, to become ``text``.
    ///
    /// - Parameters:
    ///   - data: The block without its size and checksum.
    ///   - isStored: Whether it is the text itself.
    ///   - isIndependent: Whether it refers to no text before it.
    ///   - blockSizeBytes: Most decoded bytes; as ``begin(blockSizeBytes:after:)`` was told.
    /// - Returns: False if it is no LZ4 block, or decodes to more than is allowed.
    mutating func decode(
        _ data: Bytes,
        isStored: Bool,
        isIndependent: Bool = false,
        blockSizeBytes: Int
    ) -> Bool {
        if isIndependent { self.count = 0 }
        if self.memory.count - self.count < blockSizeBytes { self.moveHistory() }
        let count: Int
        if isStored {
            guard data.count <= blockSizeBytes else { return false }
            self.memory.replace(from: self.count, with: data)
            count = data.count
        } else {
            count = self.decompress(data, blockSizeBytes)
            guard count >= 0 else { return false }
        }
        self.newest = self.count..<self.count + count
        self.count += count
        return true
    }

    /// Returns the size of the text, less than 0 if there is none.
    private mutating func decompress(_ data: Bytes, _ blockSizeBytes: Int) -> Int {
        let history = min(self.count, Self.historySizeBytes)
        var memory = self.memory.mutableBytes(self.count - history..<self.count + blockSizeBytes)
        // liblz4 reads `data.count` bytes of the block and `history` before the target, and writes no more than
        // `blockSizeBytes`: all of them lie in the two spans.
        return unsafe memory.withUnsafeMutableBufferPointer { memory in
            unsafe data.withUnsafeBufferPointer { data in
                guard
                    let start = unsafe UnsafeMutableRawPointer(memory.baseAddress)?.assumingMemoryBound(to: CChar.self)
                else { return -1 }
                return unsafe Int(
                    LZ4_decompress_safe_usingDict(
                        UnsafeRawPointer(data.baseAddress)?.assumingMemoryBound(to: CChar.self),
                        start + history,
                        Int32(data.count),
                        Int32(blockSizeBytes),
                        start,
                        Int32(history)
                    )
                )
            }
        }
    }

    /// Moves the last 64 KiB of text to the window's start.
    private mutating func moveHistory() {
        let history = min(self.count, Self.historySizeBytes)
        self.memory.move(self.count - history..<self.count, to: 0)
        self.count = history
    }
}
