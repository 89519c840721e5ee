import LogValues
import RawJSON
import Web

/// A UUID in any of the spellings that clients use, from the body or from the query.
struct UUIDField: FieldReader {
    func readValue(from scanner: inout JSONScanner) throws(RawJSONError) -> Field<UUID128> {
        guard try scanner.peek() == .string else { return try Self.refuse(.notAUUID, in: &scanner) }
        return try scanner.readString().withUTF8 { Self.read($0) }
    }

    /// The same from UTF-8 text.
    static func read(_ text: Bytes) -> Field<UUID128> {
        UUID128(anySpelling: text).map { .valid($0) } ?? .invalid(.message(.notAUUID))
    }
}
