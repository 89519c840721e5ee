package import LogValues

/// The part of a Merkle tree that it takes to go on with it: the roots of its perfect subtrees, one for each 1 bit of its
/// size, largest first.
///
/// At most 63 hashes. A copy shares its storage until one of the two changes.
package struct Frontier: Hashable, Sendable {
    /// Count of leaves.
    package private(set) var size: UInt64
    package private(set) var hashes: [Hash256]

    /// The empty tree.
    package init() {
        self.size = 0
        self.hashes = []
    }

    /// A frontier as it was kept; nil if the count of hashes does not fit the size.
    package init?(size: UInt64, hashes: [Hash256]) {
        guard hashes.count == size.nonzeroBitCount, size <= SequenceNumber.last.rawValue else { return nil }
        self.size = size
        self.hashes = hashes
    }

    /// Appends one leaf: fewer than two hashes on average.
    package mutating func append(leaf: Hash256) {
        var hash = leaf
        var size = self.size
        while size & 1 == 1, let left = self.hashes.popLast() {
            hash = .node(left, hash)
            size >>= 1
        }
        self.hashes.append(hash)
        self.size += 1
    }

    /// Merges in a perfect subtree that was computed elsewhere.
    ///
    /// - Parameters:
    ///   - root: Root of the next `leafCount` leaves.
    ///   - leafCount: A power of two that divides `size`: otherwise these leaves are no subtree of this tree.
    /// - Returns: False, with nothing changed, if they are not.
    package mutating func merge(root: Hash256, leafCount: UInt64) -> Bool {
        guard leafCount.nonzeroBitCount == 1, self.size & (leafCount - 1) == 0,
            self.size <= SequenceNumber.last.rawValue - leafCount
        else { return false }
        var hash = root
        var bit = leafCount
        while self.size & bit != 0, let left = self.hashes.popLast() {
            hash = .node(left, hash)
            bit <<= 1
        }
        self.hashes.append(hash)
        self.size += leafCount
        return true
    }

    /// The tree's root; as many hashes as there are subtrees, less one.
    package var root: Hash256 {
        guard var root = self.hashes.last else { return .ofNothing }
        for left in self.hashes.dropLast().reversed() {
            root = .node(left, root)
        }
        return root
    }
}
