import LogValues
import Projections
import Testing

@testable import channelstream_log

@Suite("Moments on the command line")
struct MomentTests {
    private static let now: Int64 = 1_795_478_400_000_000  // 2026-11-24T00:00:00Z

    @Test(
        "a moment may be given to the day, the minute, the second or finer, with an offset or in UTC",
        arguments: [
            ("2026-11-23", "2026-11-23T00:00:00.000000Z"),
            ("2026-11-23T20:05", "2026-11-23T20:05:00.000000Z"),
            ("2026-11-23 20:05", "2026-11-23T20:05:00.000000Z"),
            ("2026-11-23T20:05:09", "2026-11-23T20:05:09.000000Z"),
            ("2026-11-23T20:05:09Z", "2026-11-23T20:05:09.000000Z"),
            ("2026-11-23T20:05:09.25", "2026-11-23T20:05:09.250000Z"),
            ("2026-11-23T20:05:09.123456Z", "2026-11-23T20:05:09.123456Z"),
            ("2026-11-23T00:30+01:00", "2026-11-22T23:30:00.000000Z"),
            ("2026-11-23T20:05:09.5-0530", "2026-11-24T01:35:09.500000Z"),
            ("90s", "2026-11-23T23:58:30.000000Z"),
            ("15m", "2026-11-23T23:45:00.000000Z"),
            ("2h", "2026-11-23T22:00:00.000000Z"),
            ("7d", "2026-11-17T00:00:00.000000Z"),
        ]
    )
    func reads(text: String, expected: String) {
        #expect(Moment(text, now: Self.now)?.timestamp.description == expected)
    }

    @Test(
        "what is no moment is refused",
        arguments: [
            "", "yesterday", "2026-02-30", "2026-11-23T25:00", "2026-11-23T20:05:09.", "2026-11-23X20:05",
            "2026-11-23T20",
            "2026-11-23T20:05:09.1234567", "-2h", "+2h", "h", "2w", "2026-11-23T20:05+1", "2026-11-23T20:05+99:00",
            "2026-11-23T20:05+00:75", "99999999999d",
        ]
    )
    func refuses(text: String) {
        #expect(Moment(text, now: Self.now) == nil)
    }

    @Test("digits alone are a line's number, anything else a moment")
    func place() {
        #expect(LogPlace("17", now: Self.now) == .line(17))
        #expect(LogPlace("9223372036854775808", now: Self.now) == nil)
        #expect(LogPlace("2026-11-23", now: Self.now) == Moment("2026-11-23", now: Self.now).map(LogPlace.moment))
        #expect(LogPlace("soon", now: Self.now) == nil)
    }
}
