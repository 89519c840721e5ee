import Crypto
import RawJSON

/// A SHA-256 digest as four words, so that it needs no allocation.
package struct Digest256: Hashable, Sendable, CustomStringConvertible {
    /// In bytes.
    static let size = 32

    /// Big-endian words in order.
    package let words: (UInt64, UInt64, UInt64, UInt64)

    package init(words: (UInt64, UInt64, UInt64, UInt64)) {
        self.words = words
    }

    /// Takes 32 bytes as they are; nil for any other size.
    package init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 32 else { return nil }
        func word(_ index: Int) -> UInt64 {
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        }
        self.words = (word(0), word(1), word(2), word(3))
    }

    /// The digest of these bytes.
    package init(hashing bytes: UnsafeRawBufferPointer) {
        var function = SHA256()
        function.update(bufferPointer: bytes)
        self.init(function)
    }

    /// The digest of these bytes.
    package init(hashing bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { Digest256(hashing: $0) }
    }

    /// The digest of what the function has taken so far.
    init(_ function: SHA256) {
        let words = function.finalize().withUnsafeBytes { bytes in
            Digest256(bytes: bytes)?.words
        }
        // SHA-256 has 32 bytes; the other branch is for the compiler.
        self.words = words ?? (0, 0, 0, 0)
    }

    package static func == (left: Digest256, right: Digest256) -> Bool {
        left.words == right.words
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.words.0)
        hasher.combine(self.words.1)
    }

    /// Appends the 32 bytes.
    package func appendBytes(to bytes: inout [UInt8]) {
        bytes.append(bigEndian: self.words.0)
        bytes.append(bigEndian: self.words.1)
        bytes.append(bigEndian: self.words.2)
        bytes.append(bigEndian: self.words.3)
    }
}

// MARK: - Text

extension Digest256 {
    /// Reads 43 bytes of base64url without padding, the form of the log; nothing else.
    package init?(text: UnsafeRawBufferPointer) {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        guard withUnsafeMutableBytes(of: &words, { Base64URL.decode(text, into: $0) }) else { return nil }
        self.words = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
    }

    /// Base64url, as in the log.
    package var description: String {
        var writer = JSONWriter(capacity: 48)
        writer.digest(self)
        return String(decoding: writer.bytes.dropFirst().dropLast(), as: UTF8.self)
    }
}

extension [UInt8] {
    /// Appends the eight bytes of a word, most significant first.
    mutating func append(bigEndian word: UInt64) {
        Swift.withUnsafeBytes(of: word.bigEndian) { self.append(contentsOf: $0) }
    }
}
