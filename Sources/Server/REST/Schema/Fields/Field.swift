import RawJSON
import Web

/// A member of a body, as it turned out to be.
enum Field<Value> {
    case absent
    case valid(Value)
    case invalid(ValidationErrors.Node)

    /// The value, if there is a valid one.
    var value: Value? {
        if case .valid(let value) = self { value } else { nil }
    }
}

extension Field: Equatable where Value: Equatable {}

/// How the value of a member is read: what it may be, and what is said about everything else.
protocol FieldReader {
    associatedtype Value

    /// Reads the next value, which is not null; it must be consumed, whatever it is.
    func readValue(from scanner: inout JSONScanner) throws(RawJSONError) -> Field<Value>
}

extension FieldReader {
    /// Reads the next value; null is refused.
    func read(from scanner: inout JSONScanner) throws(RawJSONError) -> Field<Value> {
        guard try scanner.peek() != .null else { return try Self.refuse(.null, in: &scanner) }
        return try self.readValue(from: &scanner)
    }

    /// Reads the next value; null counts as if the member were not there.
    func readNullable(from scanner: inout JSONScanner) throws(RawJSONError) -> Field<Value> {
        guard try scanner.peek() != .null else {
            try scanner.skipValue()
            return .absent
        }
        return try self.readValue(from: &scanner)
    }

    /// Skips the next value and says why.
    static func refuse(
        _ message: ValidationMessage,
        in scanner: inout JSONScanner
    ) throws(RawJSONError) -> Field<Value> {
        try scanner.skipValue()
        return .invalid(.message(message))
    }
}

extension ValidationErrors {
    /// Adds what is wrong with a field, if anything is.
    mutating func collect<Value>(_ field: Field<Value>, _ name: StaticString) {
        if case .invalid(let node) = field {
            self.add(node, at: name)
        }
    }

    /// The value of a field that must be there; adds what is wrong with it otherwise.
    mutating func require<Value>(_ field: Field<Value>, _ name: StaticString) -> Value? {
        switch field {
        case .absent:
            self.add(.message(.missing), at: name)
            return nil
        case .valid(let value):
            return value
        case .invalid(let node):
            self.add(node, at: name)
            return nil
        }
    }
}

/// The members of a body that its schema does not know.
struct UnknownFields {
    private(set) var names: [[UInt8]] = []

    /// Skips the member's value and remembers its name.
    mutating func skip(_ name: JSONString, in scanner: inout JSONScanner) throws(RawJSONError) {
        try scanner.skipValue()
        let name = name.decodedUTF8()
        // One more than can be told is enough to know that there were too many.
        guard self.names.count <= ValidationErrors.maximumCount, !self.names.contains(name) else { return }
        self.names.append(name)
    }

    func collect(into errors: inout ValidationErrors) {
        for name in self.names {
            errors.add(.message(.unknownField), at: name)
        }
    }
}
