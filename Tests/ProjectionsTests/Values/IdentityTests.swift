import LogValues
import RawJSON
import TestSupport
import Testing

@testable import Projections

@Suite("Derived identities, commitments, names")
struct IdentityTests {
    private static let uuid = UUID128(high: 0x1234_5678_1234_5678, low: 0x1234_5678_1234_567A)

    @Test("identities derived from a seed repeat, and differ from each other and from those of other seeds")
    func derived() {
        var seen: Set<UUID128> = []
        for seed in 0..<100 {
            var first = DerivedIDs(seed: UUID128(high: 0, low: UInt64(seed)))
            var second = first
            for _ in 0..<100 {
                let uuid = first.next()
                #expect(uuid == second.next())
                seen.insert(uuid)
            }
        }
        #expect(seen.count == 10_000)
        #expect(seen.allSatisfy { $0 == UUID128(random: $0.high, $0.low) }, "version and variant are set")
    }

    @Test("a derived identity is the same in every release: logs are replayed with it")
    func derivedGolden() {
        var ids = DerivedIDs(seed: Self.uuid)
        #expect([ids.next().description, ids.next().description] == Self.goldenIDs)
    }

    private static let goldenIDs = ["ecbee82a-fc6a-46fe-ae01-1765e638bde0", "2129a874-6266-4b44-b876-d603b56342d1"]

    // printf '\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2{"a":1}' | sha256sum
    @Test("a content is committed to by its salt and its bytes")
    func commitments() {
        let content = Content(salt: Salt(high: 1, low: 2), json: RawJSON(trusted: Array(#"{"a":1}"#.utf8)))
        #expect(content.commit.description == "XlhM5y0RVoyF_PfQgrz03e-2cMYYD_CXhBb63USjzU8")
        #expect(content.erased == Content(erased: content.commit))
    }

    @Test("names are compared and sorted by their bytes, which is by code points")
    func names() {
        let names = ["b", "a", "Z", "10", "9", "\u{e9}", "e\u{301}", "\u{FFFF}", "\u{1F422}", ""].map { UserName($0) }
        let sorted = ["", "10", "9", "Z", "a", "b", "e\u{301}", "\u{e9}", "\u{FFFF}", "\u{1F422}"].map { UserName($0) }
        #expect(names.sorted() == sorted)
        #expect(Set(names).count == names.count)
    }
}
