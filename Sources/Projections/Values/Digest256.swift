/// A SHA-256 digest as four words, so that it needs no allocation.
package struct Digest256: Hashable, Sendable {
    /// Big-endian words in order.
    package let words: (UInt64, UInt64, UInt64, UInt64)

    package static func == (left: Digest256, right: Digest256) -> Bool {
        left.words == right.words
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.words.0)
        hasher.combine(self.words.1)
    }
}
