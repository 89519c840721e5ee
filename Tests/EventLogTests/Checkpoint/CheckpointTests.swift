import EventLog
import LogValues
import Testing

@Suite("Checkpoint")
struct CheckpointTests {
    @Test("the vectors are there")
    func vectors() throws {
        let vectors = try #require(CheckpointVectors.all)
        #expect(vectors.checkpoints.count == 18)
        #expect(vectors.refuse.count == 57)
        #expect(vectors.refuseVkeys.count == 5)
    }

    @Test("accepts what other implementations signed", arguments: CheckpointVectors.all?.checkpoints ?? [])
    func accepted(vector: CheckpointVectors.Accepted) throws {
        let keys = try vector.trustedVkeys.map { try VerifierKey($0) }
        let note = Array(vector.note.utf8)
        let checkpoint = try Checkpoint(verifying: note, with: keys, origin: vector.origin)
        #expect(checkpoint.body.size == vector.size)
        #expect(checkpoint.body.root == Hash256(hex: vector.rootHex))
        #expect(checkpoint.body.extensionLines == vector.extensionLines)
        #expect(checkpoint.signatures.map(\.key.text) == vector.verified.map(\.vkey))
        #expect(checkpoint.signatures.map(\.time) == vector.verified.map(\.cosignatureTime))
        #expect(checkpoint.note.bytes == note)
        #expect(checkpoint.body.text == checkpoint.note.text)
    }

    @Test("refuses what must be refused, for the right reason", arguments: CheckpointVectors.all?.refuse ?? [])
    func refused(vector: CheckpointVectors.Refused) throws {
        let keys = try vector.trustedVkeys.map { try VerifierKey($0) }
        let note = try #require(vector.bytes)
        let error = #expect(throws: CheckpointError.self) {
            try Checkpoint(verifying: note, with: keys, origin: CheckpointVectors.origin)
        }
        #expect(error?.expectation == vector.expect, "\(String(describing: error))")
    }

    @Test("a checkpoint with any one byte altered is refused")
    func alteredByte() throws {
        let vector = try #require(CheckpointVectors.all?.checkpoints.first { $0.size == 1000 })
        let keys = try vector.trustedVkeys.map { try VerifierKey($0) }
        for index in vector.note.utf8.indices {
            var note = Array(vector.note.utf8)
            note[vector.note.utf8.distance(from: vector.note.startIndex, to: index)] ^= 1
            #expect(throws: CheckpointError.self) {
                try Checkpoint(verifying: note, with: keys, origin: vector.origin)
            }
        }
    }

    @Test("a checkpoint cut at any byte is refused")
    func cut() throws {
        let vector = try #require(CheckpointVectors.all?.checkpoints.first { $0.size == 1000 })
        let keys = try vector.trustedVkeys.map { try VerifierKey($0) }
        for size in 0..<vector.note.utf8.count {
            #expect(throws: CheckpointError.self) {
                try Checkpoint(verifying: Array(vector.note.utf8.prefix(size)), with: keys, origin: vector.origin)
            }
        }
    }

    @Test("a witness alone does not speak for a log")
    func witnessOnly() throws {
        let vector = try #require(CheckpointVectors.all?.checkpoints.first { $0.verified.count == 3 })
        let witnesses = try vector.trustedVkeys.map { try VerifierKey($0) }.filter { $0.algorithm == .cosignature }
        #expect(witnesses.count == 2)
        #expect(throws: CheckpointError.notSignedByLog(origin: vector.origin)) {
            try Checkpoint(verifying: Array(vector.note.utf8), with: witnesses, origin: vector.origin)
        }
    }

    @Test("an origin spelled with other code points is another origin")
    func origins() throws {
        let key = try NodeKey(origin: "caf\u{E9}", seed: Array(repeating: 7, count: 32))
        let note = key.sign(size: 3, root: .ofNothing)
        #expect(throws: CheckpointError.otherOrigin(expected: "cafe\u{301}", found: "caf\u{E9}")) {
            try Checkpoint(verifying: note, with: [key.verifierKey], origin: "cafe\u{301}")
        }
        #expect(throws: Never.self) { try Checkpoint(verifying: note, with: [key.verifierKey], origin: "caf\u{E9}") }
    }
}
