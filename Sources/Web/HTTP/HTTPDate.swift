import LogValues
import Synchronization

/// The `Date` of answers (RFC 9110, section 6.6.1), made once a second for all connections.
enum HTTPDate {
    private struct Made {
        var second = Int64.min
        var text: [UInt8] = []
    }

    private static let made = Mutex(Made())

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// As of now: `Tue, 24 Nov 2026 10:55:07 GMT`.
    static var now: [UInt8] {
        let second = Timestamp.wallClock().microseconds / 1_000_000
        return self.made.withLock { made in
            if made.second != second {
                made.second = second
                made.text = self.text(second)
            }
            return made.text
        }
    }

    /// As of a second since 1970 that is not negative.
    static func text(_ second: Int64) -> [UInt8] {
        // `2026-11-24T10:55:07`
        let iso = Timestamp(microseconds: second * 1_000_000).clientForm
        let part = { (range: Range<Int>) in String(decoding: iso[range], as: UTF8.self) }
        let day = self.days[Int(second / 86_400 % 7)]
        let month = self.months[(Int(part(5..<7)) ?? 1) - 1]
        return Array("\(day), \(part(8..<10)) \(month) \(part(0..<4)) \(part(11..<19)) GMT".utf8)
    }
}
