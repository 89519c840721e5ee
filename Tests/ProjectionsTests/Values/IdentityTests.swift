import RawJSON
import TestSupport
import Testing

@testable import Projections

@Suite("UUIDs, digests, names")
struct IdentityTests {
    private static let text = "12345678-1234-5678-1234-56781234567a"
    private static let uuid = UUID128(high: 0x1234_5678_1234_5678, low: 0x1234_5678_1234_567A)

    @Test("the canonical text is written in lower case with dashes, and read back")
    func canonical() {
        #expect(Self.uuid.description == Self.text)
        #expect(UUID128(canonical: Self.text) == Self.uuid)
    }

    @Test(
        "the canonical reader takes one spelling only",
        arguments: [
            "", "12345678-1234-5678-1234-56781234567A", "12345678123456781234567812345678",
            "12345678-1234-5678-1234-56781234567", "12345678-1234-5678-1234-56781234567aa",
            "1234567-81234-5678-1234-56781234567a", "g2345678-1234-5678-1234-56781234567a",
        ]
    )
    func canonicalRefusals(text: String) {
        #expect(UUID128(canonical: text) == nil)
    }

    @Test("each place of the canonical text takes what belongs there and nothing else", arguments: 0..<36)
    func canonicalPlaces(offset: Int) throws {
        let digits = Array("0123456789abcdef".utf8)
        var text = Array("00112233-4455-6677-8899-aabbccddeeff".utf8)
        let isDash = text[offset] == UInt8(ascii: "-")
        for byte in UInt8.min...UInt8.max {
            text[offset] = byte
            let read = text.withUnsafeBytes { UUID128(canonical: $0) }
            let isRight = isDash ? byte == UInt8(ascii: "-") : digits.contains(byte)
            #expect(read?.description == (isRight ? String(decoding: text, as: UTF8.self) : nil), "byte \(byte)")
        }
    }

    // The spellings that Python's uuid.UUID(text) takes, seen with Channelstream 0.7.1.
    @Test(
        "the lenient reader takes what clients write",
        arguments: [
            text, "1234567812345678123456781234567a", "{12345678-1234-5678-1234-56781234567a}",
            "urn:uuid:12345678-1234-5678-1234-56781234567a", "12345678-1234-5678-1234-56781234567A",
            "uuid:12345678-1234-5678-1234-56781234567a", "urn:12345678-1234-5678-1234-56781234567a",
            "1-2345678-1234-5678-123456781234567a", "}12345678-1234-5678-1234-56781234567a{",
            "12345678uuid:-1234-5678-1234-56781234567a", "--12345678-1234-5678-1234-56781234567a--",
        ]
    )
    func lenient(text: String) {
        #expect(UUID128(lenient: Array(text.utf8)) == Self.uuid)
    }

    @Test(
        "and refuses the rest, the accidents of Python's integers among them",
        arguments: [
            "", "12345678-1234-5678-1234-5678123456", "12345678-1234-5678-1234-56781234567aa",
            "g2345678-1234-5678-1234-56781234567a", " 12345678-1234-5678-1234-56781234567",
            "12345678-1234-5678-1234-56781234567a\n", "0x12345678123456781234567812345a",
            "+2345678-1234-5678-1234-56781234567a", "1_345678-1234-5678-1234-56781234567a",
            "URN:UUID:12345678-1234-5678-1234-56781234567a", "１2345678-1234-5678-1234-56781234567a",
            "12345678-{1234}-5678-1234-56781234567a",
        ]
    )
    func lenientRefusals(text: String) {
        #expect(UUID128(lenient: Array(text.utf8)) == nil)
    }

    @Test("no text makes a reader trap, whatever its bytes")
    func anyBytes() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                random.pick(Array("0123456789abcdefABCDEF-{}urn:uuid:\u{e9}".utf8))
            }
            _ = UUID128(lenient: bytes)
            bytes.withUnsafeBytes {
                _ = UUID128(canonical: $0)
                _ = Timestamp(logForm: $0)
                _ = Digest256(text: $0)
                _ = Content.Salt(text: $0)
            }
        }
    }

    @Test("order is that of the text")
    func order() {
        var random = SeededGenerator(seed: 1)
        let uuids = (0..<100).map { _ in UUID128(random: random.next(), random.next()) }
        #expect(uuids.sorted().map(\.description) == uuids.map(\.description).sorted())
        #expect(uuids.allSatisfy { $0.description.dropFirst(14).first == "4" }, "version 4")
        #expect(uuids.allSatisfy { "89ab".contains($0.description.dropFirst(19).first ?? "-") }, "variant of RFC 9562")
    }

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

    // SHA-256 of "abc" (FIPS 180-4), and its base64url by another program.
    @Test("a digest is written as base64url, and only its own text is read")
    func digests() throws {
        let digest = Digest256(hashing: Array("abc".utf8))
        let text = "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
        #expect(digest.description == text)
        #expect(Array(text.utf8).withUnsafeBytes { Digest256(text: $0) } == digest)
        // The last digit holds four bits: one that has more is another text for the same bytes.
        for other in [String(text.dropLast()), text + "A", String(text.dropLast()) + "1", "+" + text.dropFirst()] {
            #expect(Array(other.utf8).withUnsafeBytes { Digest256(text: $0) } == nil)
        }
    }

    // printf '\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2{"a":1}' | sha256sum
    @Test("a content is committed to by its salt and its bytes")
    func commitments() {
        let content = Content(salt: Content.Salt(high: 1, low: 2), json: RawJSON(trusted: Array(#"{"a":1}"#.utf8)))
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
