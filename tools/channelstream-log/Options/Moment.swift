import LogValues
import Projections

/// A moment as people give it on a command line.
///
///     2026-11-23                      the day's beginning
///     2026-11-23T20:00, …T20:00:05    to the minute, to the second; a blank or a `T` between date and time
///     2026-11-23T20:00:05.25          with a fraction of one to six digits
///     …Z, …+01:00, …-05:30            offset from UTC; without one, UTC
///     90s, 15m, 2h, 7d                so long before now
struct Moment: Equatable {
    let timestamp: Timestamp

    init(_ timestamp: Timestamp) {
        self.timestamp = timestamp
    }

    /// As in the log, in ASCII: 27 bytes, which sort as the moments do.
    var logForm: [UInt8] {
        var bytes: [UInt8] = []
        self.timestamp.appendLogForm(to: &bytes)
        return bytes
    }

    /// Reads one of the forms above; nil if it is none of them, or no moment that exists.
    ///
    /// - Parameters:
    ///   - text: What was given.
    ///   - now: What `2h` counts from, in microseconds since 1970.
    init?(_ text: String, now: Int64) {
        if let ago = Self.duration(text) {
            self.timestamp = Timestamp(microseconds: now - min(ago, now))
            return
        }
        guard let (local, offset) = Self.splitOffset(text), let time = Self.logForm(local),
            let timestamp = Timestamp(logForm: time)
        else { return nil }
        self.timestamp = Timestamp(microseconds: timestamp.microseconds - offset * 1_000_000)
    }

    /// `15m` in microseconds.
    private static func duration(_ text: String) -> Int64? {
        guard let unit = text.last, let number = UInt32(text.dropLast()), text.utf8.first != UInt8(ascii: "+") else {
            return nil
        }
        let seconds: Int64
        switch unit {
        case "s": seconds = 1
        case "m": seconds = 60
        case "h": seconds = 3600
        case "d": seconds = 86_400
        default: return nil
        }
        return Int64(number) * seconds * 1_000_000
    }

    /// Takes `Z` or an offset off; returns it in seconds.
    private static func splitOffset(_ text: String) -> (local: Substring, offset: Int64)? {
        if text.hasSuffix("Z") { return (text.dropLast(), 0) }
        // A sign that far to the right is no dash of the date.
        guard let sign = text.dropFirst(11).lastIndex(where: { $0 == "+" || $0 == "-" }) else { return (text[...], 0) }
        let digits = text[text.index(after: sign)...].filter { $0 != ":" }
        guard digits.utf8.count == 4, let number = UInt16(digits), number % 100 < 60, number <= 2359,
            digits.utf8.first != UInt8(ascii: "+")
        else { return nil }
        let seconds = Int64(number / 100) * 3600 + Int64(number % 100) * 60
        return (text[..<sign], text[sign] == "-" ? -seconds : seconds)
    }

    /// Completes date and time to the form of the log.
    private static func logForm(_ text: Substring) -> String? {
        let template = "0000-00-00T00:00:00.000000Z"
        var bytes = Array(text.utf8)
        guard [10, 16, 19].contains(bytes.count) || (21...26).contains(bytes.count) else { return nil }
        if bytes.count > 10 {
            guard bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " ") else { return nil }
            bytes[10] = UInt8(ascii: "T")
        }
        bytes.append(contentsOf: template.utf8.dropFirst(bytes.count))
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A place in a log as people give it: the number of a line, or a moment.
enum LogPlace: Equatable {
    case line(UInt64)
    case moment(Moment)

    /// Digits alone are a line's number.
    init?(_ text: String, now: Int64) {
        if !text.isEmpty, text.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) {
            guard let number = UInt64(text), number <= UInt64(Int64.max) else { return nil }
            self = .line(number)
        } else if let moment = Moment(text, now: now) {
            self = .moment(moment)
        } else {
            return nil
        }
    }
}
