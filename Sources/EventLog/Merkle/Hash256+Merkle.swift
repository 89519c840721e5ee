package import LogValues
import RawJSON

/// The hashes of RFC 6962, section 2.1; the first byte keeps a node from being taken for a leaf.
extension Hash256 {
    /// SHA-256(00 || data).
    ///
    /// For event lines `data` is the redacted form without the newline.
    package static func leaf(_ data: Bytes) -> Hash256 { Hash256(hashing: CollectionOfOne(0).span, data) }

    /// SHA-256(01 || left || right).
    package static func node(_ left: Hash256, _ right: Hash256) -> Hash256 {
        let (first, second) = (left.words, right.words)
        var words: InlineArray<8, UInt64> = [
            first.0, first.1, first.2, first.3, second.0, second.1, second.2, second.3,
        ]
        for place in words.indices { words[place] = words[place].bigEndian }
        return Hash256(hashing: CollectionOfOne(1).span, Bytes(words: words.span))
    }
}
