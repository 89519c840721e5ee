import LogValues
import Projections

/// The hashes under which the index finds messages and channels.
///
/// They are on disk, so they never change within a version of the format. Two names may share one: whoever looks
/// something up checks it against the line. Handed in, so that tests can make them collide.
struct IndexHash: Sendable {
    let message: @Sendable (UUID128) -> UInt64
    let channel: @Sendable (ChannelName) -> UInt64

    static let standard = IndexHash(
        message: { Self.mix($0.high ^ Self.mix($0.low)) },
        channel: { name in
            // FNV-1a; the mixing makes up for its weak upper bits.
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            return Self.mix(hash)
        }
    )

    /// The finalizer of splitmix64.
    private static func mix(_ word: UInt64) -> UInt64 {
        var word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
