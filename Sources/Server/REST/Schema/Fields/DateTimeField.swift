import RawJSON
import Web

/// A moment as text, in the form in which it is answered (``DateTimeText``).
struct DateTimeField: FieldReader {
    func readValue(from scanner: inout JSONScanner) throws(RawJSONError) -> Field<[UInt8]> {
        guard try scanner.peek() == .string else { return try Self.refuse(.notADateTime, in: &scanner) }
        let text = try scanner.readString().withUTF8 { DateTimeText.normalized($0) }
        return text.map { .valid($0) } ?? .invalid(.message(.notADateTime))
    }
}
