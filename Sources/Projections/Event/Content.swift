package import RawJSON

/// What people wrote, kept verbatim, and what stays of it when it is erased.
///
/// The log's Merkle tree and the state digest take `commit` in place of the content, so that an erasure changes neither
/// (`docs/log-format.md`, "Erasure"). The salt goes with the content, so that a short text cannot be guessed.
package struct Content: Hashable, Sendable {
    /// 16 random bytes, as two words in the order they are written.
    package struct Salt: Hashable, Sendable {
        package let high: UInt64
        package let low: UInt64

        package init(high: UInt64, low: UInt64) {
            self.high = high
            self.low = low
        }
    }

    /// Present until it is erased: salt and a JSON object.
    package let plain: (salt: Salt, json: RawJSON)?
    /// SHA-256(salt bytes || content bytes).
    package let commit: Digest256
}
