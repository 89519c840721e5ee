package import LogValues

/// The Merkle tree of the lines read so far, and its roots at earlier sizes.
///
/// A checkpoint stands behind the lines that were in flight when it was made, so it describes a tree of the recent past.
/// Kept are a frontier every 1024 lines (640 bytes on average, so 6 MiB for 10 million lines), and the leaves of the last
/// 64 thousand lines.
package struct TreeHistory: Sendable {
    private static let step: UInt64 = 1024
    private static let window = 1 << 16

    /// The answer about an earlier tree.
    package enum Lookup: Equatable, Sendable {
        case root(Hash256)
        /// The tree never had that size, or not yet.
        case beyond
        /// So long ago that the lines must be read again, on from this frontier.
        case tooOld(Frontier)
    }

    package private(set) var frontier: Frontier
    /// The size that the tree had at the beginning.
    private let start: UInt64
    /// At `start`, and then at every multiple of `step`.
    private var milestones: [Frontier]
    /// The leaf of line n in slot n mod `window`.
    private var leaves: [Hash256]

    /// - Parameter frontier: The tree of all lines before the first that is appended.
    package init(_ frontier: Frontier = Frontier()) {
        self.frontier = frontier
        self.start = frontier.size
        self.milestones = [frontier]
        self.leaves = Array(repeating: .ofNothing, count: Self.window)
    }

    package mutating func append(leaf: Hash256) {
        self.frontier.append(leaf: leaf)
        self.leaves[Int(self.frontier.size % UInt64(Self.window))] = leaf
        if self.frontier.size % Self.step == 0 { self.milestones.append(self.frontier) }
    }

    /// The root that the tree had at a size.
    package func root(at size: UInt64) -> Lookup {
        guard size <= self.frontier.size, size >= self.start else { return .beyond }
        if size == self.frontier.size { return .root(self.frontier.root) }
        var tree = self.milestones[0]
        if size / Self.step > self.start / Self.step {
            tree = self.milestones[Int(size / Self.step - self.start / Self.step)]
        }
        guard tree.size == size || self.frontier.size - tree.size < UInt64(Self.window) else { return .tooOld(tree) }
        while tree.size < size { tree.append(leaf: self.leaves[Int((tree.size + 1) % UInt64(Self.window))]) }
        return .root(tree.root)
    }
}

extension Frontier {
    /// The lines in which two trees of the same size differ first, as far as their frontiers tell; nil if they are equal.
    package func firstDifference(from other: Frontier) -> ClosedRange<UInt64>? {
        guard self.size == other.size else { return 1...max(1, min(self.size, other.size)) }
        var first: UInt64 = 1
        var rest = self.size
        for (ours, theirs) in zip(self.hashes, other.hashes) {
            let leafCount = UInt64(1) << UInt64(63 - rest.leadingZeroBitCount)
            if ours != theirs { return first...(first + leafCount - 1) }
            first += leafCount
            rest -= leafCount
        }
        return nil
    }
}
