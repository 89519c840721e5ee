import RawJSON
import Web

/// The words that people wrote in a message: `message` and the extra keys.
struct ContentFields {
    /// An object with the member `message`; of a name that is there twice the last counts.
    private var message = Field<RawJSON>.absent
    /// An object of the other members, still open.
    private var extras: JSONWriter?

    mutating func readMessage(from scanner: inout JSONScanner) throws(RawJSONError) {
        self.message = try MessageField().read(from: &scanner)
    }

    /// Keeps a member that the schema does not know, whatever its value.
    mutating func readExtra(_ name: JSONString, from scanner: inout JSONScanner) throws(RawJSONError) {
        let value = try scanner.readValue()
        if self.extras == nil {
            self.extras = JSONWriter()
            self.extras?.beginObject()
        }
        name.withUTF8 { self.extras?.key(utf8: $0) }
        self.extras?.value(value)
    }

    func collect(into errors: inout ValidationErrors) {
        errors.collect(self.message, "message")
    }

    /// An object of all that was given, one line, otherwise verbatim (escapes in names apart); nil when there is nothing.
    var json: RawJSON? {
        guard var extras = self.extras else { return self.message.value }
        extras.endObject()
        let others = RawJSON(trusted: extras.bytes)
        guard let message = self.message.value else { return others }
        var writer = JSONWriter(capacity: message.bytes.count + others.bytes.count)
        writer.beginObject()
        writer.members(of: message)
        writer.members(of: others)
        writer.endObject()
        return RawJSON(trusted: writer.bytes)
    }
}

/// An object whose content is nobody's business but the clients': the `message` of a message.
///
/// Written at once into the object that the log keeps.
private struct MessageField: FieldReader {
    func readValue(from scanner: inout JSONScanner) throws(RawJSONError) -> Field<RawJSON> {
        guard try scanner.peek() == .object else { return try Self.refuse(.notAMapping, in: &scanner) }
        let value = try scanner.readValue()
        var writer = JSONWriter(capacity: value.bytes.count + 16)
        writer.beginObject()
        writer.key("message")
        writer.value(value)
        writer.endObject()
        return .valid(RawJSON(trusted: writer.bytes))
    }
}
