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
    package init?(base64URL text: Bytes) {
        var bytes = InlineArray<16, UInt8>(repeating: 0)
        var target = bytes.mutableSpan
        guard Base64.url.decode(text, into: &target) else { return nil }
        self.init(
            high: UInt64(bigEndian: bytes.span.word(at: 0)),
            low: UInt64(bigEndian: bytes.span.word(at: 8))
        )
    }

    /// Lends the 16 bytes.
    @inlinable
    package func withBytes<R>(_ body: (Bytes) -> R) -> R {
        let words: InlineArray<2, UInt64> = [self.high.bigEndian, self.low.bigEndian]
        return body(Bytes(words: words.span))
    }

    package func appendBase64URL(to text: inout [UInt8]) {
        self.withBytes { Base64.url.append($0, to: &text) }
    }

    /// What a content with this salt is committed to: SHA-256(salt bytes || content bytes).
    package func commitment(to content: Bytes) -> Hash256 {
        self.withBytes { Hash256(hashing: $0, content) }
    }
}
