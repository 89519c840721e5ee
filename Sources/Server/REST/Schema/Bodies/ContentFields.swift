import RawJSON
import Web

/// What people wrote in a message: `message` and the extra keys.
///
/// Views into the body until the end, so that of a name that is there twice nothing was copied in vain.
struct ContentFields {
    private var message = Field<JSONSlice>.absent
    private var extras: [(name: JSONString, value: JSONSlice)] = []

    mutating func readMessage(from scanner: inout JSONScanner) throws(RawJSONError) {
        self.message = try ObjectField().read(from: &scanner)
    }

    /// Keeps a member that the schema does not know, whatever its value.
    mutating func readExtra(_ name: JSONString, from scanner: inout JSONScanner) throws(RawJSONError) {
        self.extras.append((name, try scanner.readValue()))
    }

    func collect(into errors: inout ValidationErrors) {
        errors.collect(self.message, "message")
    }

    /// An object of all that was given, one line, otherwise verbatim (escapes in names apart); nil when there is nothing.
    var json: RawJSON? {
        let message = self.message.value
        guard message != nil || !self.extras.isEmpty else { return nil }
        let size = self.extras.reduce((message?.bytes.count ?? 0) + 16) {
            $0 + $1.name.raw.count + $1.value.bytes.count + 4
        }
        var writer = JSONWriter(capacity: size)
        writer.beginObject()
        if let message {
            writer.key("message")
            writer.value(message)
        }
        for extra in self.extras {
            extra.name.withUTF8 { writer.key(utf8: $0) }
            writer.value(extra.value)
        }
        writer.endObject()
        return RawJSON(trusted: writer.bytes)
    }
}
