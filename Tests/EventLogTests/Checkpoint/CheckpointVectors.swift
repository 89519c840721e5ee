import EventLog
import Testing

/// Fixtures/merkle/checkpoints.json: notes, keys and a proof that other implementations made and judged.
struct CheckpointVectors: Decodable {
    struct Key: Decodable {
        let name: String
        let seedHex: String
        let vkey: String
    }
    struct Accepted: Decodable, CustomStringConvertible {
        struct Signature: Decodable {
            let vkey: String
            let cosignatureTime: UInt64?
        }
        let what: String
        let note: String
        let trustedVkeys: [String]
        let origin: String
        let size: UInt64
        let rootHex: String
        let extensionLines: [String]
        let verified: [Signature]

        var description: String { self.what }
    }
    struct Refused: Decodable, CustomStringConvertible {
        let what: String
        let expect: String
        let trustedVkeys: [String]
        let note: String?
        let noteHex: String?

        var description: String { self.what }
        var bytes: [UInt8]? { self.note.map { Array($0.utf8) } ?? self.noteHex.flatMap { [UInt8](hex: $0) } }
    }
    struct RefusedKey: Decodable, CustomStringConvertible {
        let what: String
        let vkey: String

        var description: String { self.what }
    }
    struct ProofBundle: Decodable {
        let leafData: String
        let text: String
    }
    struct Keys: Decodable {
        let log: Key
        let logRotated: Key
        let other: Key
    }

    let keys: Keys
    let checkpoints: [Accepted]
    let refuse: [Refused]
    let refuseVkeys: [RefusedKey]
    let proofBundle: ProofBundle

    static let origin = "hub.example/log"
    static let all: CheckpointVectors? = try? Fixtures.decode(CheckpointVectors.self, from: "merkle/checkpoints.json")

    static func nodeKey(_ key: KeyPath<Keys, Key>) throws -> NodeKey {
        let key = try #require(self.all).keys[keyPath: key]
        return try NodeKey(origin: key.name, seed: try #require([UInt8](hex: key.seedHex)))
    }
}

extension CheckpointError {
    /// What the vectors call the reason: nil if it is neither.
    var expectation: String? {
        switch self {
        case .noteTooLong, .tooManySignatures, .malformedNote, .malformedCheckpoint, .malformedProof: "malformed"
        case .noKnownSignature, .wrongSignature, .notSignedByLog, .otherOrigin: "unverified"
        case .refusedProof, .otherLine, .malformedLine, .unknownSize, .unknownLine, .malformedKeyName,
            .malformedVerifierKey, .malformedKeyFile, .exposedKeyFile, .keyOfOtherOrigin, .keyLost, .tooManyKeys,
            .otherPublicKey,
            .keyFile, .damagedHashes, .log:
            nil
        }
    }
}
