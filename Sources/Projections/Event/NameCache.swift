import LogValues
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
        text.hasEscapes ? text.decodedUTF8() : self.bytes(of: text.raw)
    }

    /// The same for a name that stands there as it is.
    mutating func bytes(of name: Bytes) -> [UInt8] {
        guard name.count <= Self.longestSize else { return Array(name) }
        let hash = Self.hash(of: name)
        let slot = Int(truncatingIfNeeded: hash % UInt64(Self.slotCount))
        if self.slots[slot].hash == hash {
            let known = self.slots[slot].bytes
            if known.span.equals(name) { return known }
        }
        let bytes = Array(name)
        self.slots[slot] = Slot(hash: hash, bytes: bytes)
        return bytes
    }

    /// Takes eight bytes at a time; whoever chooses names so that they meet in a slot makes them cost their own memory.
    private static func hash(of name: Bytes) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: name.count)
        var at = 0
        while name.count - at >= 8 {
            hash = Self.mix(hash ^ name.word(at: at))
            at += 8
        }
        var rest: UInt64 = 0
        while at < name.count {
            rest = rest << 8 | UInt64(name[at])
            at += 1
        }
        return Self.mix(hash ^ rest)
    }

    @inline(__always)
    private static func mix(_ word: UInt64) -> UInt64 {
        let product = word.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}
