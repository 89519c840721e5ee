import Crypto
import LogValues

/// A public key that notes are checked with.
///
/// Text form: `name+<8 lower-case hexadecimal digits>+base64(type || public key)`.
///
/// - SeeAlso: C2SP signed-note v1.0.0, "Verifier keys"; tlog-cosignature v1.1 for witnesses.
package struct VerifierKey: Hashable, Sendable {
    /// The kind of statement that a key signs.
    package enum Algorithm: UInt8, Hashable, Sendable {
        /// Ed25519 (RFC 8032) over the text: a log's.
        case ed25519 = 1
        /// Ed25519 over a time and the text: a witness's, who has seen the log grow consistently up to here.
        case cosignature = 4
    }

    static let publicKeyByteCount = 32
    private static let signatureByteCount = 64
    private static let timeByteCount = 8

    package let identity: KeyIdentity
    package let algorithm: Algorithm
    private let publicKey: [UInt8]

    /// A key of 32 bytes with a valid name.
    init(name: String, algorithm: Algorithm, publicKey: [UInt8]) {
        precondition(publicKey.count == Self.publicKeyByteCount, "an Ed25519 public key has 32 bytes")
        self.identity = KeyIdentity(name: name, type: algorithm.rawValue, publicKey: publicKey)
        self.algorithm = algorithm
        self.publicKey = publicKey
    }

    /// Reads a key's text form.
    ///
    /// - Throws: ``CheckpointError/malformedVerifierKey(_:)``, also if the hash in the text is not the hash of name and key.
    package init(_ text: String) throws(CheckpointError) {
        // The name holds no plus, base64 may.
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, KeyIdentity.isName(String(parts[0])), let key = Base64.standard.decode(parts[2].utf8),
            key.count == 1 + Self.publicKeyByteCount, let algorithm = Algorithm(rawValue: key[0])
        else { throw .malformedVerifierKey(text) }
        self.init(name: String(parts[0]), algorithm: algorithm, publicKey: Array(key[1...]))
        guard self.identity.idText == parts[1] else { throw .malformedVerifierKey(text) }
    }

    /// The key's text form.
    package var text: String {
        "\(self.identity)+\(Base64.standard.encode([self.algorithm.rawValue] + self.publicKey))"
    }

    /// Nil unless `signature` is this key's for `text`.
    func verify(_ signature: [UInt8], of text: [UInt8]) -> VerifiedSignature? {
        switch self.algorithm {
        case .ed25519:
            guard self.isValid(signature[...], of: text) else { return nil }
            return VerifiedSignature(key: self, time: nil)
        case .cosignature:
            guard signature.count == Self.timeByteCount + Self.signatureByteCount else { return nil }
            let time = signature[..<Self.timeByteCount].reduce(0) { $0 << 8 | UInt64($1) }
            let message = Array("cosignature/v1\ntime \(time)\n".utf8) + text
            guard self.isValid(signature[Self.timeByteCount...], of: message) else { return nil }
            return VerifiedSignature(key: self, time: time)
        }
    }

    private func isValid(_ signature: ArraySlice<UInt8>, of message: [UInt8]) -> Bool {
        guard signature.count == Self.signatureByteCount,
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: self.publicKey)
        else { return false }
        return key.isValidSignature(Array(signature), for: message)
    }
}

/// A signature that was checked and is right.
package struct VerifiedSignature: Hashable, Sendable {
    package let key: VerifierKey
    /// When a witness signed, in seconds since 1970; nil for a log's signature.
    package let time: UInt64?
}
