import LogValues
import TestSupport
import Testing

@Suite("UUIDs")
struct UUID128Tests {
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
            let read = UUID128(canonical: text.span)
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

    @Test("order is that of the text")
    func order() {
        var random = SeededGenerator(seed: 1)
        let uuids = (0..<100).map { _ in UUID128(random: random.next(), random.next()) }
        #expect(uuids.sorted().map(\.description) == uuids.map(\.description).sorted())
        #expect(uuids.allSatisfy { $0.description.dropFirst(14).first == "4" }, "version 4")
        #expect(uuids.allSatisfy { "89ab".contains($0.description.dropFirst(19).first ?? "-") }, "variant of RFC 9562")
    }
}
