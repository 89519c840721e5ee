import EventLog
import LogValues
import Projections
import Testing

@testable import Following

@Suite("Whether what comes in is the history that was signed")
struct HistoryCheckTests {
    private static let logID = "0123456789abcdef0011223344556677"
    private static let key = Self.key(seed: 1)

    private static func key(seed: UInt8) -> NodeKey {
        let key = try? NodeKey(origin: "channelstream/\(self.logID)", seed: Array(repeating: seed, count: 32))
        guard let key else { preconditionFailure("32 bytes are a seed") }
        return key
    }

    private static func leaf(_ number: UInt64, _ history: String = "") -> Hash256 {
        Hash256.leaf(Array("\(history)\(number)".utf8).span)
    }

    private static func tree(_ size: UInt64, _ history: String = "") -> Frontier {
        var tree = Frontier()
        for number in 0..<size { tree.append(leaf: self.leaf(number, history)) }
        return tree
    }

    private static func note(_ tree: Frontier, _ key: NodeKey = Self.key) -> [UInt8] {
        key.sign(size: tree.size, root: tree.root).bytes
    }

    private static func check(_ size: UInt64 = 0) -> HistoryCheck {
        HistoryCheck(logID: self.logID, tree: self.tree(size), keys: [self.key.verifierKey])
    }

    private static func recorded(_ tree: Frontier, by key: NodeKey? = Self.key) -> LogCheckpointed {
        LogCheckpointed(
            size: tree.size,
            root: tree.root,
            stateDigest: tree.root,
            note: key.map { String(decoding: self.note(tree, $0), as: UTF8.self) }
        )
    }

    /// What the error says of the contradiction; nil without one.
    private static func contradiction(_ body: () throws -> Void) -> FollowError.Contradiction? {
        do {
            try body()
        } catch FollowError.contradiction(let contradiction) {
            return contradiction
        } catch {
            Issue.record("another error: \(error)")
        }
        return nil
    }

    @Test("a root that was signed ahead of the lines is compared when they are there")
    func comparesAhead() throws {
        var check = Self.check(3)
        #expect(try check.see(note: Self.note(Self.tree(6))))
        for number in UInt64(3)..<6 { try check.append(leaf: Self.leaf(number)) }
        #expect(check.frontier == Self.tree(6))

        var other = Self.check(3)
        _ = try other.see(note: Self.note(Self.tree(6)))
        try other.append(leaf: Self.leaf(3))
        try other.append(leaf: Self.leaf(4, "forged"))
        #expect(Self.contradiction { try other.append(leaf: Self.leaf(5)) } == .checkpoint(size: 6))
    }

    @Test("a signed root that lies behind is compared at once")
    func comparesBehind() throws {
        var check = Self.check()
        for number in UInt64(0)..<9 { try check.append(leaf: Self.leaf(number)) }
        #expect(try check.see(note: Self.note(Self.tree(4))))
        let other = Self.note(Self.tree(4, "other"))
        #expect(Self.contradiction { _ = try check.see(note: other) } == .checkpoint(size: 4))
    }

    @Test("two signed roots for one size are a contradiction before any line has come")
    func forkedNotes() throws {
        var check = Self.check()
        _ = try check.see(note: Self.note(Self.tree(5)))
        let other = Self.note(Self.tree(5, "other"))
        #expect(Self.contradiction { _ = try check.see(note: other) } == .checkpoint(size: 5))
    }

    @Test("a log that ends before what is here, or before what was signed, is refused")
    func shorter() throws {
        var check = Self.check(3)
        #expect(Self.contradiction { try check.checkEnd(SequenceNumber(2)) } == .shorter(end: 2, seen: 3))
        _ = try check.see(note: Self.note(Self.tree(8)))
        #expect(Self.contradiction { try check.checkEnd(SequenceNumber(7)) } == .shorter(end: 7, seen: 8))
        try check.checkEnd(SequenceNumber(8))
    }

    @Test("only a newer checkpoint has to be kept")
    func keepsNewest() throws {
        var check = Self.check()
        #expect(try check.see(note: Self.note(Self.tree(5))))
        #expect(try !check.see(note: Self.note(Self.tree(5))))
        #expect(try !check.see(note: Self.note(Self.tree(4))))
        #expect(check.seen?.size == 5)
    }

    @Test("a note by another key, or altered, is refused")
    func strangeNotes() {
        var check = Self.check()
        #expect(throws: FollowError.self) { _ = try check.see(note: Self.note(Self.tree(5), Self.key(seed: 2))) }
        var altered = Self.note(Self.tree(5))
        altered[altered.count - 10] ^= 1
        #expect(throws: FollowError.self) { _ = try check.see(note: altered) }
        #expect(check.seen == nil)
    }

    @Test("a line that records another root than the lines give is refused")
    func recordedRoot() throws {
        var check = Self.check()
        for number in UInt64(0)..<10 { try check.append(leaf: Self.leaf(number)) }
        try check.check(Self.recorded(Self.tree(7)))
        for (recorded, size) in [(Self.recorded(Self.tree(7, "other")), 7), (Self.recorded(Self.tree(11)), 11)] {
            #expect(
                Self.contradiction { try check.check(recorded) } == .recordedRoot(line: 10, size: UInt64(size))
            )
        }
    }

    @Test("an earlier primary's note in the log counts only where the present one has signed what stands behind it")
    func earlierKeys() throws {
        var check = Self.check()
        for number in UInt64(0)..<10 { try check.append(leaf: Self.leaf(number)) }
        let earlier = Self.recorded(Self.tree(7), by: Self.key(seed: 9))
        #expect(throws: FollowError.self) { try check.check(earlier) }
        _ = try check.see(note: Self.note(Self.tree(10)))
        try check.check(earlier)
    }

    @Test("a segment with other lines than those that are here is refused")
    func comparesSegments() throws {
        let check = Self.check(6)
        try check.compare(Self.tree(6))
        #expect(Self.contradiction { try check.compare(Self.tree(6, "other")) } == .differentLines(upTo: 6))
    }
}
