/// The text of a commit that spans several blocks, gathered until its last block is there.
///
/// Keeps where each block's text begins, so that a line can be traced to its block. One owner: a ``SegmentReader``.
struct CommitText: ~Copyable {
    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var count = 0
    private var blocks: [(start: Int, offset: UInt64)] = []

    deinit {
        self.memory.deallocate()
    }

    var isEmpty: Bool { self.count == 0 }
    /// Valid until the next change.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self.memory[..<self.count]) }
    /// The start of the first block in the file.
    var firstOffset: UInt64? { self.blocks.first?.offset }

    mutating func append(_ text: UnsafeRawBufferPointer, ofBlockAt offset: UInt64) {
        if self.memory.count - self.count < text.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(self.count + text.count, 2 * self.memory.count),
                alignment: 16
            )
            larger.copyMemory(from: self.bytes)
            self.memory.deallocate()
            self.memory = larger
        }
        UnsafeMutableRawBufferPointer(rebasing: self.memory[self.count...]).copyMemory(from: text)
        self.blocks.append((start: self.count, offset: offset))
        self.count += text.count
    }

    mutating func removeAll() {
        self.count = 0
        self.blocks.removeAll(keepingCapacity: true)
    }

    /// Finds the start, in the file, of the block whose text holds the byte at `position`.
    func blockOffset(at position: Int) -> UInt64? {
        self.blocks.last { $0.start <= position }?.offset
    }
}
