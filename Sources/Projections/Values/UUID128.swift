/// A UUID (RFC 9562) as two words, written in canonical lower case with dashes.
///
/// Foundation's type writes upper case, reads one spelling only, and costs an import.
package struct UUID128: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Version 4 from 128 random bits: version and variant bits are set here.
    package init(random high: UInt64, _ low: UInt64) {
        self.high = high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        self.low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    }
}

/// What identifies one connection of a user; the client's bearer secret.
package typealias ConnectionID = UUID128
