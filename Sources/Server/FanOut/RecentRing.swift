import DequeModule
import NIOCore
import Projections

/// The last frames of a shard, bounded by bytes: what sockets that fell behind catch up from.
///
/// Entries are numbered from 0 without gaps; only frames that somebody in the shard might receive are kept.
struct RecentRing {
    struct Entry {
        /// Nil for a private frame.
        let channel: ShardChannel?
        let audience: Addressing
        let bytes: ByteBuffer
        let first: Position
        let last: Position
    }

    /// What an entry costs besides its bytes, roughly.
    private static let entryOverhead = 160

    private let capacity: Int
    private var entries: Deque<Entry> = []
    private(set) var size = 0
    /// The number of the oldest entry.
    private(set) var start: UInt64 = 0
    /// The last event of the entries that were dropped.
    private(set) var droppedThrough = Position.start

    /// - Parameter capacity: In bytes, an estimate of each entry's overhead included.
    init(capacity: Int) {
        self.capacity = capacity
    }

    /// The number that the next entry will get.
    var end: UInt64 { self.start + UInt64(self.entries.count) }

    /// - Precondition: `number` lies between `start` and `end`.
    subscript(number: UInt64) -> Entry { self.entries[Int(number - self.start)] }

    /// - Returns: The entry's number.
    @discardableResult
    mutating func append(_ entry: Entry) -> UInt64 {
        let number = self.end
        self.entries.append(entry)
        self.size += Self.cost(entry)
        // The newest stays, however large: it is held by the sockets' buffers anyway.
        while self.size > self.capacity, self.entries.count > 1 {
            let dropped = self.entries.removeFirst()
            self.size -= Self.cost(dropped)
            self.start += 1
            self.droppedThrough = dropped.last
        }
        return number
    }

    /// Drops every entry.
    mutating func removeAll() {
        guard let last = self.entries.last else { return }
        self.start = self.end
        self.droppedThrough = last.last
        self.entries.removeAll()
        self.size = 0
    }

    /// The first entry of an event behind this one; nil when entries of such events were dropped.
    func firstEntry(after position: Position) -> UInt64? {
        guard position >= self.droppedThrough else { return nil }
        // Positions grow along the ring.
        var low = 0
        var high = self.entries.count
        while low < high {
            let middle = (low + high) / 2
            if self.entries[middle].first > position { high = middle } else { low = middle + 1 }
        }
        return self.start + UInt64(low)
    }

    private static func cost(_ entry: Entry) -> Int {
        // What is allocated, which may be twice what is used.
        entry.bytes.storageCapacity + Self.entryOverhead
    }
}
