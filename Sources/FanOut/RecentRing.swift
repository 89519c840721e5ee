import DequeModule
import LogValues
import NIOCore
import Projections

/// The last frames of a shard, bounded by bytes: what sockets that fell behind catch up from.
///
/// Entries are numbered from 0 without gaps; only frames that somebody in the shard might receive are kept. When it is
/// full, the oldest entry is dropped; one that the log cannot tell of (see ``Frame/isInLog``) is put aside first, within
/// bounds of its own, so that a socket that is caught up from the log is not short of it.
struct RecentRing {
    struct Entry {
        /// The channel that it is shown in; nil for a private frame.
        let channel: ShardChannel?
        let run: FrameRun

        var audience: Addressing { self.run.audience }
        var bytes: ByteBuffer { self.run.bytes }
        var first: SequenceNumber { self.run.first }
        var last: SequenceNumber { self.run.last }
        var isInLog: Bool { self.run.isInLog }
    }

    /// An entry with its number.
    struct Aside {
        let number: UInt64
        let entry: Entry
    }

    /// The bytes that an entry costs besides its own, roughly.
    private static let entryOverhead = 160

    private let capacity: Int
    private let asideCapacity: Int
    private var entries: Deque<Entry> = []
    private(set) var size = 0
    /// The number of the oldest entry.
    private(set) var start: UInt64 = 0
    /// The last event of the entries that were dropped.
    private(set) var droppedThrough = SequenceNumber.start
    private var asides: Deque<Aside> = []
    private var asideSize = 0
    /// The last event of the asides that were dropped in their turn.
    private(set) var asidesDroppedThrough = SequenceNumber.start

    /// Takes the sizes of the ring and of what is put aside, in bytes, an estimate of each entry's overhead included.
    init(capacity: Int, asideCapacity: Int) {
        self.capacity = capacity
        self.asideCapacity = asideCapacity
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
        while self.size > self.capacity, let count = self.droppableCount { self.drop(count) }
        return number
    }

    /// The entries of the oldest event, and of those that share an entry with it: an event is dropped whole, so that a
    /// socket can go on behind it.
    ///
    /// It is nil where the newest entry belongs to them: that one stays, however large, as sockets' buffers hold it anyway.
    private var droppableCount: Int? {
        guard let newest = self.entries.last else { return nil }
        var count = 0
        var last = SequenceNumber.start
        for entry in self.entries {
            guard count == 0 || entry.first == last else { break }
            count += 1
            last = entry.last
        }
        return last < newest.first ? count : nil
    }

    private mutating func drop(_ count: Int) {
        for _ in 0..<count {
            let dropped = self.entries.removeFirst()
            self.size -= Self.cost(dropped)
            if !dropped.isInLog { self.putAside(Aside(number: self.start, entry: dropped)) }
            self.start += 1
            self.droppedThrough = dropped.last
        }
    }

    private mutating func putAside(_ aside: Aside) {
        self.asides.append(aside)
        self.asideSize += Self.cost(aside.entry)
        while self.asideSize > self.asideCapacity, let dropped = self.asides.popFirst() {
            self.asideSize -= Self.cost(dropped.entry)
            self.asidesDroppedThrough = dropped.entry.last
        }
    }

    /// Drops every entry, and what was put aside.
    mutating func removeAll() {
        if let last = self.entries.last?.last { self.droppedThrough = last }
        if let last = self.entries.last(where: { !$0.isInLog })?.last ?? self.asides.last?.entry.last {
            self.asidesDroppedThrough = last
        }
        self.start = self.end
        self.entries.removeAll()
        self.size = 0
        self.asides.removeAll()
        self.asideSize = 0
    }

    /// The frames that were put aside of the events behind one, up to another, in order.
    func asides(after position: SequenceNumber, through last: SequenceNumber) -> Deque<Aside>.SubSequence {
        let start = self.asides.partitioningIndex { $0.entry.first > position }
        return self.asides[start...].prefix { $0.entry.first <= last }
    }

    private static func cost(_ entry: Entry) -> Int {
        // The bytes that are allocated count, which may be twice those that are used.
        entry.bytes.storageCapacity + Self.entryOverhead
    }
}

extension Deque {
    /// The first index for which this holds, given that it holds for all that follow.
    fileprivate func partitioningIndex(_ isBehind: (Element) -> Bool) -> Int {
        var low = self.startIndex
        var high = self.endIndex
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
