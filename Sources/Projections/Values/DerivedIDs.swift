import LogValues

/// The identities that one event brings about (channels, users, presence frames), drawn from the event's random seed.
///
/// Replay must name them as the first run did, so they cannot be random; and they cannot stand in the event, because
/// how many are needed is known only when it is applied. The n-th draw mixes the seed with n by the finaliser of
/// SplitMix64 (Steele, Lea, Flood 2014), a bijection of 64 bits: two draws from one seed never collide, and draws from
/// different seeds collide as rarely as random UUIDs.
struct DerivedIDs {
    private let seed: UUID128
    private var count: UInt64 = 0

    init(seed: UUID128) {
        self.seed = seed
    }

    /// The next identity: a UUID of version 4 in form.
    mutating func next() -> UUID128 {
        self.count &+= 1
        let high = Self.mix(self.seed.high &+ self.count &* 0x9E37_79B9_7F4A_7C15)
        let low = Self.mix(self.seed.low ^ Self.mix(high &+ self.count))
        return UUID128(random: high, low)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
