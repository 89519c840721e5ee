package import LogValues

/// ISO 8601 as Channelstream reads it (marshmallow 3.8) and answers it (Python's `isoformat`).
///
/// Read: `YYYY-M-D`, `T` or one blank, `H:MM`, optional seconds, optional fraction of 1 to 12 digits, optional zone (`Z`,
/// `+HH`, `+HHMM`, `+HH:MM`). Written: `YYYY-MM-DDTHH:MM:SS`, six digits of fraction unless they are all 0, the zone as
/// `+HH:MM`, UTC as `Z`. The zone is kept, never converted; without one none is added.
package enum DateTimeText {
    /// - Parameter text: UTF-8.
    /// - Returns: The answered form, or nil if it is no moment.
    package static func normalized(_ text: Bytes) -> [UInt8]? {
        var reader = DigitReader(text)
        guard let moment = Moment(reading: &reader), reader.isAtEnd else { return nil }
        return moment.text
    }

    private struct Moment {
        let year: Int
        let month: Int
        let day: Int
        let hour: Int
        let minute: Int
        let second: Int
        let microsecond: Int
        let zone: Zone

        enum Zone {
            case none
            /// Minutes, negative to the west.
            case eastOfUTC(Int)
        }

        init?(reading reader: inout DigitReader) {
            guard let year = reader.number(digits: 4...4), year >= 1, reader.skip("-"),
                let month = reader.number(digits: 1...2), (1...12).contains(month), reader.skip("-"),
                let day = reader.number(digits: 1...2), (1...Self.days(in: month, of: year)).contains(day),
                reader.skip("T") || reader.skip(" "),
                let hour = reader.number(digits: 1...2), hour < 24, reader.skip(":"),
                let minute = reader.number(digits: 1...2), minute < 60
            else { return nil }
            var second = 0
            var microsecond = 0
            if reader.skip(":") {
                guard let given = reader.number(digits: 1...2), given < 60 else { return nil }
                second = given
                if reader.skip(".") {
                    guard let fraction = reader.microseconds() else { return nil }
                    microsecond = fraction
                }
            }
            guard let zone = Self.zone(reading: &reader) else { return nil }
            self.year = year
            self.month = month
            self.day = day
            self.hour = hour
            self.minute = minute
            self.second = second
            self.microsecond = microsecond
            self.zone = zone
        }

        private static func zone(reading reader: inout DigitReader) -> Zone? {
            if reader.isAtEnd { return Zone.none }
            if reader.skip("Z") { return .eastOfUTC(0) }
            let sign = reader.skip("+") ? 1 : reader.skip("-") ? -1 : 0
            guard sign != 0, let hours = reader.number(digits: 2...2) else { return nil }
            var minutes = 0
            if reader.skip(":") || !reader.isAtEnd {
                guard let given = reader.number(digits: 2...2) else { return nil }
                minutes = given
            }
            let offset = hours * 60 + minutes
            return offset < 24 * 60 ? .eastOfUTC(sign * offset) : nil
        }

        private static func days(in month: Int, of year: Int) -> Int {
            switch month {
            case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        }

        var text: [UInt8] {
            var text: [UInt8] = []
            text.reserveCapacity(32)
            Self.append(self.year, digits: 4, after: nil, to: &text)
            Self.append(self.month, digits: 2, after: "-", to: &text)
            Self.append(self.day, digits: 2, after: "-", to: &text)
            Self.append(self.hour, digits: 2, after: "T", to: &text)
            Self.append(self.minute, digits: 2, after: ":", to: &text)
            Self.append(self.second, digits: 2, after: ":", to: &text)
            if self.microsecond != 0 {
                Self.append(self.microsecond, digits: 6, after: ".", to: &text)
            }
            switch self.zone {
            case .none:
                break
            case .eastOfUTC(0):
                text.append(UInt8(ascii: "Z"))
            case .eastOfUTC(let offset):
                Self.append(abs(offset) / 60, digits: 2, after: offset < 0 ? "-" : "+", to: &text)
                Self.append(abs(offset) % 60, digits: 2, after: ":", to: &text)
            }
            return text
        }

        private static func append(_ number: Int, digits: Int, after separator: Unicode.Scalar?, to text: inout [UInt8])
        {
            if let separator {
                text.append(UInt8(ascii: separator))
            }
            var divisor = 1
            for _ in 1..<digits {
                divisor *= 10
            }
            while divisor > 0 {
                text.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
                divisor /= 10
            }
        }
    }
}

/// Reads numbers of a few digits and the characters between them.
private struct DigitReader: ~Escapable {
    private let text: Bytes
    private var index = 0

    @_lifetime(copy text)
    init(_ text: Bytes) {
        self.text = text
    }

    var isAtEnd: Bool { self.index == self.text.count }

    /// Whether the character was next; it is consumed then.
    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard self.index < self.text.count, self.text[self.index] == UInt8(ascii: character) else { return false }
        self.index += 1
        return true
    }

    /// As many digits as there are, up to the most that are allowed; nil for fewer than the least.
    mutating func number(digits: ClosedRange<Int>) -> Int? {
        var number = 0
        var count = 0
        while count < digits.upperBound, let digit = self.nextDigit() {
            number = number * 10 + digit
            count += 1
        }
        return count >= digits.lowerBound ? number : nil
    }

    /// A fraction of 1 to 12 digits, cut after the sixth.
    mutating func microseconds() -> Int? {
        var number = 0
        var count = 0
        while count < 12, let digit = self.nextDigit() {
            number = count < 6 ? number * 10 + digit : number
            count += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 6)..<6 {
            number *= 10
        }
        return number
    }

    private mutating func nextDigit() -> Int? {
        guard self.index < self.text.count,
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self.text[self.index])
        else { return nil }
        defer { self.index += 1 }
        return Int(self.text[self.index] - UInt8(ascii: "0"))
    }
}
