import LogValues
import RawJSON

/// Counts and sizes by name, with no allocation for a name that was seen before.
///
/// Open addressing over the bytes themselves: a `Dictionary` would need an array for each lookup.
struct CountTable {
    /// What is counted of a name.
    struct Entry: Equatable {
        let name: [UInt8]
        var count: UInt64
        var sizeBytes: UInt64
    }

    private(set) var entries: [Entry] = []
    /// Index into `entries` plus 1, or 0 where a slot is free; a power of two in size, at most half full.
    private var slots: [Int32] = Array(repeating: 0, count: 64)
    /// Most names that are told apart; further names count as ``others``.
    private let limit: Int
    /// Names beyond the limit.
    private(set) var others = Entry(name: [], count: 0, sizeBytes: 0)

    init(limit: Int = 1_000_000) {
        self.limit = limit
    }

    mutating func add(_ name: Bytes, sizeBytes: Int) {
        let mask = self.slots.count - 1
        var slot = Int(truncatingIfNeeded: Self.hash(name)) & mask
        while self.slots[slot] != 0 {
            let index = Int(self.slots[slot]) - 1
            if Self.isEqual(name, self.entries[index].name) {
                self.entries[index].count += 1
                self.entries[index].sizeBytes += UInt64(sizeBytes)
                return
            }
            slot = (slot + 1) & mask
        }
        guard self.entries.count < self.limit else {
            self.others.count += 1
            self.others.sizeBytes += UInt64(sizeBytes)
            return
        }
        self.entries.append(Entry(name: Array(name), count: 1, sizeBytes: UInt64(sizeBytes)))
        self.slots[slot] = Int32(self.entries.count)
        if 2 * self.entries.count > self.slots.count { self.grow() }
    }

    /// The names that occur most, at most `limit` of them; equal ones by name.
    func mostFrequent(_ limit: Int) -> [Entry] {
        let sorted = self.entries.sorted { left, right in
            left.count != right.count ? left.count > right.count : left.name.lexicographicallyPrecedes(right.name)
        }
        return Array(sorted.prefix(limit))
    }

    private mutating func grow() {
        self.slots = Array(repeating: 0, count: 2 * self.slots.count)
        let mask = self.slots.count - 1
        for (index, entry) in self.entries.enumerated() {
            var slot = Int(truncatingIfNeeded: Self.hash(entry.name.span)) & mask
            while self.slots[slot] != 0 { slot = (slot + 1) & mask }
            self.slots[slot] = Int32(index + 1)
        }
    }

    private static func isEqual(_ name: Bytes, _ known: [UInt8]) -> Bool { name.equals(known.span) }

    /// FNV-1a; names are short.
    private static func hash(_ name: Bytes) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in name.indices { hash = (hash ^ UInt64(name[index])) &* 0x0000_0100_0000_01B3 }
        return hash ^ hash >> 32
    }
}
