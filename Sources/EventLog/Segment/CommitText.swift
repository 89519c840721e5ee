import LogValues
import RawJSON

/// The text of a commit that spans several blocks, gathered until its last block is there.
///
/// Keeps where each block's text begins, so that a line can be traced to its block. One owner: a ``SegmentReader``.
struct CommitText: ~Copyable {
    private var memory = OwnedBytes()
    private(set) var count = 0
    private var blocks: [(start: Int, offset: UInt64)] = []

    var isEmpty: Bool { self.count == 0 }
    var bytes: Bytes {
        @_lifetime(borrow self)
        get { self.memory.bytes(0..<self.count) }
    }
    /// The start of the first block in the file.
    var firstOffset: UInt64? { self.blocks.first?.offset }

    /// Appends the block that the reader has read last.
    mutating func append(textOf frames: borrowing LZ4FrameReader, ofBlockAt offset: UInt64) {
        let text = frames.text
        if self.memory.count - self.count < text.count {
            self.memory.resize(to: max(self.count + text.count, 2 * self.memory.count), keeping: 0..<self.count)
        }
        self.memory.replace(from: self.count, with: text)
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
