import Crypto
import RawJSON

/// A SHA-256 hash: of a leaf, a node, a tree, or a content.
package struct Hash256: Hashable, Sendable, CustomStringConvertible {
    package static let byteCount = 32
    /// Characters of its text form in the log, base64url.
    static let textLength = 43
    /// SHA-256 of nothing: the root of the empty tree.
    package static let ofNothing = Hash256.hash(UnsafeRawBufferPointer(start: nil, count: 0))

    /// The bytes as they lie in memory, in four pieces, so that a hash needs no allocation.
    private let storage: (UInt64, UInt64, UInt64, UInt64)

    /// Nil unless there are 32 bytes.
    package init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        self.storage = bytes.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self)
    }

    /// Nil unless `text` is the one base64url spelling of 32 bytes.
    init?(base64URL text: UnsafeRawBufferPointer) {
        var storage: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        guard withUnsafeMutableBytes(of: &storage, { Base64URL.decode(text, into: $0) }) else { return nil }
        self.storage = storage
    }

    /// From four big-endian words.
    package init(words: (UInt64, UInt64, UInt64, UInt64)) {
        self.storage = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
    }

    init(_ digest: SHA256.Digest) {
        self.storage = digest.withUnsafeBytes { $0.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self) }
    }

    /// Four big-endian words.
    package var words: (UInt64, UInt64, UInt64, UInt64) {
        let storage = self.storage
        return (storage.0.bigEndian, storage.1.bigEndian, storage.2.bigEndian, storage.3.bigEndian)
    }

    package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        Swift.withUnsafeBytes(of: self.storage, body)
    }

    /// Whether all bytes are zero, as in a file's hole: nothing is known that has this hash.
    package var isZero: Bool { self.storage == (0, 0, 0, 0) }

    func appendBase64URL(to text: inout [UInt8]) {
        self.withUnsafeBytes { Base64URL.append($0, to: &text) }
    }

    /// Base64url without padding, as it stands in the log.
    package var description: String {
        var text: [UInt8] = []
        self.appendBase64URL(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    package static func == (left: Hash256, right: Hash256) -> Bool { left.storage == right.storage }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.storage.0)
        hasher.combine(self.storage.1)
    }
}

/// The hashes of RFC 6962, section 2.1; the first byte keeps a node from being taken for a leaf.
extension Hash256 {
    /// SHA-256 of `bytes` as they are.
    package static func hash(_ bytes: UnsafeRawBufferPointer) -> Hash256 {
        var hasher = SHA256()
        hasher.update(bufferPointer: bytes)
        return Hash256(hasher.finalize())
    }

    /// SHA-256 of `first` followed by `second`.
    static func hash(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Hash256 {
        var hasher = SHA256()
        hasher.update(bufferPointer: first)
        hasher.update(bufferPointer: second)
        return Hash256(hasher.finalize())
    }

    /// SHA-256(00 || data).
    ///
    /// For event lines `data` is the redacted form without the newline.
    package static func leaf(_ data: UnsafeRawBufferPointer) -> Hash256 {
        Swift.withUnsafeBytes(of: UInt8(0)) { self.hash($0, data) }
    }

    /// SHA-256(01 || left || right).
    package static func node(_ left: Hash256, _ right: Hash256) -> Hash256 {
        withUnsafeTemporaryAllocation(byteCount: 1 + 2 * self.byteCount, alignment: 1) { buffer in
            buffer[0] = 1
            left.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[1..<33]).copyMemory(from: $0) }
            right.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[33..<65]).copyMemory(from: $0) }
            return self.hash(UnsafeRawBufferPointer(buffer))
        }
    }
}
