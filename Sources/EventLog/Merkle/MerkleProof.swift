package import LogValues

/// Verifies proofs (RFC 9162, sections 2.1.3.2 and 2.1.4.2).
///
/// A proof does not bind the tree's size: size and root must come together from one checkpoint. And who verifies must
/// hash the line himself: an inner node given as a leaf hash would pass.
package enum MerkleProof {
    /// Most hashes that a proof can have.
    package static let hashLimit = 63

    /// Tells whether a leaf is in the tree of this size and root.
    ///
    /// - Parameters:
    ///   - leaf: The hash of the redacted line, computed by whoever asks.
    ///   - index: The leaf, from 0: a line's sequence number less one.
    ///   - size: The tree's size.
    ///   - root: The tree's root.
    ///   - proof: The hashes from the leaf upwards.
    /// - Returns: Whether the proof shows it.
    package static func verifyInclusion(
        of leaf: Hash256,
        at index: UInt64,
        size: UInt64,
        root: Hash256,
        proof: [Hash256]
    ) -> Bool {
        guard index < size, proof.count <= self.hashLimit else { return false }
        var path = Path(first: index, last: size - 1)
        var hash = leaf
        for sibling in proof {
            switch path.next() {
            case .siblingIsLeft: hash = .node(sibling, hash)
            case .siblingIsRight: hash = .node(hash, sibling)
            case .end: return false
            }
        }
        return path.isAtRoot && hash == root
    }

    /// Whether the tree of size `old` is a beginning of the one of size `new`.
    ///
    /// Every tree begins with the empty one, whose proof is empty; so is the proof that a tree begins with itself.
    package static func verifyConsistency(
        from old: UInt64,
        root oldRoot: Hash256,
        to new: UInt64,
        root newRoot: Hash256,
        proof: [Hash256]
    ) -> Bool {
        guard old <= new, proof.count <= self.hashLimit else { return false }
        guard old > 0 else { return proof.isEmpty && oldRoot == .ofNothing }
        guard old < new else { return proof.isEmpty && oldRoot == newRoot }
        var path = Path(first: old - 1, last: new - 1)
        path.skipRightEdges()
        var rest = proof[...]
        // A perfect old tree is a subtree of the new one: its root is where the proof begins, and is not in it.
        guard let start = old.nonzeroBitCount == 1 ? oldRoot : rest.popFirst() else { return false }
        var hashOfOld = start
        var hashOfNew = start
        for sibling in rest {
            switch path.next() {
            case .siblingIsLeft:
                hashOfOld = .node(sibling, hashOfOld)
                hashOfNew = .node(sibling, hashOfNew)
            case .siblingIsRight:
                hashOfNew = .node(hashOfNew, sibling)
            case .end:
                return false
            }
        }
        return path.isAtRoot && hashOfOld == oldRoot && hashOfNew == newRoot
    }

    /// The way from a leaf up to the root, level by level.
    private struct Path {
        enum Step {
            case siblingIsLeft
            case siblingIsRight
            case end
        }

        /// The node's index on its level.
        private var node: UInt64
        /// The last index on that level.
        private var last: UInt64

        init(first node: UInt64, last: UInt64) {
            self.node = node
            self.last = last
        }

        var isAtRoot: Bool { self.last == 0 }

        /// Goes up while the node is a right child.
        mutating func skipRightEdges() {
            while self.node & 1 == 1 { self.goUp() }
        }

        mutating func next() -> Step {
            guard self.last > 0 else { return .end }
            guard self.node & 1 == 1 || self.node == self.last else {
                self.goUp()
                return .siblingIsRight
            }
            // A node at the right edge without a sibling stands for its parents as well.
            while self.node & 1 == 0, self.node > 0 { self.goUp() }
            self.goUp()
            return .siblingIsLeft
        }

        private mutating func goUp() {
            self.node >>= 1
            self.last >>= 1
        }
    }
}
