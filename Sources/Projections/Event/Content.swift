import Crypto
package import RawJSON

/// What people wrote, kept verbatim, and what stays of it when it is erased.
///
/// The log's Merkle tree and the state digest take `commit` in place of the content, so that an erasure changes neither
/// (`docs/log-format.md`, "Erasure"). The salt goes with the content, so that a short text cannot be guessed.
package struct Content: Sendable {
    /// 16 random bytes, as two words in the order they are written.
    package struct Salt: Hashable, Sendable {
        package let high: UInt64
        package let low: UInt64

        package init(high: UInt64, low: UInt64) {
            self.high = high
            self.low = low
        }
    }

    /// What an erasure takes away.
    package struct Plain: Hashable, Sendable {
        package let salt: Salt
        /// An object.
        package let json: RawJSON

        package init(salt: Salt, json: RawJSON) {
            self.salt = salt
            self.json = json
        }
    }

    /// Present until it is erased.
    package let plain: Plain?
    /// The commitment; nil while it follows from `plain` and nobody has asked for it.
    private let known: Digest256?

    /// SHA-256(salt bytes || content bytes).
    ///
    /// Of content that was read from a line it is computed at each call: most of what a replay reads is out of the state
    /// again before a digest is taken, so that it need not be hashed at all.
    package var commit: Digest256 {
        if let known { return known }
        guard let plain else { preconditionFailure("content is there, or its commitment is known") }
        return plain.json.bytes.withUnsafeBytes { Self.commit(salt: plain.salt, content: $0) }
    }

    /// Content as it is first written down; the commitment is computed here, once.
    package init(salt: Salt, json: RawJSON) {
        self.plain = Plain(salt: salt, json: json)
        self.known = json.bytes.withUnsafeBytes { Self.commit(salt: salt, content: $0) }
    }

    /// Content as it stands in a line; it was committed to with the white space that it has there.
    init(salt: Salt, slice: JSONSlice) {
        let plain = Plain(salt: salt, json: slice.rawJSON())
        self.plain = plain
        // Without white space the copy has the bytes of the line.
        self.known =
            plain.json.bytes.count == slice.bytes.count ? nil : Self.commit(salt: salt, content: slice.bytes)
    }

    /// Content that is gone: all that is left is what it was committed to.
    package init(erased commit: Digest256) {
        self.plain = nil
        self.known = commit
    }

    /// The same after an erasure.
    package var erased: Content { Content(erased: self.commit) }

    /// SHA-256(salt bytes || content bytes).
    private static func commit(salt: Salt, content: UnsafeRawBufferPointer) -> Digest256 {
        var function = SHA256()
        withUnsafeBytes(of: (salt.high.bigEndian, salt.low.bigEndian)) { function.update(bufferPointer: $0) }
        function.update(bufferPointer: content)
        return Digest256(function)
    }
}

extension Content: Hashable {
    package static func == (left: Content, right: Content) -> Bool {
        left.plain == right.plain && (left.known == right.known || left.commit == right.commit)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.plain)
    }
}

extension Content: CustomReflectable {
    /// What it is, not how its commitment is kept: equal contents look equal.
    package var customMirror: Mirror {
        Mirror(self, children: ["plain": self.plain as Any, "commit": self.commit], displayStyle: .struct)
    }
}

extension Content.Salt {
    /// Characters of the form of the log.
    static let textSize = 22

    /// Reads 22 bytes of base64url without padding, the form of the log; nothing else.
    package init?(text: UnsafeRawBufferPointer) {
        var words: (UInt64, UInt64) = (0, 0)
        guard withUnsafeMutableBytes(of: &words, { Base64URL.decode(text, into: $0) }) else { return nil }
        self.init(high: words.0.bigEndian, low: words.1.bigEndian)
    }
}
