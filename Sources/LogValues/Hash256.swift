package import Crypto

/// A SHA-256 hash: of a leaf, a node, a tree, a content, a state.
@usableFromInline
package struct Hash256: Hashable, Sendable, CustomStringConvertible {
    package static let byteCount = 32
    /// Characters of its text form in the log, base64url.
    package static let textLength = 43
    /// SHA-256 of nothing: the root of the empty tree.
    package static let ofNothing = Hash256(hashing: UnsafeRawBufferPointer(start: nil, count: 0))

    /// The bytes as they lie in memory, in four pieces, so that a hash needs no allocation.
    @usableFromInline let storage: (UInt64, UInt64, UInt64, UInt64)

    /// Nil unless there are 32 bytes.
    @inlinable
    package init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 32 else { return nil }
        self.storage = bytes.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self)
    }

    /// From four big-endian words.
    @inlinable
    package init(words: (UInt64, UInt64, UInt64, UInt64)) {
        self.storage = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
    }

    /// The hash that a function has finished.
    package init(_ digest: SHA256.Digest) {
        self.storage = digest.withUnsafeBytes { $0.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self) }
    }

    /// Four big-endian words.
    @inlinable package var words: (UInt64, UInt64, UInt64, UInt64) {
        let storage = self.storage
        return (storage.0.bigEndian, storage.1.bigEndian, storage.2.bigEndian, storage.3.bigEndian)
    }

    @inlinable
    package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        Swift.withUnsafeBytes(of: self.storage, body)
    }

    /// Appends the 32 bytes.
    @inlinable
    package func appendBytes(to bytes: inout [UInt8]) {
        self.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    /// Whether all bytes are zero, as in a file's hole: nothing is known that has this hash.
    @inlinable package var isZero: Bool { self.storage == (0, 0, 0, 0) }

    @inlinable
    package static func == (left: Hash256, right: Hash256) -> Bool { left.storage == right.storage }

    @inlinable
    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.storage.0)
        hasher.combine(self.storage.1)
    }
}

// MARK: - Hashing

extension Hash256 {
    /// SHA-256 of `bytes` as they are.
    package init(hashing bytes: UnsafeRawBufferPointer) {
        var function = SHA256()
        function.update(bufferPointer: bytes)
        self.init(function.finalize())
    }

    /// SHA-256 of `first` followed by `second`.
    package init(hashing first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) {
        var function = SHA256()
        function.update(bufferPointer: first)
        function.update(bufferPointer: second)
        self.init(function.finalize())
    }

    /// SHA-256 of `bytes` as they are.
    package init(hashing bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { Hash256(hashing: $0) }
    }
}

// MARK: - Text

extension Hash256 {
    /// Reads 43 characters of base64url without padding, the form of the log; nothing else.
    package init?(base64URL text: UnsafeRawBufferPointer) {
        var storage: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        guard Swift.withUnsafeMutableBytes(of: &storage, { Base64.url.decode(text, into: $0) }) else { return nil }
        self.storage = storage
    }

    /// Reads 44 characters of standard base64 with padding, the form of notes and proofs; nothing else.
    package init?(base64 text: some Collection<UInt8>) {
        guard let hash = Base64.standard.decode(text)?.withUnsafeBytes({ Hash256(bytes: $0) }) else { return nil }
        self = hash
    }

    package func appendBase64URL(to text: inout [UInt8]) {
        self.withUnsafeBytes { Base64.url.append($0, to: &text) }
    }

    /// Base64url without padding, as it stands in the log.
    @usableFromInline package var description: String { self.withUnsafeBytes { Base64.url.encode($0) } }

    /// Standard base64 with padding, as it stands in notes and proofs.
    package var base64: String { self.withUnsafeBytes { Base64.standard.encode($0) } }
}
