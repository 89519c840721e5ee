import Hub
import RawJSON
import Web

/// A body, or a part of one, that is a JSON object with fields of its own.
///
/// It is filled member by member in one pass over the bytes, so that of a name that is there twice the last value
/// counts, as everywhere else where JSON is read into a map. `finish` then makes the value out of it, or says everything
/// that is wrong.
protocol ObjectBody {
    associatedtype Value

    init()

    /// Reads the value of one member; it must be consumed, whatever it is.
    mutating func readMember(_ name: JSONString, from scanner: inout JSONScanner) throws(RawJSONError)

    consuming func finish() -> Result<Value, ValidationFailure>
}

extension ObjectBody {
    /// Reads the next value.
    ///
    /// - Throws: Only for broken JSON; a value that is something else than an object is a validation failure.
    static func read(from scanner: inout JSONScanner) throws(RawJSONError) -> Result<Value, ValidationFailure> {
        guard try scanner.peek() == .object else {
            try scanner.skipValue()
            return .failure(ValidationFailure(errors: .invalidInput))
        }
        var body = Self()
        try scanner.beginObject()
        while let name = try scanner.nextMember() {
            try body.readMember(name, from: &scanner)
        }
        return body.finish()
    }
}

/// Everything that is wrong with a body.
struct ValidationFailure: Error, Equatable {
    let errors: ValidationErrors
    /// The name or id in the body, where the answer must also say whether it is known.
    var subject: Question.Subject?
}
