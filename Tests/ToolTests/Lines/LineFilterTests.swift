import EventLog
import LogValues
import Testing

@testable import channelstream_log

@Suite("Filters")
struct LineFilterTests {
    private static let connection = "11111111-1111-4111-8111-111111111111"
    private static let message = "22222222-2222-4222-8222-222222222222"

    /// Eight lines, numbered from 1, a minute apart.
    private static let lines: [String] = [
        ("user.connected", "{\"conn_id\":\"\(connection)\",\"user\":\"alice\",\"channels\":{\"lobby\":{},\"tea\":{}}}"),
        ("message.posted", "{\"uuid\":\"\(message)\",\"channel\":\"lobby\",\"user\":\"alice\"}"),
        ("message.posted", "{\"uuid\":\"33333333-3333-4333-8333-333333333333\",\"channel\":\"tea\",\"user\":\"bob\"}"),
        (
            "message.posted",
            "{\"uuid\":\"44444444-4444-4444-8444-444444444444\",\"user\":\"bob\",\"pm_users\":[\"al\\u0069ce\"]}"
        ),
        ("message.edited", "{\"uuid\":\"\(message)\",\"channel\":\"lobby\"}"),
        ("connection.unsubscribed", "{\"conn_id\":\"\(connection)\",\"channels\":[\"tea\"]}"),
        ("content.erased", "{\"lines\":[2,5],\"ordered_by\":\"admin\",\"reason\":\"asked\"}"),
        ("connection.closed", "{\"conn_id\":\"55555555-5555-4555-8555-555555555555\",\"reason\":\"expired\"}"),
    ].enumerated().map { index, line in
        "{\"seq\":\(index + 1),\"time\":\"2026-11-23T19:0\(index):00.000000Z\",\"type\":\"\(line.0)\",\"source\":\"n\",\"data\":\(line.1)}"
    }

    private static func wanted(_ conditions: LineFilter.Conditions) -> [Int] {
        var filter = LineFilter(conditions)
        let first = Int(filter.firstLine?.rawValue ?? 1)
        return (first...self.lines.count).filter { number in
            filter.wants(self.lines[number - 1].utf8Span.span, at: UInt64(number))
        }
    }

    private static func wanted(_ change: (inout LineFilter.Conditions) -> Void) -> [Int] {
        var conditions = LineFilter.Conditions()
        change(&conditions)
        return self.wanted(conditions)
    }

    @Test("without conditions every line is wanted")
    func everything() {
        #expect(Self.wanted(LineFilter.Conditions()) == Array(1...8))
    }

    @Test("a type is taken whole, a group by its beginning, several as any of them")
    func types() {
        #expect(Self.wanted { $0.types = ["message.edited"] } == [5])
        #expect(Self.wanted { $0.types = ["message.*"] } == [2, 3, 4, 5])
        #expect(Self.wanted { $0.types = ["message.edited", "connection.*"] } == [5, 6, 8])
        #expect(Self.wanted { $0.types = ["message"] } == [])
    }

    @Test("a channel is found as the only one, in an object and in a list")
    func channels() {
        #expect(Self.wanted { $0.channels = ["tea"] } == [1, 3, 6])
        #expect(Self.wanted { $0.channels = ["tea", "lobby"] } == [1, 2, 3, 5, 6])
        #expect(Self.wanted { $0.channels = ["te"] } == [])
    }

    @Test("a user is followed through connections, messages and erasures, however the name is spelled")
    func users() {
        #expect(Self.wanted { $0.users = ["alice"] } == [1, 2, 4, 5, 6, 7])
        #expect(Self.wanted { $0.users = ["bob"] } == [3, 4])
        #expect(Self.wanted { $0.users = ["ali"] } == [])
    }

    @Test("a user is followed from the first line on, though only later ones are wanted")
    func usersFrom() {
        #expect(Self.wanted { ($0.users, $0.from) = (["alice"], 6) } == [6, 7])
    }

    @Test("times count from the first moment on and up to the last, exclusive")
    func times() {
        #expect(Self.wanted { $0.since = Moment("2026-11-23T19:06", now: 0) } == [7, 8])
        #expect(Self.wanted { $0.until = Moment("2026-11-23T19:02", now: 0) } == [1, 2])
        #expect(
            Self.wanted {
                $0.since = Moment("2026-11-23T19:02", now: 0)
                $0.until = Moment("2026-11-23T20:04+01:00", now: 0)
            } == [3, 4]
        )
    }

    @Test("all conditions must hold together")
    func together() {
        #expect(Self.wanted { ($0.users, $0.types) = (["alice"], ["message.*"]) } == [2, 4, 5])
    }

    @Test("a line whose keys stand in another order is understood as well")
    func otherOrder() {
        let line =
            "{\"seq\":1,\"data\":{\"channel\":\"tea\"},\"new\":[1],\"source\":\"n\",\"type\":\"x.y\",\"time\":\"2026-11-23T19:00:00.000000Z\"}"
        var conditions = LineFilter.Conditions()
        conditions.channels = ["tea"]
        conditions.types = ["x.y"]
        var filter = LineFilter(conditions)
        let isWanted = filter.wants(line.utf8Span.span, at: 1)
        #expect(isWanted)
    }
}

@Suite("Searching text")
struct TextMatcherTests {
    private static func matches(_ pattern: String, regex: Bool = false, ignoresCase: Bool = false, _ line: String)
        throws -> Bool
    {
        var matcher = try TextMatcher(pattern, isRegex: regex, ignoresCase: ignoresCase)
        return try matcher.matches(line.utf8Span.span)
    }

    @Test("text is found as it stands, and behind JSON's escapes")
    func escapes() throws {
        #expect(try Self.matches("żółw", "{\"a\":\"ten żółw\"}"))
        #expect(try Self.matches("żółw", "{\"a\":\"ten \\u017c\\u00f3\\u0142w\"}"))
        #expect(try Self.matches("a/b \"c\"", "{\"a\":\"a\\/b \\\"c\\\"\"}"))
        #expect(try !Self.matches("zolw", "{\"a\":\"\\u017c\\u00f3\\u0142w\"}"))
    }

    @Test("case and regular expressions, where asked for")
    func options() throws {
        #expect(try Self.matches("ŻÓŁW", ignoresCase: true, "{\"a\":\"żółw\"}"))
        #expect(try !Self.matches("ŻÓŁW", "{\"a\":\"żółw\"}"))
        #expect(try Self.matches("\"n\":[0-9]{3}", regex: true, "{\"n\":123}"))
        #expect(try !Self.matches("\"n\":[0-9]{4}", regex: true, "{\"n\":123}"))
    }

    @Test("what is no regular expression is a wrong argument")
    func badRegex() {
        #expect { try TextMatcher("(", isRegex: true, ignoresCase: false) } throws: {
            ($0 as? ToolFailure)?.status == .usage
        }
    }
}
