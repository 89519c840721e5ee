/// Names one listener: the shard (event loop) that waits for it, and a number that the shard drew.
///
/// Both in 64 bits: every connection has its ticket in two tables.
package struct AttachmentTicket: Hashable, Sendable {
    private static let numberBits: UInt64 = 48

    private let bits: UInt64

    /// - Precondition: `shard` is one of fewer than 65,536, and not even 2^48 numbers were drawn before.
    package init(shard: Int, number: UInt64) {
        precondition(number >> Self.numberBits == 0, "numbers fit their bits")
        self.bits = UInt64(UInt16(shard)) << Self.numberBits | number
    }

    package var shard: Int { Int(self.bits >> Self.numberBits) }
    package var number: UInt64 { self.bits & (1 << Self.numberBits - 1) }
}
