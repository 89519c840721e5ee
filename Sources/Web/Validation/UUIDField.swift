package import LogValues
package import RawJSON

/// A UUID in any of the spellings that clients use, from the body or from the query.
package struct UUIDField: FieldReader {

    package init() {}
    package func readValue(from scanner: inout JSONScanner) throws(RawJSONError) -> Field<UUID128> {
        guard try scanner.peek() == .string else { return try Self.refuse(.notAUUID, in: &scanner) }
        return try scanner.readString().withUTF8 { Self.read($0) }
    }

    /// The same from UTF-8 text.
    package static func read(_ text: Bytes) -> Field<UUID128> {
        let uuid = UUID128(canonical: text) ?? UUID128(lenient: Array(text))
        return uuid.map { .valid($0) } ?? .invalid(.message(.notAUUID))
    }
}
