package import LogValues

/// Reads the parameters of a query, and gathers all that is wrong with them.
package struct Parameters {
    private let query: QueryParameters
    private var errors = ValidationErrors()

    /// Reads a request's parameters.
    ///
    /// - Parameters:
    ///   - query: The request's.
    ///   - body: Takes from them what it needs.
    /// - Returns: What `body` made of them.
    /// - Throws: 422, with all that was wrong.
    package static func read<Value>(_ query: QueryParameters, _ body: (inout Parameters) -> Value) throws(Refusal)
        -> Value
    {
        var parameters = Parameters(query: query)
        let value = body(&parameters)
        guard parameters.errors.isEmpty else { throw Refusal(parameters.errors) }
        return value
    }

    private init(query: QueryParameters) {
        self.query = query
    }

    /// A whole number; nil if it is not there, or is none, or too small, which is noted then.
    package mutating func number(_ name: StaticString, atLeast minimum: UInt64 = 0) -> UInt64? {
        let number = self.value(name, .notAnInteger) { UInt64(decimal: $0) }
        if let number, number < minimum { self.note(.tooSmall(minimum: minimum), at: name) }
        return number
    }

    /// A whole number that has to be there; 0 where it is not, which is noted then.
    package mutating func requiredNumber(_ name: StaticString, atLeast minimum: UInt64 = 0) -> UInt64 {
        if self.query.value(name) == nil { self.note(.missing, at: name) }
        return self.number(name, atLeast: minimum) ?? 0
    }

    /// A UUID that has to be there, in any spelling; zeros where it is not, which is noted then.
    package mutating func requiredUUID(_ name: StaticString) -> UUID128 {
        if self.query.value(name) == nil { self.note(.missing, at: name) }
        return self.value(name, .notAUUID) { UUID128(anySpelling: $0.span) } ?? UUID128(high: 0, low: 0)
    }

    /// Text that has to be there; empty where it is not, which is noted then.
    package mutating func requiredText(_ name: StaticString) -> String {
        if self.query.value(name) == nil { self.note(.missing, at: name) }
        return self.query.string(name) ?? ""
    }

    /// Has `read` make a value of a parameter; nil if it is not there, or means nothing, which is noted with the message then.
    package mutating func value<Value>(
        _ name: StaticString,
        _ message: ValidationMessage,
        _ read: ([UInt8]) -> Value?
    ) -> Value? {
        guard let text = self.query.value(name) else { return nil }
        let value = read(text)
        if value == nil { self.note(message, at: name) }
        return value
    }

    package mutating func note(_ message: ValidationMessage, at name: StaticString) {
        self.errors.add(.message(message), at: name)
    }
}
