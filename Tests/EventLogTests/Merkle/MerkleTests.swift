import EventLog
import LogValues
import Testing

@Suite("Merkle tree")
struct MerkleTests {
    struct RFCVectors: Decodable {
        let emptyRoot: String
        let leafHashOfEmptyData: String
        let leavesHex: [String]
        let leafHashes: [String]
        let rootsBySize: [String]
        let inclusion: [InclusionCase]
        let consistency: [ConsistencyCase]
    }
    struct LineVectors: Decodable {
        struct Tree: Decodable {
            let size: UInt64
            let root: String
            let frontier: [String]
        }
        let lineCount: Int
        let trees: [Tree]
        let inclusion: [InclusionCase]
        let consistency: [ConsistencyCase]
    }
    struct InclusionCase: Decodable {
        let index: UInt64
        let size: UInt64
        let proof: [String]
    }
    struct ConsistencyCase: Decodable {
        let from: UInt64
        let to: UInt64
        let proof: [String]
    }
    struct BadProofs: Decodable {
        struct Case: Decodable, CustomStringConvertible {
            let kind: String
            let what: String
            let index: UInt64?
            let size: UInt64?
            let leafHash: String?
            let root: String?
            let from: UInt64?
            let to: UInt64?
            let root1: String?
            let root2: String?
            let proof: [String]

            var description: String { "\(self.kind): \(self.what)" }
        }
        let cases: [Case]
    }

    /// The tree that lines.json and bad-proofs.json are about.
    static let lines: MerkleTree = {
        MerkleTree(
            leaves: (0..<1100).map {
                .leaf("{\"seq\":\($0),\"type\":\"message\",\"channel\":\"room-\($0 % 3)\",\"text\":\"line \($0)\"}")
            }
        )
    }()

    static let rfc: RFCVectors? = try? Fixtures.decode(RFCVectors.self, from: "merkle/rfc6962.json")
    static let lineVectors: LineVectors? = try? Fixtures.decode(LineVectors.self, from: "merkle/lines.json")

    @Test("hashes leaves and roots as RFC 6962's reference does")
    func reference() throws {
        let vectors = try #require(Self.rfc)
        #expect(Hash256(hex: vectors.emptyRoot) == .ofNothing)
        #expect(Frontier().root == .ofNothing)
        #expect(Hash256(hex: vectors.leafHashOfEmptyData) == .leaf(""))
        var frontier = Frontier()
        var tree = MerkleTree()
        for (index, leaf) in vectors.leavesHex.enumerated() {
            let bytes = try #require([UInt8](hex: leaf))
            let hash = Hash256.leaf(bytes.span)
            #expect(hash == Hash256(hex: vectors.leafHashes[index]))
            frontier.append(leaf: hash)
            tree.append(leaf: hash)
            #expect(frontier.root == Hash256(hex: vectors.rootsBySize[index + 1]))
            #expect(tree.root(ofFirst: UInt64(index + 1)) == frontier.root)
        }
        self.check(tree, vectors.inclusion, vectors.consistency)
    }

    @Test("the frontier of each size is its perfect subtrees, and goes on from there")
    func frontiers() throws {
        let vectors = try #require(Self.lineVectors)
        #expect(Self.lines.leaves.count == vectors.lineCount)
        var frontier = Frontier()
        var trees = vectors.trees[...]
        for leaf in [nil] + Self.lines.leaves.map(Optional.some) {
            if let leaf { frontier.append(leaf: leaf) }
            guard trees.first?.size == frontier.size, let tree = trees.popFirst() else { continue }
            #expect(frontier.root == Hash256(hex: tree.root), "size \(tree.size)")
            #expect(frontier.hashes == tree.frontier.compactMap { Hash256(hex: $0) })
            #expect(Frontier(size: tree.size, hashes: frontier.hashes) == frontier)
            #expect(Frontier(size: tree.size, hashes: frontier.hashes + [.leaf("x")]) == nil)
        }
        #expect(trees.isEmpty)
    }

    @Test("proofs of 1100 lines are the published ones, and verify")
    func proofs() throws {
        let vectors = try #require(Self.lineVectors)
        self.check(Self.lines, vectors.inclusion, vectors.consistency)
    }

