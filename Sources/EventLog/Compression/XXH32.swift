package import LogValues
import RawJSON

/// xxHash, 32 bits, seed 0: the checksum of LZ4 frames, and of files that are caches.
///
/// Incremental; a copy goes on by itself.
///
/// From the xxHash fast digest algorithm specification, version 0.1.1. liblz4 has one, but does not export it.
package struct XXH32: Equatable, Sendable {
    private static let prime1: UInt32 = 2_654_435_761
    private static let prime2: UInt32 = 2_246_822_519
    private static let prime3: UInt32 = 3_266_489_917
    private static let prime4: UInt32 = 668_265_263
    private static let prime5: UInt32 = 374_761_393
    private static let stripeSize = 16

    private var lanes: (UInt32, UInt32, UInt32, UInt32) = (
        prime1 &+ prime2, prime2, 0, 0 &- prime1
    )
    /// The bytes since the last whole stripe of 16, in memory order.
    private var rest = InlineArray<16, UInt8>(repeating: 0)
    private var size: UInt64 = 0

    package init() {}

    package static func hash(_ bytes: Bytes) -> UInt32 {
        var hash = XXH32()
        hash.update(bytes)
        return hash.digest
    }

    package mutating func update(_ bytes: Bytes) {
        let pending = Int(self.size % UInt64(Self.stripeSize))
        self.size += UInt64(bytes.count)
        var at = 0
        if pending > 0 {
            at = min(bytes.count, Self.stripeSize - pending)
            self.keep(bytes.extracting(..<at), at: pending)
            guard pending + at == Self.stripeSize else { return }
            let rest = self.rest
            self.consume(rest.span)
        }
        let whole = (bytes.count - at) / Self.stripeSize * Self.stripeSize
        self.consume(bytes.extracting(at..<at + whole))
        self.keep(bytes.extracting((at + whole)...), at: 0)
    }

    /// Takes the eight bytes of a number, the least significant first.
    package mutating func update(littleEndian number: UInt64) {
        self.update(Bytes(words: CollectionOfOne(number.littleEndian).span))
    }

    /// The hash of what was given so far.
    package var digest: UInt32 {
        var hash =
            self.size < UInt64(Self.stripeSize)
            ? Self.prime5
            : Self.rotate(self.lanes.0, 1) &+ Self.rotate(self.lanes.1, 7) &+ Self.rotate(self.lanes.2, 12)
                &+ Self.rotate(self.lanes.3, 18)
        hash &+= UInt32(truncatingIfNeeded: self.size)
        let count = Int(self.size % UInt64(Self.stripeSize))
        let rest = self.rest.span
        var at = 0
        while at + 4 <= count {
            hash &+= UInt32(littleEndian: rest.halfWord(at: at)) &* Self.prime3
            hash = Self.rotate(hash, 17) &* Self.prime4
            at += 4
        }
        while at < count {
            hash &+= UInt32(rest[at]) &* Self.prime5
            hash = Self.rotate(hash, 11) &* Self.prime1
            at += 1
        }
        hash = (hash ^ hash >> 15) &* Self.prime2
        hash = (hash ^ hash >> 13) &* Self.prime3
        return hash ^ hash >> 16
    }

    private mutating func keep(_ bytes: Bytes, at start: Int) {
        for place in bytes.indices { self.rest[start + place] = bytes[place] }
    }

    /// Takes whole stripes.
    private mutating func consume(_ stripes: Bytes) {
        precondition(stripes.count % Self.stripeSize == 0, "stripes are taken whole")
        let stripes = unsafe stripes.bytes
        // The loop ends with the last stripe, and stays within the one it begins.
        func input(_ at: Int) -> UInt32 {
            unsafe stripes.unsafeLoadUnaligned(fromUncheckedByteOffset: at, as: UInt32.self)
        }
        var (lane0, lane1, lane2, lane3) = self.lanes
        var at = 0
        while at < stripes.byteCount {
            lane0 = Self.round(lane0, input(at))
            lane1 = Self.round(lane1, input(at + 4))
            lane2 = Self.round(lane2, input(at + 8))
            lane3 = Self.round(lane3, input(at + 12))
            at += Self.stripeSize
        }
        self.lanes = (lane0, lane1, lane2, lane3)
    }

    private static func round(_ lane: UInt32, _ input: UInt32) -> UInt32 {
        self.rotate(lane &+ UInt32(littleEndian: input) &* self.prime2, 13) &* self.prime1
    }

    private static func rotate(_ value: UInt32, _ count: UInt32) -> UInt32 {
        value &<< count | value &>> (32 &- count)
    }

    package static func == (left: XXH32, right: XXH32) -> Bool {
        left.size == right.size && left.digest == right.digest
    }
}
