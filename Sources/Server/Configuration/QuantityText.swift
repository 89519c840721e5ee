/// Sizes in bytes as people write them.
enum SizeText {
    private static let units = [("", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]

    /// - Parameter text: A whole number, perhaps a blank, and perhaps a unit: b, k, kb, kib, m, mb, mib, g, gb, gib in
    ///   any case. All count in steps of 1024.
    /// - Returns: Bytes; nil when the text is no size or does not fit.
    static func parse(_ text: String) -> Int? {
        let (digits, unit) = QuantityText.split(text)
        guard let number = Int(digits) else { return nil }
        let factor: Int
        switch unit.lowercased() {
        case "", "b": factor = 1
        case "k", "kb", "kib": factor = 1 << 10
        case "m", "mb", "mib": factor = 1 << 20
        case "g", "gb", "gib": factor = 1 << 30
        default: return nil
        }
        let (size, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : size
    }

    /// With the largest unit that divides the size.
    static func format(_ size: Int) -> String {
        let unit = Self.units.last { size > 0 && size.isMultiple(of: $0.1) } ?? Self.units[0]
        return "\(size / unit.1)\(unit.0)"
    }
}

/// Times as people write them.
enum DurationText {
    enum Unit: String, CaseIterable, Sendable {
        case milliseconds = "ms"
        case seconds = "s"
        case minutes = "m"
        case hours = "h"
        case days = "d"

        var inMilliseconds: Int64 {
            switch self {
            case .milliseconds: 1
            case .seconds: 1000
            case .minutes: 60_000
            case .hours: 3_600_000
            case .days: 86_400_000
            }
        }

        var name: String {
            switch self {
            case .milliseconds: "milliseconds"
            case .seconds: "seconds"
            case .minutes: "minutes"
            case .hours: "hours"
            case .days: "days"
            }
        }
    }

    /// Reads a whole number with perhaps one of `ms`, `s`, `m`, `h`, `d` behind it; `bareUnit` counts without one.
    static func parse(_ text: String, bareUnit: Unit) -> Duration? {
        let (digits, suffix) = QuantityText.split(text)
        guard let number = Int64(digits) else { return nil }
        guard let unit = suffix.isEmpty ? bareUnit : Unit(rawValue: suffix.lowercased()) else { return nil }
        let (milliseconds, overflow) = number.multipliedReportingOverflow(by: unit.inMilliseconds)
        return overflow ? nil : .milliseconds(milliseconds)
    }

    /// With the largest unit that divides the time.
    ///
    /// Parts of a millisecond are dropped. Days are written as hours.
    static func format(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        guard milliseconds != 0 else { return "0s" }
        let units: [Unit] = [.hours, .minutes, .seconds]
        let unit = units.first { milliseconds.isMultiple(of: $0.inMilliseconds) } ?? .milliseconds
        return "\(milliseconds / unit.inMilliseconds)\(unit.rawValue)"
    }
}

/// The form that sizes and times have in common: digits, then a unit.
private enum QuantityText {
    static func split(_ text: String) -> (digits: String, unit: String) {
        let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
        let unit = text.utf8.dropFirst(digits.count)
        return (
            String(decoding: Array(digits), as: UTF8.self),
            SettingText.trimmed(String(decoding: Array(unit), as: UTF8.self))
        )
    }
}
