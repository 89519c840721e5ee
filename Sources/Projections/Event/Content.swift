package import LogValues
package import RawJSON

/// A text that people wrote, kept verbatim, or the commitment that stays of it when it is erased.
///
/// The log's Merkle tree and the state digest take `commit` in place of the content, so that an erasure changes neither
/// (`docs/log-format.md`, "Erasure"). The salt goes with the content, so that a short text cannot be guessed.
package struct Content: Sendable {
    /// The part that an erasure takes away.
    package struct Plain: Hashable, Sendable {
        package let salt: Salt
        /// An object.
        package let json: RawJSON

        package init(salt: Salt, json: RawJSON) {
            self.salt = salt
            self.json = json
        }
    }

    /// Content as it stood in a line.
    struct Written {
        let json: RawJSON
        /// The bytes of the line, if there is white space among them that `json` does not have.
        let spaced: [UInt8]?

        init(_ slice: JSONSlice) {
            self.json = slice.rawJSON()
            self.spaced = slice.isCompact ? nil : Array(slice.bytes)
        }
    }

    /// Present until it is erased.
    package let plain: Plain?
    /// The commitment; nil while it follows from `plain` and nobody has asked for it.
    private let known: Hash256?

    /// SHA-256(salt bytes || content bytes).
    ///
    /// It is computed at each call for content that was read from a line: most of what a replay reads is out of the
    /// state again before a digest is taken, so that it need not be hashed at all.
    package var commit: Hash256 {
        if let known { return known }
        guard let plain else { preconditionFailure("content is there, or its commitment is known") }
        return plain.salt.commitment(to: plain.json.bytes.span)
    }

    /// Content as it is first written down; the commitment is computed here, once.
    package init(salt: Salt, json: RawJSON) {
        self.plain = Plain(salt: salt, json: json)
        self.known = salt.commitment(to: json.bytes.span)
    }

    /// Content as it stands in a line; it was committed to with the white space that it has there.
    init(salt: Salt, written: Written) {
        self.plain = Plain(salt: salt, json: written.json)
        self.known = written.spaced.map { salt.commitment(to: $0.span) }
    }

    /// Content that is gone: all that is left is what it was committed to.
    package init(erased commit: Hash256) {
        self.plain = nil
        self.known = commit
    }

    /// The same after an erasure.
    package var erased: Content { Content(erased: self.commit) }
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
    /// The mirror shows what it is, not how its commitment is kept: equal contents look equal.
    package var customMirror: Mirror {
        Mirror(self, children: ["plain": self.plain as Any, "commit": self.commit], displayStyle: .struct)
    }
}
