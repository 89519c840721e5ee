package import LogValues

/// A Merkle tree over leaf hashes that are at hand; makes roots and proofs of any of its sizes.
///
/// Keeps 32 bytes a leaf. A proof hashes each subtree beside its path once, so it costs as many hashes as there are
/// leaves; whoever needs many proofs keeps the roots of perfect subtrees beside the leaves.
package struct MerkleTree: Sendable {
    package private(set) var leaves: [Hash256]

    package init(leaves: [Hash256] = []) {
        self.leaves = leaves
    }

    package var size: UInt64 { UInt64(self.leaves.count) }

    package mutating func append(leaf: Hash256) {
        self.leaves.append(leaf)
    }

    /// The root of the first `size` leaves; nil if there are not so many.
    package func root(ofFirst size: UInt64) -> Hash256? {
        guard size <= self.size else { return nil }
        return self.root(of: 0..<Int(size))
    }

    /// Proves that a leaf is in the tree of the first `size` leaves; nil if it is not.
    ///
    /// - Parameters:
    ///   - index: The leaf, from 0: a line's sequence number less one.
    ///   - size: A size of the tree.
    /// - Returns: The hashes beside the leaf's path, from the leaf upwards.
    package func inclusionProof(of index: UInt64, inFirst size: UInt64) -> [Hash256]? {
        guard index < size, size <= self.size else { return nil }
        var proof: [Hash256] = []
        var range = 0..<Int(size)
        while range.count > 1 {
            let middle = Self.split(range)
            if index < middle {
                proof.append(self.root(of: middle..<range.upperBound))
                range = range.lowerBound..<middle
            } else {
                proof.append(self.root(of: range.lowerBound..<middle))
                range = middle..<range.upperBound
            }
        }
        return proof.reversed()
    }

    /// Proves that the tree of the first `old` leaves is a beginning of the tree of the first `new`; nil if there are
    /// not so many.
    package func consistencyProof(from old: UInt64, to new: UInt64) -> [Hash256]? {
        guard old <= new, new <= self.size else { return nil }
        guard old > 0, old < new else { return [] }
        // RFC 6962, section 2.1.2, SUBPROOF, from the root downwards.
        var proof: [Hash256] = []
        var range = 0..<Int(new)
        var isOldRoot = true
        while range.upperBound != Int(old) {
            let middle = Self.split(range)
            if old <= middle {
                proof.append(self.root(of: middle..<range.upperBound))
                range = range.lowerBound..<middle
            } else {
                proof.append(self.root(of: range.lowerBound..<middle))
                range = middle..<range.upperBound
                isOldRoot = false
            }
        }
        // If the rest is the whole old tree, the verifier has its root.
        if !isOldRoot { proof.append(self.root(of: range)) }
        return proof.reversed()
    }

    private func root(of range: Range<Int>) -> Hash256 {
        var frontier = Frontier()
        for leaf in self.leaves[range] {
            frontier.append(leaf: leaf)
        }
        return frontier.root
    }

    /// Finds the start of a subtree's right half: its left half has the largest power of two of leaves below its count.
    private static func split(_ range: Range<Int>) -> Int {
        let last = range.count - 1
        return range.lowerBound + (1 << (Int.bitWidth - 1 - last.leadingZeroBitCount))
    }
}
