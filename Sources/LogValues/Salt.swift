/// 16 random bytes that go into a content's commitment, so that what is erased cannot be guessed.
@usableFromInline
package struct Salt: Hashable, Sendable {
    /// Characters of its text form, base64url.
    package static let textLength = 22

    /// The first eight bytes, big-endian.
    @usableFromInline package let high: UInt64
    /// The last eight bytes, big-endian.
    @usableFromInline package let low: UInt64

    @inlinable
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads 22 characters of base64url without padding, the form of the log; nothing else.
    package init?(base64URL text: UnsafeRawBufferPointer) {
        var words: (UInt64, UInt64) = (0, 0)
        guard Swift.withUnsafeMutableBytes(of: &words, { Base64.url.decode(text, into: $0) }) else { return nil }
        self.init(high: words.0.bigEndian, low: words.1.bigEndian)
    }

    @inlinable
    package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        Swift.withUnsafeBytes(of: (self.high.bigEndian, self.low.bigEndian), body)
    }

    package func appendBase64URL(to text: inout [UInt8]) {
        self.withUnsafeBytes { Base64.url.append($0, to: &text) }
    }

    /// What a content with this salt is committed to: SHA-256(salt bytes || content bytes).
    package func commitment(to content: UnsafeRawBufferPointer) -> Hash256 {
        self.withUnsafeBytes { Hash256(hashing: $0, content) }
    }
}
