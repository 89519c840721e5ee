import CLZ4

/// Decodes the blocks of one LZ4 frame, one behind the other, and keeps as much of their text as later ones refer to.
struct BlockWindow: ~Copyable {
    static let historySizeBytes = 64 << 10

    /// Up to 64 KiB of history, then the newest block.
    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var count = 0

    deinit {
        self.memory.deallocate()
    }

    /// Forgets all text.
    ///
    /// - Parameters:
    ///   - blockSizeBytes: Most decoded bytes of a block.
    ///   - history: Text that counts as decoded; only its last 64 KiB matter. It may not be this window's own.
    mutating func begin(
        blockSizeBytes: Int,
        after history: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) {
        // With room for two blocks the history is moved for every second one only; of the largest, one is enough.
        let capacity = Self.historySizeBytes + max(blockSizeBytes, min(2 * blockSizeBytes, 2 << 20))
        if self.memory.count < capacity {
            self.memory.deallocate()
            self.memory = .allocate(byteCount: capacity, alignment: 16)
        }
        let kept = UnsafeRawBufferPointer(rebasing: history.suffix(Self.historySizeBytes))
        if !kept.isEmpty { self.memory.copyMemory(from: kept) }
        self.count = kept.count
    }

    /// Decodes a block behind the text so far.
    ///
    /// - Parameters:
    ///   - data: The block without its size and checksum.
    ///   - isStored: Whether it is the text itself.
    ///   - isIndependent: Whether it refers to no text before it.
    ///   - blockSizeBytes: Most decoded bytes; as ``begin(blockSizeBytes:after:)`` was told.
    /// - Returns: The text, valid until the next call. Nil if it is no LZ4 block, or decodes to more than is allowed.
    mutating func decode(
        _ data: UnsafeRawBufferPointer,
        isStored: Bool,
        isIndependent: Bool = false,
        blockSizeBytes: Int
    ) -> UnsafeRawBufferPointer? {
        if isIndependent { self.count = 0 }
        if self.memory.count - self.count < blockSizeBytes { self.moveHistory() }
        let target = UnsafeMutableRawBufferPointer(rebasing: self.memory[self.count..<self.count + blockSizeBytes])
        let count: Int
        if isStored {
            target.copyMemory(from: data)
            count = data.count
        } else {
            let history = min(self.count, Self.historySizeBytes)
            let source = data.assumingMemoryBound(to: CChar.self).baseAddress
            let destination = target.assumingMemoryBound(to: CChar.self).baseAddress
            count = Int(
                LZ4_decompress_safe_usingDict(
                    source,
                    destination,
                    Int32(data.count),
                    Int32(blockSizeBytes),
                    destination.map { UnsafePointer($0) - history },
                    Int32(history)
                )
            )
        }
        guard count >= 0 else { return nil }
        self.count += count
        return UnsafeRawBufferPointer(rebasing: target[..<count])
    }

    /// Moves the last 64 KiB of text to the window's start.
    private mutating func moveHistory() {
        let history = min(self.count, Self.historySizeBytes)
        UnsafeMutableRawBufferPointer(rebasing: self.memory[..<history])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: self.memory[self.count - history..<self.count]))
        self.count = history
    }
}
