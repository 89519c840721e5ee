import EventLog
import Testing

@Suite("Consistency proof")
struct ConsistencyProofTests {
    private static let origin = "hub.example/log"

    /// A log's two checkpoints, and the proof that connects them.
    private struct Sample {
        let key: NodeKey
        let old: CheckpointBody
        let proof: ConsistencyProof

        init(from old: UInt64, to new: UInt64) throws {
            self.key = try NodeKey(origin: ConsistencyProofTests.origin, seed: Array(1...32))
            let tree = MerkleTree(leaves: (0..<new).map { .leaf("line \($0)") })
            self.old = CheckpointBody(
                origin: ConsistencyProofTests.origin,
                size: old,
                root: try #require(tree.root(ofFirst: old))
            )
            self.proof = ConsistencyProof(
                oldSize: old,
                hashes: try #require(tree.consistencyProof(from: old, to: new)),
                checkpoint: self.key.sign(size: new, root: try #require(tree.root(ofFirst: new)))
            )
        }
    }

    @Test(
        "connects an older checkpoint with a newer one, as a text that is read back",
        arguments: [(1, 2), (1, 1), (6, 7), (8, 8), (100, 300), (256, 300), (255, 256), (0, 9)] as [(UInt64, UInt64)]
    )
    func connects(old: UInt64, new: UInt64) throws {
        let sample = try Sample(from: old, to: new)
        let proof = try ConsistencyProof(parsing: sample.proof.bytes)
        #expect(proof == sample.proof)
        #expect(ConsistencyProof.isOpening(sample.proof.bytes))
        let keys = [sample.key.verifierKey]
        let known = old == 0 ? nil : sample.old
        #expect(try proof.verify(old: known, with: keys, origin: Self.origin).body.size == new)
    }

    @Test("another past, another size, another log and another key are refused")
    func refuses() throws {
        let sample = try Sample(from: 100, to: 300)
        let keys = [sample.key.verifierKey]
        let otherPast = CheckpointBody(origin: Self.origin, size: 100, root: .leaf("another past"))
        let otherSize = CheckpointBody(origin: Self.origin, size: 99, root: sample.old.root)
        for old in [otherPast, otherSize, nil] {
            #expect(throws: CheckpointError.refusedProof) {
                try sample.proof.verify(old: old, with: keys, origin: Self.origin)
            }
        }
        let otherLog = CheckpointBody(origin: "else", size: 100, root: sample.old.root)
        #expect(throws: CheckpointError.otherOrigin(expected: Self.origin, found: "else")) {
            try sample.proof.verify(old: otherLog, with: keys, origin: Self.origin)
        }
        let otherKey = try NodeKey(origin: Self.origin, seed: Array(2...33)).verifierKey
        #expect(throws: CheckpointError.self) {
            try sample.proof.verify(old: sample.old, with: [otherKey], origin: Self.origin)
        }
    }

    @Test("with any one byte altered it is refused")
    func altered() throws {
        let sample = try Sample(from: 100, to: 300)
        for index in sample.proof.bytes.indices {
            var text = sample.proof.bytes
            text[index] ^= 1
            #expect(throws: CheckpointError.self, "byte \(index)") {
                try ConsistencyProof(parsing: text).verify(
                    old: sample.old,
                    with: [sample.key.verifierKey],
                    origin: Self.origin
                )
            }
        }
    }

    @Test(
        "refuses a text that is not as the format has it",
        arguments: [
            ("", 1), ("old", 1), ("old 01\n\n", 1), ("old -1\n\n", 1), ("old 1 \n\n", 1), ("old 1\nAAAA\n\n", 2),
            ("old 1\n", 2), ("new 1\n\n", 1),
        ]
    )
    func malformed(text: String, line: Int) {
        #expect(throws: CheckpointError.malformedProof(line: line)) {
            try ConsistencyProof(parsing: Array(text.utf8))
        }
    }
}
