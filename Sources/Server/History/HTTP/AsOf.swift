import EventLog
import LogValues
import Projections
import Web

/// A place in the log as `as_of` gives it: the number of an event, or a moment.
enum AsOf: Equatable, Sendable {
    case position(SequenceNumber)
    case moment(Timestamp)

    /// Digits alone are a number; else ISO 8601 as everywhere in the API, without a zone UTC.
    init?(_ text: [UInt8]) {
        if let number = UInt64(decimal: text) {
            self = .position(SequenceNumber(number))
        } else if let moment = Timestamp(dateTime: text) {
            self = .moment(moment)
        } else {
            return nil
        }
    }
}

extension Timestamp {
    /// Reads what ``DateTimeText`` reads; a `+` that the query's decoding turned into a blank is taken for one.
    fileprivate init?(dateTime given: [UInt8]) {
        var given = given
        if let blank = given.lastIndex(of: UInt8(ascii: " ")), blank > 12 { given[blank] = UInt8(ascii: "+") }
        guard let text = DateTimeText.normalized(given.span) else { return nil }
        // `YYYY-MM-DDTHH:MM:SS`, a point and six digits or nothing, `Z` or `+HH:MM` or nothing.
        var local = Array(text.prefix(19))
        var rest = text.dropFirst(19)
        local += rest.first == UInt8(ascii: ".") ? Array(rest.prefix(7)) : Array(".000000".utf8)
        if rest.first == UInt8(ascii: ".") { rest = rest.dropFirst(7) }
        local.append(UInt8(ascii: "Z"))
        guard let time = Timestamp(logForm: local.span) else { return nil }
        guard let sign = rest.first, sign != UInt8(ascii: "Z") else {
            self = time
            return
        }
        let digits = rest.dropFirst().filter { $0 != UInt8(ascii: ":") }
        guard digits.count == 4, let number = UInt64(decimal: digits) else { return nil }
        let seconds = Int64(number / 100) * 3600 + Int64(number % 100) * 60
        let east = sign == UInt8(ascii: "-") ? -seconds : seconds
        self.init(microseconds: time.microseconds - east * 1_000_000)
    }
}
