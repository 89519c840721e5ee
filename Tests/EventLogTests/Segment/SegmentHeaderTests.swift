import LogValues
import Testing

@testable import EventLog

@Suite("Names and headers of segments")
struct SegmentHeaderTests {
    static let header = SegmentHeader(
        logID: "abc",
        base: SequenceNumber(4),
        opened: "2026-11-23T23:10:11.123456Z",
        frontier: Frontier(size: 3, hashes: [.leaf("1"), .leaf("2")]) ?? Frontier()
    )

    static func parse(_ line: [UInt8]) -> SegmentHeader.Parsed { SegmentHeader.parse(line.span) }

    @Test("a name is the first line's number in 20 digits, and sorts as that number does")
    func names() {
        #expect(SegmentName(base: SequenceNumber(17)).fileName == "00000000000000000017.ndjson.lz4")
        #expect(SegmentName(fileName: "09223372036854775807.ndjson.lz4")?.base == .last)
        for wrong in [
            "17.ndjson.lz4", "00000000000000000000.ndjson.lz4", "00000000000000000017.ndjson.lz4.torn",
            "09223372036854775808.ndjson.lz4", "99999999999999999999.ndjson.lz4", "0000000000000000001٣.ndjson.lz4",
            "+0000000000000000017.ndjson.lz4", "00000000000000000017.ndjson.LZ4", "", "synced",
        ] {
            #expect(SegmentName(fileName: wrong) == nil, "\(wrong)")
        }
    }

    @Test("a header is read as it was written, also with members that a later version adds")
    func roundTrip() {
        let line = Self.header.line.dropLast()
        #expect(Self.parse(Array(line)) == .header(Self.header))
        #expect(Self.parse(line.dropLast() + Array(#","new":[1]}"#.utf8)) == .header(Self.header))
    }

    @Test("a header with any byte changed is not the same header, and cut anywhere it is none")
    func changed() {
        let line = Array(Self.header.line.dropLast())
        for at in line.indices {
            var changed = line
            changed[at] ^= 1
            #expect(Self.parse(changed) != .header(Self.header), "byte \(at)")
            #expect(Self.parse(Array(line[..<at])) == .damage(.segmentHeader), "cut at \(at)")
        }
    }

    @Test("a frontier that does not fit the base or its root is damage")
    func frontier() {
        let text = String(decoding: Self.header.line.dropLast(), as: UTF8.self)
        let moved = text.replacing(#""base":4"#, with: #""base":5"#)
        #expect(Self.parse(Array(moved.utf8)) == .damage(.segmentFrontier))
        let other = text.replacing("\(Self.header.frontier.root)", with: "\(Hash256.leaf("x"))")
        #expect(Self.parse(Array(other.utf8)) == .damage(.segmentFrontier))
    }

    @Test(
        "moments are written in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (951_782_400_000_001, "2000-02-29T00:00:00.000001Z"),
            (1_795_475_411_123_456, "2026-11-23T23:10:11.123456Z"),
            (-62_167_219_200_000_000, "0000-01-01T00:00:00.000000Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        ] as [(Int64, String)]
    )
    func moments(microseconds: Int64, text: String) {
        #expect(UTCText.format(microseconds: microseconds) == text)
    }
}
