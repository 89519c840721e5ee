import RawJSON

/// 16 random bytes that go into a content's commitment, so that what is erased cannot be guessed.
package struct Salt: Hashable, Sendable {
    /// Characters of its text form, base64url.
    static let textLength = 22

    /// The first eight bytes, big-endian.
    package let high: UInt64
    /// The last eight bytes, big-endian.
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    func append(to text: inout [UInt8]) {
        let words = (self.high.bigEndian, self.low.bigEndian)
        withUnsafeBytes(of: words) { Base64URL.append($0, to: &text) }
    }
}
