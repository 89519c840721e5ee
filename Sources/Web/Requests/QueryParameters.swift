import LogValues

/// The part of a request's target after `?`, decoded only when it is asked for.
package struct QueryParameters: Sendable, Equatable {
    private let text: Substring

    /// - Parameter text: Without the question mark.
    package init(_ text: Substring) {
        self.text = text
    }

    package static let none = QueryParameters("")

    /// The value of a parameter as UTF-8; of several the last, as upstream has it; nil when it is not there.
    ///
    /// `+` is a blank, and what is no valid percent-encoding stands for itself.
    package func value(_ name: StaticString) -> [UInt8]? {
        guard !self.text.isEmpty else { return nil }
        var found: [UInt8]?
        for pair in self.text.utf8.split(separator: UInt8(ascii: "&")) {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard Self.decode(pair[..<equals], equals: name) else { continue }
            found = Self.decode(equals == pair.endIndex ? pair[equals...] : pair[equals...].dropFirst())
        }
        return found
    }

    /// The same as text; bytes that are no UTF-8 become U+FFFD.
    package func string(_ name: StaticString) -> String? {
        self.value(name).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func decode(_ text: Substring.UTF8View, equals name: StaticString) -> Bool {
        let decoded = self.decode(text)
        return decoded.span.equals(name)
    }

    private static func decode(_ text: Substring.UTF8View) -> [UInt8] {
        PercentDecoding.decode(text, plusIsBlank: true)
    }
}

extension UInt64 {
    /// Digits and nothing else, up to the last number that a line may have.
    package init?(decimal text: [UInt8]) {
        guard (1...19).contains(text.count), text.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else { return nil }
        let number = text.reduce(UInt64(0)) { $0 * 10 + UInt64($1 - UInt8(ascii: "0")) }
        guard number <= UInt64(Int64.max) else { return nil }
        self = number
    }
}
