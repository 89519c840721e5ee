import EventLog
import LogValues
import Testing

@Suite("Log proof")
struct LogProofTests {
    private static let origin = "hub.example/log"

    @Test("accepts and reproduces the receipt of another implementation")
    func vector() throws {
        let vectors = try #require(CheckpointVectors.all)
        let keys = [try VerifierKey(vectors.keys.log.vkey)]
        let proof = try LogProof(parsing: Array(vectors.proofBundle.text.utf8))
        #expect(proof.bytes == Array(vectors.proofBundle.text.utf8))
        #expect(proof.index == 513)
        let leaf = Array(vectors.proofBundle.leafData.utf8)
        #expect(try proof.verify(leafData: leaf, with: keys, origin: Self.origin).body.size == 1000)
        #expect(throws: CheckpointError.refusedProof) {
            try proof.verify(leafData: leaf + [10], with: keys, origin: Self.origin)
        }
        #expect(throws: CheckpointError.self) { try proof.verify(leafData: leaf, with: [], origin: Self.origin) }
        #expect(throws: CheckpointError.self) { try proof.verify(leafData: leaf, with: keys, origin: "else") }
    }

    @Test("a receipt with any one byte altered is refused")
    func altered() throws {
        let vectors = try #require(CheckpointVectors.all)
        let keys = [try VerifierKey(vectors.keys.log.vkey)]
        let leaf = Array(vectors.proofBundle.leafData.utf8)
        for index in 0..<vectors.proofBundle.text.utf8.count {
            var text = Array(vectors.proofBundle.text.utf8)
            text[index] ^= 1
            #expect(throws: CheckpointError.self, "byte \(index)") {
                try LogProof(parsing: text).verify(leafData: leaf, with: keys, origin: Self.origin)
            }
        }
    }

    @Test("keeps the application's bytes", arguments: [[], [1], Array("text".utf8)])
    func extra(bytes: [UInt8]) throws {
        let proof = LogProof(
            index: 3,
            hashes: [.ofNothing],
            checkpoint: try CheckpointVectors.nodeKey(\.log).sign(size: 9, root: .ofNothing),
            extra: bytes
        )
        #expect(try LogProof(parsing: proof.bytes) == proof)
    }

    @Test(
        "refuses a text that is not as the format has it",
        arguments: [
            ("", 1), ("c2sp.org/tlog-proof@v1", 1), ("c2sp.org/tlog-proof@v2\nindex 1\n\n", 1),
            ("c2sp.org/tlog-proof@v1\n", 2), ("c2sp.org/tlog-proof@v1\nindex 01\n\n", 2),
            ("c2sp.org/tlog-proof@v1\nindex -1\n\n", 2), ("c2sp.org/tlog-proof@v1\nindex 9223372036854775808\n\n", 2),
            ("c2sp.org/tlog-proof@v1\nindex  1\n\n", 2), ("c2sp.org/tlog-proof@v1\nextra A\nindex 1\n\n", 2),
            ("c2sp.org/tlog-proof@v1\nindex 1\nextra AAAA\n\n", 3), ("c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\n", 3),
            ("c2sp.org/tlog-proof@v1\nindex 1\n", 3),
        ]
    )
    func malformed(text: String, line: Int) {
        #expect(throws: CheckpointError.malformedProof(line: line)) { try LogProof(parsing: Array(text.utf8)) }
    }

    @Test("has no more hashes than a path in any tree")
    func tooManyHashes() throws {
        let note = try CheckpointVectors.nodeKey(\.log).sign(size: 9, root: .ofNothing)
        let most = LogProof(index: 1, hashes: Array(repeating: .ofNothing, count: 63), checkpoint: note)
        #expect(throws: Never.self) { try LogProof(parsing: most.bytes) }
        let over = LogProof(index: 1, hashes: Array(repeating: .ofNothing, count: 64), checkpoint: note)
        #expect(throws: CheckpointError.malformedProof(line: 66)) { try LogProof(parsing: over.bytes) }
    }

    /// Lines of a log, the second with content; and the receipt for one of them.
    private static func receipt(for line: SequenceNumber) throws -> (LogProof, lines: [[UInt8]], keys: [VerifierKey]) {
        let salted = ",\"salt\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"content\":{\"text\":\"yes\"}}"
        let lines = ["{\"seq\":1,\"a\":1}", "{\"seq\":2,\"a\":1\(salted)", "{\"seq\":3,\"a\":1}"].map { Array($0.utf8) }
        var tree = MerkleTree()
        var scratch: [UInt8] = []
        for line in lines {
            tree.append(leaf: try Redaction.leafHash(of: line.span, scratch: &scratch))
        }
        let key = try CheckpointVectors.nodeKey(\.log)
        let proof = LogProof(
            index: line.rawValue - 1,
            hashes: try #require(tree.inclusionProof(of: line.rawValue - 1, inFirst: 3)),
            checkpoint: key.sign(size: 3, root: try #require(tree.root(ofFirst: 3)))
        )
        return (proof, lines, [key.verifierKey])
    }

    @Test("proves a line before and after its content was erased, and no other line")
    func lines() throws {
        let (proof, lines, keys) = try Self.receipt(for: SequenceNumber(2))
        #expect(proof.sequenceNumber == SequenceNumber(2))
        try proof.verify(line: lines[1], with: keys, origin: Self.origin)
        var redacted: [UInt8] = []
        let other = lines[1]
        try Redaction.redact(other.span, into: &redacted)
        #expect(redacted != lines[1])
        try proof.verify(line: redacted, with: keys, origin: Self.origin)

        #expect(throws: CheckpointError.otherLine(expected: SequenceNumber(1), found: SequenceNumber(2))) {
            try proof.verify(line: lines[0], with: keys, origin: Self.origin)
        }
        let forged = String(decoding: lines[1], as: UTF8.self).replacing("yes", with: "no")
        #expect(throws: CheckpointError.refusedProof) {
            try proof.verify(line: Array(forged.utf8), with: keys, origin: Self.origin)
        }
        for text in ["", "{}", "{\"seq\":2}", String(decoding: lines[1], as: UTF8.self) + "\n"] {
            #expect(throws: CheckpointError.malformedLine) {
                try proof.verify(line: Array(text.utf8), with: keys, origin: Self.origin)
            }
        }
        let saltCut = String(decoding: lines[1], as: UTF8.self).replacing("AAAA", with: "")
        #expect(throws: CheckpointError.malformedLine) {
            try proof.verify(line: Array(saltCut.utf8), with: keys, origin: Self.origin)
        }
    }

    @Test("a line with any one byte altered is refused")
    func alteredLine() throws {
        let (proof, lines, keys) = try Self.receipt(for: SequenceNumber(2))
        for index in lines[1].indices {
            var line = lines[1]
            line[index] ^= 1
            #expect(throws: CheckpointError.self, "byte \(index)") {
                try proof.verify(line: line, with: keys, origin: Self.origin)
            }
        }
    }
}
