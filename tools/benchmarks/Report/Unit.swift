import Foundation

/// What a figure counts, and how it is written.
enum Unit: String, Sendable {
    case microseconds = "µs"
    case milliseconds = "ms"
    case perSecond = "/s"
    case bytes
    case ratio

    /// Three digits that mean something, with the unit.
    func text(_ value: Double) -> String {
        switch self {
        case .microseconds, .milliseconds: "\(Self.digits(value)) \(self.rawValue)"
        case .perSecond:
            value >= 1e6
                ? "\(Self.digits(value / 1e6)) M/s" : "\(Self.grouped(value))/s"
        case .bytes: value < 1024 ? "\(Self.digits(value)) bytes" : "\(Self.digits(value / 1024)) KiB"
        case .ratio: Self.digits(value)
        }
    }

    /// Three significant digits, no exponent.
    static func digits(_ value: Double) -> String {
        switch abs(value) {
        case ..<10: String(format: "%.2f", value)
        case ..<100: String(format: "%.1f", value)
        default: self.grouped(value)
        }
    }

    /// Three significant digits, thousands apart: 12345 is `12,300`.
    static func grouped(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        let step = abs(value) < 1000 ? 1 : pow(10, floor(log10(abs(value))) - 2)
        let number = Int((value / step).rounded() * step)
        let digits = Array(String(abs(number)))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return number < 0 ? "-\(text)" : text
    }
}
