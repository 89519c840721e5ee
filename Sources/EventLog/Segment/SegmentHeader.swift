package import LogValues
import RawJSON

/// A segment's first line, which makes the segment verifiable alone.
///
///     {"log":"<log id>","format":1,"base":1,"opened":"…Z","prev":"<root hash>","frontier":["…"]}
///
/// It has no sequence number and is no leaf of the tree. Members that a later version adds stand at the end and are
/// passed over.
package struct SegmentHeader: Equatable, Sendable {
    package static let format: UInt64 = 1

    package let logID: String
    /// The first line of the segment.
    package let base: SequenceNumber
    /// When the segment was begun, as written: `2026-11-23T23:10:11.123456Z`.
    package let opened: String
    /// The tree of all lines before `base`.
    ///
    /// Its root stands in the line as `prev`.
    package let frontier: Frontier

    var line: [UInt8] {
        let hashes = self.frontier.hashes.map { "\"\($0)\"" }.joined(separator: ",")
        return Array(
            """
            {"log":"\(self.logID)","format":\(Self.format),"base":\(self.base),"opened":"\(self.opened)",\
            "prev":"\(self.frontier.root)","frontier":[\(hashes)]}

            """.utf8
        )
    }

    /// A segment's first line, as far as this program understands it.
    enum Parsed: Equatable {
        case header(SegmentHeader)
        case unknownFormat(UInt64)
        case damage(Damage)
    }

    /// Reads a header line, without its newline, and checks that its members fit each other.
    static func parse(_ line: Bytes) -> Parsed {
        var text = FixedText(line)
        guard text.literal("{\"log\":\""), let logID = text.untilQuote(), text.literal(",\"format\":"),
            let format = text.integer()
        else { return .damage(.segmentHeader) }
        guard format == Self.format else { return .unknownFormat(format) }
        guard text.literal(",\"base\":"), let base = text.integer(), base > 0,
            text.literal(",\"opened\":\""), let opened = text.untilQuote(),
            text.literal(",\"prev\":\""), let previous = text.hash(),
            text.literal(",\"frontier\":["), let hashes = text.hashes(),
            text.literal("}") && text.isAtEnd || text.literal(",\"")
        else { return .damage(.segmentHeader) }
        guard let frontier = Frontier(size: base - 1, hashes: hashes), frontier.root == previous else {
            return .damage(.segmentFrontier)
        }
        return .header(
            SegmentHeader(
                logID: String(decoding: logID, as: UTF8.self),
                base: SequenceNumber(base),
                opened: String(decoding: opened, as: UTF8.self),
                frontier: frontier
            )
        )
    }
}

/// Writes moments as the log has them.
enum UTCText {
    private static let dayMicroseconds: Int64 = 86_400_000_000

    /// `2026-11-23T23:10:11.123456Z`, from microseconds since 1970; for the years 0 to 9999.
    static func format(microseconds: Int64) -> String {
        let day = microseconds / self.dayMicroseconds - (microseconds % self.dayMicroseconds < 0 ? 1 : 0)
        let time = microseconds - day * self.dayMicroseconds
        // Days to a date, from Howard Hinnant's "chrono-compatible low-level date algorithms", `civil_from_days`.
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let second = time / 1_000_000
        return self.padded(year, 4) + "-" + self.padded(month, 2) + "-" + self.padded(dayOfMonth, 2) + "T"
            + self.padded(second / 3600, 2) + ":" + self.padded(second / 60 % 60, 2) + ":" + self.padded(second % 60, 2)
            + "." + self.padded(time % 1_000_000, 6) + "Z"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
