package import LogValues
package import SystemPackage

/// The ways to be wrong of a note, a checkpoint, a proof, a key, or the hashes that proofs are made from.
package enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
    // MARK: Notes and checkpoints

    /// A note is larger than any that is accepted.
    case noteTooLong(limit: Int)
    /// A note has more signatures than are accepted.
    case tooManySignatures(limit: Int)
    /// The text is no signed note.
    case malformedNote(NoteFault)
    /// No signature is by a key that is trusted.
    case noKnownSignature
    /// A signature bears the name and id of a trusted key, but is not that key's signature of this text.
    case wrongSignature(KeyIdentity)
    /// Trusted keys signed it, but none of them is the log's: a witness alone does not speak for a log.
    case notSignedByLog(origin: String)
    /// The note is signed, but its text is no checkpoint. `line` counts from 1.
    case malformedCheckpoint(line: Int)
    /// The checkpoint is another log's.
    case otherOrigin(expected: String, found: String)

    // MARK: Proofs

    /// The text is no proof. `line` counts from 1.
    case malformedProof(line: Int)
    /// The proof does not lead from the line to the checkpoint's root: line, proof and checkpoint do not belong together.
    case refusedProof
    /// The proof is about another place in the log than the line that it was shown with.
    case otherLine(expected: SequenceNumber, found: SequenceNumber)
    /// The text is no event line, or its salt or content is malformed.
    case malformedLine
    /// The log has not so many lines, or no longer the hashes of so few; `known` can be asked for.
    case unknownSize(UInt64, known: ClosedRange<UInt64>)
    /// The line is not in the tree, or its hash is no longer there.
    case unknownLine(SequenceNumber)

    // MARK: Keys

    /// A name that no key may have.
    case malformedKeyName(String)
    /// The text is no verifier key, or its parts do not fit each other.
    case malformedVerifierKey(String)
    /// The file holds no key as this program writes it.
    case malformedKeyFile(FilePath)
    /// Others than the file's owner may read or write it. `permissions` are the file's mode bits.
    case exposedKeyFile(FilePath, permissions: UInt16)
    /// The key in the file signs for another origin than the one that is configured.
    case keyOfOtherOrigin(FilePath, expected: String, found: String)
    /// The verifier key is there, and the secret key that belongs to it is not.
    case keyLost(FilePath)
    /// There is no place left for the verifier key of a key that is replaced.
    case tooManyKeys(FilePath, limit: Int)
    /// The verifier key beside the key file belongs to another key.
    case otherPublicKey(FilePath)
    /// A system call on a key file failed.
    case keyFile(FilePath, Errno)

    // MARK: Hashes beside the log

    /// The hashes beside the log do not give the root that the log has at this size.
    case damagedHashes(size: UInt64)
    /// The log, or a file of hashes, could not be read or written.
    case log(EventLogError)

    package var description: String {
        switch self {
        case .noteTooLong(let limit): "the note is longer than \(limit) bytes"
        case .tooManySignatures(let limit): "the note has more than \(limit) signatures"
        case .malformedNote(let fault): "this is no signed note: \(fault)"
        case .noKnownSignature:
            "none of the note's signatures is by a known key; give the verifier key of the log that it is from"
        case .wrongSignature(let key):
            "the signature by \(key) is wrong: the note was altered, or signed by someone else"
        case .notSignedByLog(let origin): "the checkpoint is not signed by a known key of the log \(origin)"
        case .malformedCheckpoint(let line): "line \(line) of the signed text is not as a checkpoint has it"
        case .otherOrigin(let expected, let found): "the checkpoint is of the log \(found), not of \(expected)"
        case .malformedProof(let line): "line \(line) is not as a proof has it"
        case .refusedProof:
            "the proof does not lead from this line to the checkpoint's root: one of the three was altered"
        case .otherLine(let expected, let found): "the proof is for line \(found), the line shown is \(expected)"
        case .malformedLine: "the text is not an event line"
        case .unknownSize(let size, let known):
            "the log has, or keeps, no tree of \(size) lines; ask for a size from \(known.lowerBound) to \(known.upperBound)"
        case .unknownLine(let sequenceNumber):
            "line \(sequenceNumber) is not in that tree, or was dropped from the log together with its hash"
        case .malformedKeyName(let name):
            "\"\(name)\" cannot name a key: it must not be empty, nor hold white space, plus or control characters"
        case .malformedVerifierKey(let text): "\"\(text)\" is not a verifier key of the form NAME+HASH+BASE64"
        case .malformedKeyFile(let path):
            "\(path) holds no signing key; restore it, or move it away to have a new one made"
        case .exposedKeyFile(let path, let permissions):
            "\(path) has mode 0\(String(permissions, radix: 8)), so others can get at the key; run `chmod 600 \(path)`, "
                + "and replace the key if they may have read it"
        case .keyOfOtherOrigin(let path, let expected, let found):
            "\(path) holds the key of \(found), but this log's origin is \(expected); configure that origin, "
                + "or move the key away to have a new one made"
        case .keyLost(let path):
            "\(path) is there without \(NodeKeyFile.fileName), the key that belongs to it, as in a copy that leaves the key out: "
                + "put that key back, or start with --new-node-key to sign with a new one from here on, which the log will say "
                + "and auditors have to be told; to follow another node, remove \(NodeKeyFile.publicFileName) if it is that node's"
        case .tooManyKeys(let path, let limit):
            "\(path): \(limit) earlier keys are kept beside it already"
        case .otherPublicKey(let path):
            "\(path) is not the public half of the key beside it; put the key back that belongs to it"
        case .keyFile(let path, let code): "\(path): \(code)"
        case .damagedHashes(let size):
            "the hashes beside the log do not give its root at size \(size); run `channelstream-log verify` on a copy, and move the "
                + "folder `hashes` away, not to lose what it tells, to have it made anew"
        case .log(let error): error.description
        }
    }
}

/// Why a text is no signed note.
package enum NoteFault: Hashable, Sendable, CustomStringConvertible {
    /// It is not UTF-8, or holds control characters.
    case characters
    /// No blank line parts text and signatures.
    case noBlankLine
    case noText
    case noSignature
    /// `number` counts the signature lines from 1.
    case signatureLine(number: Int)

    package var description: String {
        switch self {
        case .characters: "it is not UTF-8 text, or has control characters"
        case .noBlankLine: "no blank line parts text and signatures"
        case .noText: "it has no text"
        case .noSignature: "it has no signature"
        case .signatureLine(let number): "signature line \(number) is not as the format has it"
        }
    }
}
