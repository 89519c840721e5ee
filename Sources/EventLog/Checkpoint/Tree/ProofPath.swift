/// Which subtrees a proof is made of, from the leaf upwards (RFC 6962, sections 2.1.1 and 2.1.2).
///
/// Pure arithmetic on positions: where the hashes come from is the caller's business.
enum ProofPath {
    /// The subtrees beside the way from a leaf to the root.
    ///
    /// - Parameters:
    ///   - index: Position of the leaf, from 0; below `size`.
    ///   - size: Count of leaves in the tree.
    /// - Returns: Runs of leaves.
    static func inclusion(of index: UInt64, in size: UInt64) -> [Range<UInt64>] {
        precondition(index < size, "the leaf is in the tree")
        var path: [Range<UInt64>] = []
        var (low, high) = (UInt64(0), size)
        while high - low > 1 {
            let middle = low + self.leftCount(of: high - low)
            if index < middle {
                path.append(middle..<high)
                high = middle
            } else {
                path.append(low..<middle)
                low = middle
            }
        }
        return path.reversed()
    }

    /// The subtrees that show that a tree begins with an older one.
    ///
    /// - Parameters:
    ///   - old: Count of leaves in the older tree, at most `new`. 0 and `new` need no proof: the path is empty.
    ///   - new: Count of leaves in the newer tree.
    /// - Returns: Runs of leaves.
    static func consistency(from old: UInt64, to new: UInt64) -> [Range<UInt64>] {
        precondition(old <= new, "the older tree is not larger")
        guard old > 0 else { return [] }
        var path: [Range<UInt64>] = []
        var (low, high) = (UInt64(0), new)
        while old < high {
            let middle = low + self.leftCount(of: high - low)
            if old <= middle {
                path.append(middle..<high)
                high = middle
            } else {
                path.append(low..<middle)
                low = middle
            }
        }
        // A verifier has the older tree's root already, and that is this subtree if it begins where the tree does.
        if low > 0 { path.append(low..<high) }
        return path.reversed()
    }

    /// The perfect subtrees that make up a subtree, largest first.
    static func perfectSubtrees(of range: Range<UInt64>) -> [PerfectSubtree] {
        var subtrees: [PerfectSubtree] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let height = 63 - (range.upperBound - start).leadingZeroBitCount
            subtrees.append(PerfectSubtree(height: height, index: start >> UInt64(height)))
            start += 1 << UInt64(height)
        }
        return subtrees
    }

    /// Leaves under a node's left child: the largest power of two below `count`, which is at least 2.
    private static func leftCount(of count: UInt64) -> UInt64 {
        1 << UInt64(63 - (count - 1).leadingZeroBitCount)
    }
}

/// The subtree of the `2^height` leaves that begin at `index * 2^height`.
struct PerfectSubtree: Hashable {
    let height: Int
    let index: UInt64

    /// The first leaf.
    var start: UInt64 { self.index << UInt64(self.height) }
    /// The leaf behind the last.
    var end: UInt64 { (self.index + 1) << UInt64(self.height) }
    var left: PerfectSubtree { PerfectSubtree(height: self.height - 1, index: self.index * 2) }
    var right: PerfectSubtree { PerfectSubtree(height: self.height - 1, index: self.index * 2 + 1) }
}
