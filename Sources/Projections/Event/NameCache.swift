import RawJSON

/// Names that were read before, so that a name which comes again shares memory instead of taking its own.
///
/// A log names the same channels and users over and over, and frames keep the names of their events: with a cache a
/// replay allocates less by two or three arrays an event, and so does the state that it leaves. Direct-mapped: a name
/// that meets another in its slot takes its place.
struct NameCache: Sendable {
    /// The hash stands beside the bytes, so that the slot of another name is told without a look at that name's memory:
    /// with 11,000 names in 1024 slots without it, half of the time of reading `data` went into such looks.
    private struct Slot {
        var hash: UInt64 = 0
        var bytes: [UInt8] = []
    }

    /// 128 KiB, a part of what a processor has close at hand.
    private static let slotCount = 8192
    /// Longer names are rare, and not worth comparing.
    private static let longestSize = 64

    private var slots = [Slot](repeating: Slot(), count: slotCount)

    /// The bytes of a name, which may be an array that was handed out before.
    mutating func bytes(of text: JSONString) -> [UInt8] {
        let raw = text.raw
        guard !text.hasEscapes, raw.count <= Self.longestSize else { return text.decodedUTF8() }
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in raw {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        let slot = Int((hash ^ hash >> 32) % UInt64(Self.slotCount))
        if self.slots[slot].hash == hash, self.slots[slot].bytes.elementsEqual(raw) {
            return self.slots[slot].bytes
        }
        let bytes = Array(raw)
        self.slots[slot] = Slot(hash: hash, bytes: bytes)
        return bytes
    }
}
