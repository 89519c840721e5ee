import LogValues
import Testing

@Suite("Timestamps")
struct TimestampTests {
    @Test(
        "the log's form is read and written, from the first year to the last",
        arguments: [
            ("0000-01-01T00:00:00.000000Z", -62_167_219_200_000_000), ("1969-12-31T23:59:59.999999Z", -1),
            ("1970-01-01T00:00:00.000000Z", 0), ("2000-02-29T12:00:00.000001Z", 951_825_600_000_001),
            ("2026-11-23T23:10:11.123456Z", 1_795_475_411_123_456),
            ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        ] as [(String, Int64)]
    )
    func logForm(text: String, microseconds: Int64) {
        #expect(Timestamp(logForm: text) == Timestamp(microseconds: microseconds))
        #expect(Timestamp(microseconds: microseconds).description == text)
    }

    @Test(
        "every day of four centuries is written as one day more than the day before",
        arguments: [1600, 1700, 1800, 1900]
    )
    func everyDay(century: Int) throws {
        let first = try #require(Timestamp(logForm: "\(century)-01-01T00:00:00.000000Z"))
        var (year, month, day) = (century, 1, 1)
        for number in 0..<36_524 {
            let moment = Timestamp(microseconds: first.microseconds + Int64(number) * 86_400_000_000)
            let date = "\(year)-\(month < 10 ? "0" : "")\(month)-\(day < 10 ? "0" : "")\(day)"
            try #require(moment.description == "\(date)T00:00:00.000000Z")
            try #require(Timestamp(logForm: moment.description) == moment)
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let length = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
            (year, month, day) =
                day < length ? (year, month, day + 1) : month < 12 ? (year, month + 1, 1) : (year + 1, 1, 1)
        }
    }

    @Test(
        "any other spelling is refused",
        arguments: [
            "", "2026-11-23T23:10:11Z", "2026-11-23T23:10:11.123456", "2026-11-23 23:10:11.123456Z",
            "2026-11-23T23:10:11.12345Z", "2026-11-23T23:10:11,123456Z", "2026-11-23t23:10:11.123456z",
            "2026-02-29T00:00:00.000000Z", "1900-02-29T00:00:00.000000Z", "2026-04-31T00:00:00.000000Z",
            "2026-00-01T00:00:00.000000Z", "2026-13-01T00:00:00.000000Z", "2026-01-00T00:00:00.000000Z",
            "2026-11-23T24:00:00.000000Z", "2026-11-23T23:60:00.000000Z", "2026-11-23T23:59:60.000000Z",
            "2026-11-23T23:10:1+.123456Z", "+026-11-23T23:10:11.123456Z",
        ]
    )
    func refusals(text: String) {
        #expect(Timestamp(logForm: text) == nil)
    }

    @Test(
        "clients see Python's isoformat: six digits, or none when they are zero",
        arguments: [
            (1_795_475_411_000_000, "2026-11-23T23:10:11"), (1_795_475_411_000_001, "2026-11-23T23:10:11.000001"),
            (1_795_475_411_100_000, "2026-11-23T23:10:11.100000"), (-1, "1969-12-31T23:59:59.999999"),
        ] as [(Int64, String)]
    )
    func clientForm(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).clientForm == Array(text.utf8))
    }

    @Test("a moment beyond the years that can be written becomes the nearest one", arguments: [Int64.min, Int64.max])
    func beyond(microseconds: Int64) {
        let moment = Timestamp(microseconds: microseconds)
        #expect(Timestamp(logForm: moment.description) == moment)
        #expect(moment.description.hasPrefix(microseconds < 0 ? "0000-01-01T00:00:00.0" : "9999-12-31T23:59:59.9"))
    }
}
