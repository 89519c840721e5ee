import EventLog
import LogValues
import TestSupport
import Testing

@Suite("Roots of the past")
struct TreeHistoryTests {
    private static func leaf(_ number: UInt64) -> Hash256 {
        Hash256.leaf("\(number)")
    }

    @Test(
        "the root at any size is the one that the tree had then, wherever it begins",
        arguments: [0, 1, 1000, 1023, 1024, 5000]
    )
    func roots(start: UInt64) {
        var tree = Frontier()
        for number in 0..<start { tree.append(leaf: Self.leaf(number)) }
        var history = TreeHistory(tree)
        var roots = [start: tree.root]
        for number in start..<start + 3000 {
            history.append(leaf: Self.leaf(number))
            tree.append(leaf: Self.leaf(number))
            roots[number + 1] = tree.root
        }
        for (size, root) in roots where size % 41 == 0 || size == start || size % 1024 < 2 {
            #expect(history.root(at: size) == .root(root))
        }
        #expect(history.root(at: start + 3001) == .beyond)
        if start > 0 { #expect(history.root(at: start - 1) == .beyond) }
    }

    @Test("a root of long ago needs the lines from a milestone on")
    func longAgo() {
        var history = TreeHistory()
        var milestone = Frontier()
        for number in 0..<UInt64(70_000) {
            history.append(leaf: Self.leaf(number))
            if number < 1024 { milestone.append(leaf: Self.leaf(number)) }
        }
        #expect(history.root(at: 1500) == .tooOld(milestone))
        #expect(history.root(at: 1024) == .root(milestone.root))
        guard case .root = history.root(at: 69_000) else {
            Issue.record("the leaves of the last lines are kept")
            return
        }
    }

    @Test("two trees of a size say in which run of lines they differ first", arguments: [1, 4, 5, 9, 12, 13])
    func difference(altered: UInt64) throws {
        var (ours, theirs) = (Frontier(), Frontier())
        for number in 1...UInt64(13) {
            ours.append(leaf: Self.leaf(number))
            theirs.append(leaf: Self.leaf(number == altered ? 99 : number))
        }
        let range = try #require(ours.firstDifference(from: theirs))
        #expect(range.contains(altered))
        #expect([1...8, 9...12, 13...13].contains(range))
        #expect(ours.firstDifference(from: ours) == nil)
    }
}
