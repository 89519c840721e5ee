/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z, within the years 0 to 9999.
///
/// The log writes it as `2026-11-23T23:10:11.123456Z`, always with six digits; clients get Python's `isoformat` of a
/// time without an offset: `2026-11-23T23:10:11.123456`, or `2026-11-23T23:10:11` when the microseconds are zero.
@usableFromInline
package struct Timestamp: Comparable, Hashable, Sendable, CustomStringConvertible {
    @usableFromInline package let microseconds: Int64

    /// A moment outside the years that can be written becomes the nearest one inside.
    @inlinable
    package init(microseconds: Int64) {
        self.microseconds = min(max(microseconds, Self.earliest), Self.latest)
    }

    /// That is, 0000-01-01T00:00:00.000000Z.
    @inlinable static var earliest: Int64 { -62_167_219_200_000_000 }
    /// That is, 9999-12-31T23:59:59.999999Z.
    @inlinable static var latest: Int64 { 253_402_300_799_999_999 }

    @inlinable
    package static func == (left: Timestamp, right: Timestamp) -> Bool { left.microseconds == right.microseconds }

    @inlinable
    package func hash(into hasher: inout Hasher) { hasher.combine(self.microseconds) }

    @inlinable
    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// As in the log.
    @usableFromInline package var description: String {
        var text: [UInt8] = []
        self.appendLogForm(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}

// MARK: - Writing

extension Timestamp {
    /// The size of the log's form, in bytes.
    package static let logFormSize = 27
    private static let secondsSize = 19

    /// Appends 27 bytes: `2026-11-23T23:10:11.123456Z`.
    package func appendLogForm(to output: inout OutputSpan<UInt8>) {
        output.append(self.text.span)
    }

    /// The size of ``appendClientForm(to:)``, in bytes: 19, or 26 with microseconds.
    package var clientFormSize: Int {
        self.microseconds % 1_000_000 == 0 ? Self.secondsSize : Self.logFormSize - 1
    }

    /// Appends Python's `isoformat` without an offset.
    package func appendClientForm(to output: inout OutputSpan<UInt8>) {
        output.append(self.text.span.extracting(..<self.clientFormSize))
    }

    /// Appends 27 bytes: `2026-11-23T23:10:11.123456Z`.
    package func appendLogForm(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: self.text.span)
    }

    /// Appends Python's `isoformat` without an offset.
    package func appendClientForm(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: self.text.span.extracting(..<self.clientFormSize))
    }

    /// Python's `isoformat` without an offset.
    package var clientForm: [UInt8] { Array(self.text.span.extracting(..<self.clientFormSize)) }

    /// The log's form, of which the clients' is a beginning.
    private var text: InlineArray<27, UInt8> {
        let (day, rest) = Self.floorDivide(self.microseconds, by: 86_400_000_000)
        let date = CivilDate(daysSince1970: day)
        let (seconds, fraction) = rest.quotientAndRemainder(dividingBy: 1_000_000)
        var text = InlineArray<27, UInt8>(repeating: UInt8(ascii: "-"))
        Self.put(date.year / 100, at: 0, in: &text)
        Self.put(date.year % 100, at: 2, in: &text)
        Self.put(date.month, at: 5, in: &text)
        Self.put(date.day, at: 8, in: &text)
        text[10] = UInt8(ascii: "T")
        Self.put(seconds / 3600, at: 11, in: &text)
        text[13] = UInt8(ascii: ":")
        Self.put(seconds / 60 % 60, at: 14, in: &text)
        text[16] = UInt8(ascii: ":")
        Self.put(seconds % 60, at: 17, in: &text)
        text[19] = UInt8(ascii: ".")
        Self.put(fraction / 10_000, at: 20, in: &text)
        Self.put(fraction / 100 % 100, at: 22, in: &text)
        Self.put(fraction % 100, at: 24, in: &text)
        text[26] = UInt8(ascii: "Z")
        return text
    }

    /// Writes a number below 100 with two digits.
    @inline(__always)
    private static func put(_ number: Int64, at offset: Int, in text: inout InlineArray<27, UInt8>) {
        text[offset] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10)
        text[offset + 1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10)
    }

    private static func floorDivide(_ number: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

// MARK: - Reading

extension Timestamp {
    /// Reads `2026-11-23T23:10:11.123456Z` and nothing else: 27 bytes, a date that exists, no leap second.
    package init?(logForm text: Bytes) {
        guard
            text.count == Self.logFormSize,
            text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"), text[10] == UInt8(ascii: "T"),
            text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"), text[19] == UInt8(ascii: "."),
            text[26] == UInt8(ascii: "Z"),
            let year = Self.number(text, 0..<4),
            let month = Self.number(text, 5..<7),
            let day = Self.number(text, 8..<10),
            let hour = Self.number(text, 11..<13), hour < 24,
            let minute = Self.number(text, 14..<16), minute < 60,
            let second = Self.number(text, 17..<19), second < 60,
            let fraction = Self.number(text, 20..<26),
            let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        let seconds = date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }

    /// Reads `2026-11-23T23:10:11.123456Z` and nothing else.
    package init?(logForm text: String) {
        self.init(logForm: text.utf8Span.span)
    }

    @inline(__always)
    private static func number(_ text: Bytes, _ places: Range<Int>) -> Int64? {
        var number: Int64 = 0
        for place in places {
            let digit = text[place]
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            number = number * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return number
    }
}

/// A day of the proleptic Gregorian calendar.
///
/// The arithmetic is Howard Hinnant's ("chrono-Compatible Low-Level Date Algorithms"): years begin in March, so that
/// the leap day is the last of its year, and 400 years are one era of 146,097 days.
private struct CivilDate {
    let year: Int64
    let month: Int64
    let day: Int64

    init(daysSince1970 days: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        self.day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        self.month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        self.year = yearOfEra + era * 400 + (self.month <= 2 ? 1 : 0)
    }

    /// Nil when there is no such day.
    init?(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
        // Every month has these; the arithmetic below is half the time of reading a moment.
        guard day > 28 else { return }
        let again = CivilDate(daysSince1970: self.daysSince1970)
        guard again.month == month, again.day == day else { return nil }
    }

    var daysSince1970: Int64 {
        let year = self.month <= 2 ? self.year - 1 : self.year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let monthFromMarch = self.month > 2 ? self.month - 3 : self.month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + self.day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
