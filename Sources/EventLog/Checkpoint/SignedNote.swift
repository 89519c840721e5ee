import LogValues

/// A text and signatures of it.
///
///     hub.example/log
///     1000
///     NHUcNyXCG0FgTuaX2/xHC5zpALwWdMtDJGbzjP4st68=
///
///     — hub.example/log ax3MPUcZKkON…         em dash, key name, base64(key id, 4 bytes || signature)
///
/// A parsed note proves nothing yet: see ``verify(with:)``.
///
/// - SeeAlso: C2SP signed-note v1.0.0.
package struct SignedNote: Hashable, Sendable {
    /// Largest note that is read, in bytes.
    ///
    /// A checkpoint with 16 post-quantum cosignatures takes 55,000.
    package static let sizeLimit = 128 << 10
    /// Most signatures that a note may have; the format asks for at least 16.
    package static let signatureLimit = 64

    private static let dash: StaticString = "\u{2014} "

    /// A signature line; whose it is, is a claim.
    package struct Signature: Hashable, Sendable {
        package let key: KeyIdentity
        /// The bytes that the key's algorithm made, without the key id.
        package let bytes: [UInt8]
    }

    /// The text that is signed: lines that each end with a newline.
    package let text: [UInt8]
    package private(set) var signatures: [Signature]

    /// A text that nobody has signed yet.
    package init(text: [UInt8]) {
        self.text = text
        self.signatures = []
    }

    /// Reads a note strictly.
    ///
    /// - Throws: ``CheckpointError/noteTooLong(limit:)``, ``CheckpointError/tooManySignatures(limit:)``,
    ///   ``CheckpointError/malformedNote(_:)``.
    package init(parsing note: [UInt8]) throws(CheckpointError) {
        guard note.count <= Self.sizeLimit else { throw .noteTooLong(limit: Self.sizeLimit) }
        guard NoteLines.isAcceptable(note) else { throw .malformedNote(.characters) }
        // The last blank line: the text may hold blank lines, the signatures do not.
        guard let textEnd = Self.endOfText(in: note) else { throw .malformedNote(.noBlankLine) }
        guard textEnd > 0 else { throw .malformedNote(.noText) }
        self.text = Array(note[..<textEnd])
        self.signatures = []
        var lines = NoteLines(note[(textEnd + 1)...])
        while !lines.isAtEnd {
            guard self.signatures.count < Self.signatureLimit else {
                throw .tooManySignatures(limit: Self.signatureLimit)
            }
            guard let signature = lines.next().flatMap({ Self.signature(in: $0) }) else {
                throw .malformedNote(.signatureLine(number: lines.number))
            }
            self.signatures.append(signature)
        }
        guard !self.signatures.isEmpty else { throw .malformedNote(.noSignature) }
    }

    /// The note as it is published.
    package var bytes: [UInt8] {
        var note = self.text
        note.append(LineFormat.newline)
        for signature in self.signatures {
            let field = Base64.standard.encode(signature.key.id.bigEndianBytes + signature.bytes)
            note.append(Self.dash)
            note.append(contentsOf: "\(signature.key.name) \(field)\n".utf8)
        }
        return note
    }

    /// Adds a signature of the text.
    package mutating func add(_ signature: Signature) {
        self.signatures.append(signature)
    }

    /// Finds out which of the given keys signed the text.
    ///
    /// Signatures by other keys are passed over: anyone may add one.
    ///
    /// - Returns: The right signatures, in the note's order; at least one.
    /// - Throws: ``CheckpointError/wrongSignature(_:)`` if one claims to be by one of the keys and is not, however many
    ///   others are right; ``CheckpointError/noKnownSignature``.
    package func verify(with keys: [VerifierKey]) throws(CheckpointError) -> [VerifiedSignature] {
        var verified: [VerifiedSignature] = []
        for signature in self.signatures {
            // An id has 32 bits only, so two keys may share it.
            let candidates = keys.filter { $0.identity == signature.key }
            guard !candidates.isEmpty else { continue }
            let right = candidates.lazy.compactMap { $0.verify(signature.bytes, of: self.text) }.first
            guard let right else { throw .wrongSignature(signature.key) }
            verified.append(right)
        }
        guard !verified.isEmpty else { throw .noKnownSignature }
        return verified
    }

    /// Finds the end of the text, its newline included; there the blank line stands.
    private static func endOfText(in note: [UInt8]) -> Int? {
        guard note.count >= 2 else { return nil }
        return (1..<note.count).last { note[$0] == LineFormat.newline && note[$0 - 1] == LineFormat.newline }
    }

    private static func signature(in line: ArraySlice<UInt8>) -> Signature? {
        guard let fields = line.dropping(self.dash), let space = fields.firstIndex(of: UInt8(ascii: " ")) else {
            return nil
        }
        let name = String(decoding: fields[..<space], as: UTF8.self)
        guard KeyIdentity.isName(name), let field = Base64.standard.decode(fields[(space + 1)...]), field.count > 4
        else {
            return nil
        }
        let id = field[..<4].reduce(0) { $0 << 8 | UInt32($1) }
        return Signature(key: KeyIdentity(name: name, id: id), bytes: Array(field[4...]))
    }
}
