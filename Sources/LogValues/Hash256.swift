package import Crypto

/// A SHA-256 hash: of a leaf, a node, a tree, a content, a state.
@usableFromInline
package struct Hash256: Hashable, Sendable, CustomStringConvertible {
    package static let byteCount = 32
    /// Characters of its text form in the log, base64url.
    package static let textLength = 43
    /// SHA-256 of nothing: the root of the empty tree.
    package static let ofNothing = Hash256(hashing: [])

    /// The bytes as they lie in memory, in four pieces, so that a hash needs no allocation.
    @usableFromInline let storage: (UInt64, UInt64, UInt64, UInt64)

    /// Nil unless there are 32 bytes.
    @inlinable
    package init?(bytes: Bytes) {
        guard bytes.count == 32 else { return nil }
        self.storage = (bytes.word(at: 0), bytes.word(at: 8), bytes.word(at: 16), bytes.word(at: 24))
    }

    /// From four big-endian words.
    @inlinable
    package init(words: (UInt64, UInt64, UInt64, UInt64)) {
        self.storage = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
    }

    /// The hash that a function has finished.
    package init(_ digest: SHA256.Digest) {
        // A digest lends its 32 bytes in no other way.
        self.storage = unsafe digest.withUnsafeBytes {
            unsafe $0.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self)
        }
    }

    /// Four big-endian words.
    @inlinable package var words: (UInt64, UInt64, UInt64, UInt64) {
        let storage = self.storage
        return (storage.0.bigEndian, storage.1.bigEndian, storage.2.bigEndian, storage.3.bigEndian)
    }

    /// Lends the 32 bytes.
    @inlinable
    package func withBytes<R>(_ body: (Bytes) -> R) -> R {
        let storage: InlineArray<4, UInt64> = [self.storage.0, self.storage.1, self.storage.2, self.storage.3]
        return body(Bytes(words: storage.span))
    }

    /// Appends the 32 bytes.
    @inlinable
    package func appendBytes(to bytes: inout [UInt8]) {
        self.withBytes { bytes.append(contentsOf: $0) }
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
    package init(hashing bytes: Bytes) {
        var function = SHA256()
        function.update(bytes)
        self.init(function.finalize())
    }

    /// SHA-256 of `first` followed by `second`.
    package init(hashing first: Bytes, _ second: Bytes) {
        var function = SHA256()
        function.update(first)
        function.update(second)
        self.init(function.finalize())
    }

    /// SHA-256 of `bytes` as they are.
    package init(hashing bytes: [UInt8]) {
        self.init(hashing: bytes.span)
    }
}

extension HashFunction {
    /// Goes on with borrowed bytes.
    package mutating func update(_ bytes: Bytes) {
        // The function takes pointers alone; the call is over before the bytes are.
        unsafe bytes.withUnsafeBytes { unsafe self.update(bufferPointer: $0) }
    }
}

// MARK: - Text

extension Hash256 {
    /// Reads 43 characters of base64url without padding, the form of the log; nothing else.
    package init?(base64URL text: Bytes) {
        var bytes = InlineArray<32, UInt8>(repeating: 0)
        var target = bytes.mutableSpan
        guard Base64.url.decode(text, into: &target) else { return nil }
        self.init(bytes: bytes.span)
    }

    /// Reads 44 characters of standard base64 with padding, the form of notes and proofs; nothing else.
    package init?(base64 text: some Collection<UInt8>) {
        guard let bytes = Base64.standard.decode(text) else { return nil }
        self.init(bytes: bytes.span)
    }

    package func appendBase64URL(to text: inout [UInt8]) {
        self.withBytes { Base64.url.append($0, to: &text) }
    }

    /// Base64url without padding, as it stands in the log.
    @usableFromInline package var description: String { self.withBytes { Base64.url.encode($0) } }

    /// Standard base64 with padding, as it stands in notes and proofs.
    package var base64: String { self.withBytes { Base64.standard.encode($0) } }
}
