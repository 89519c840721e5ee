import Crypto
package import LogValues

/// The key with which a node signs its log's checkpoints.
///
/// Text form, as other implementations of signed notes have it: `PRIVATE+KEY+name+<8 hexadecimal digits>+base64(01 || seed)`.
package struct NodeKey: Sendable {
    static let seedByteCount = 32
    private static let opening = "PRIVATE+KEY+"

    private let key: Curve25519.Signing.PrivateKey
    /// The public half; its name is the log's origin.
    package let verifierKey: VerifierKey

    /// The key that a seed gives, the same each time.
    ///
    /// - Parameters:
    ///   - origin: The name of the log, and so of the key.
    ///   - seed: 32 bytes of chance.
    /// - Throws: ``CheckpointError/malformedKeyName(_:)``.
    package init(origin: String, seed: [UInt8]) throws(CheckpointError) {
        precondition(seed.count == Self.seedByteCount, "a seed has 32 bytes")
        guard KeyIdentity.isName(origin) else { throw .malformedKeyName(origin) }
        do {
            self.key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        } catch {
            // Any 32 bytes are a seed, so this is not met; but if it were, the name would not be to blame alone.
            throw .malformedKeyName(origin)
        }
        self.verifierKey = VerifierKey(
            name: origin,
            algorithm: .ed25519,
            publicKey: Array(self.key.publicKey.rawRepresentation)
        )
    }

    /// A new key.
    package init(origin: String, generator: inout some RandomNumberGenerator) throws(CheckpointError) {
        var seed: [UInt8] = []
        while seed.count < Self.seedByteCount {
            let word = generator.next()
            seed.append(upTo: 8) { $0.append(bigEndian: word) }
        }
        try self.init(origin: origin, seed: seed)
    }

    /// Reads a key's text form; nil if it is none, or its parts do not fit each other.
    init?(text: String) {
        guard text.hasPrefix(Self.opening) else { return nil }
        let parts = text.dropFirst(Self.opening.count)
            .split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let data = Base64.standard.decode(parts[2].utf8), data.count == 1 + Self.seedByteCount,
            data[0] == VerifierKey.Algorithm.ed25519.rawValue,
            let key = try? NodeKey(origin: String(parts[0]), seed: Array(data[1...])),
            key.verifierKey.identity.idText == parts[1]
        else { return nil }
        self = key
    }

    /// The key's text form: a secret.
    var text: String {
        let data = [VerifierKey.Algorithm.ed25519.rawValue] + Array(self.key.rawRepresentation)
        return "\(Self.opening)\(self.verifierKey.identity)+\(Base64.standard.encode(data))"
    }

    package var origin: String { self.verifierKey.identity.name }

    /// Signs what the log is at a size.
    ///
    /// The lines must be on the disk before this is called: a log must never sign two histories.
    package func sign(size: UInt64, root: Hash256) -> SignedNote {
        var note = SignedNote(text: CheckpointBody(origin: self.origin, size: size, root: root).text)
        self.sign(&note)
        return note
    }

    /// Adds this key's signature to a note; during a rotation both keys sign.
    package func sign(_ note: inout SignedNote) {
        // BoringSSL fails to sign only where it cannot allocate 64 bytes, which ends a Swift process anyway.
        guard let signature = try? self.key.signature(for: note.text) else {
            preconditionFailure("Ed25519 signs every text")
        }
        note.add(SignedNote.Signature(key: self.verifierKey.identity, bytes: Array(signature)))
    }
}