    private func check(_ tree: MerkleTree, _ inclusion: [InclusionCase], _ consistency: [ConsistencyCase]) {
        for proof in inclusion {
            let hashes = proof.proof.compactMap { Hash256(hex: $0) }
            #expect(tree.inclusionProof(of: proof.index, inFirst: proof.size) == hashes)
            #expect(
                MerkleProof.verifyInclusion(
                    of: tree.leaves[Int(proof.index)],
                    at: proof.index,
                    size: proof.size,
                    root: tree.root(ofFirst: proof.size) ?? .ofNothing,
                    proof: hashes
                ),
                "index \(proof.index) in \(proof.size)"
            )
        }
        for proof in consistency {
            let hashes = proof.proof.compactMap { Hash256(hex: $0) }
            #expect(tree.consistencyProof(from: proof.from, to: proof.to) == hashes)
            #expect(
                MerkleProof.verifyConsistency(
                    from: proof.from,
                    root: tree.root(ofFirst: proof.from) ?? .ofNothing,
                    to: proof.to,
                    root: tree.root(ofFirst: proof.to) ?? .ofNothing,
                    proof: hashes
                ),
                "from \(proof.from) to \(proof.to)"
            )
        }
    }

    @Test("every pair of sizes up to 20 has proofs that verify, and only for what they prove")
    func allSmallSizes() throws {
        let tree = MerkleTree(leaves: Array(Self.lines.leaves.prefix(20)))
        for size in UInt64(1)...20 {
            let root = try #require(tree.root(ofFirst: size))
            for index in 0..<size {
                let proof = try #require(tree.inclusionProof(of: index, inFirst: size))
                for other in 0..<size {
                    #expect(
                        MerkleProof.verifyInclusion(
                            of: tree.leaves[Int(other)],
                            at: index,
                            size: size,
                            root: root,
                            proof: proof
                        )
                            == (other == index)
                    )
                }
            }
            for old in 0...size {
                let oldRoot = try #require(tree.root(ofFirst: old))
                let proof = try #require(tree.consistencyProof(from: old, to: size))
                #expect(MerkleProof.verifyConsistency(from: old, root: oldRoot, to: size, root: root, proof: proof))
                guard old > 0 else { continue }
                #expect(
                    !MerkleProof.verifyConsistency(from: old, root: .leaf("x"), to: size, root: root, proof: proof)
                )
            }
        }
        #expect(tree.inclusionProof(of: 3, inFirst: 3) == nil)
        #expect(tree.inclusionProof(of: 3, inFirst: 21) == nil)
        #expect(tree.consistencyProof(from: 4, to: 3) == nil)
        #expect(tree.consistencyProof(from: 4, to: 21) == nil)
        #expect(tree.root(ofFirst: 21) == nil)
    }

    @Test(
        "a wrong proof is refused",
        arguments: try Fixtures.decode(BadProofs.self, from: "merkle/bad-proofs.json").cases
    )
    func badProofs(wrong: BadProofs.Case) throws {
        let proof = wrong.proof.map { Hash256(hex: $0) }
        guard !proof.contains(nil) else { return }  // no 32 bytes: does not even become a hash
        let hashes = proof.compactMap { $0 }
        if wrong.kind == "inclusion" {
            #expect(
                !MerkleProof.verifyInclusion(
                    of: try #require(Hash256(hex: wrong.leafHash ?? "")),
                    at: try #require(wrong.index),
                    size: try #require(wrong.size),
                    root: try #require(Hash256(hex: wrong.root ?? "")),
                    proof: hashes
                )
            )
        } else {
            #expect(
                !MerkleProof.verifyConsistency(
                    from: try #require(wrong.from),
                    root: try #require(Hash256(hex: wrong.root1 ?? "")),
                    to: try #require(wrong.to),
                    root: try #require(Hash256(hex: wrong.root2 ?? "")),
                    proof: hashes
                )
            )
        }
    }

    @Test("a proof longer than any tree is refused")
    func tooLong() {
        let proof = Array(repeating: Hash256.leaf("x"), count: 64)
        #expect(!MerkleProof.verifyInclusion(of: .leaf("y"), at: 0, size: .max, root: .leaf("z"), proof: proof))
        #expect(
            !MerkleProof.verifyConsistency(from: 3, root: .leaf("y"), to: .max, root: .leaf("z"), proof: proof)
        )
    }

    static func merge(_ root: Hash256, _ leafCount: UInt64, into frontier: inout Frontier) -> Bool {
        frontier.merge(root: root, leafCount: leafCount)
    }

    @Test("a perfect subtree that was computed elsewhere merges in where it fits")
    func merges() throws {
        let leaves = Self.lines.leaves
        for (size, count) in [(0, 8), (8, 8), (12, 4), (16, 16), (6, 2), (7, 1), (5, 1)] {
            var frontier = Frontier()
            for leaf in leaves.prefix(size) { frontier.append(leaf: leaf) }
            let subtree = MerkleTree(leaves: Array(leaves[size..<size + count]))
            #expect(Self.merge(subtree.root(ofFirst: UInt64(count)) ?? .ofNothing, UInt64(count), into: &frontier))
            #expect(frontier.root == Self.lines.root(ofFirst: UInt64(size + count)), "\(count) after \(size)")
        }
        var frontier = Frontier()
        for leaf in leaves.prefix(6) { frontier.append(leaf: leaf) }
        let before = frontier
        #expect(!Self.merge(.leaf("x"), 4, into: &frontier))
        #expect(!Self.merge(.leaf("x"), 3, into: &frontier))
        #expect(!Self.merge(.leaf("x"), 0, into: &frontier))
        #expect(frontier == before)
    }
}
