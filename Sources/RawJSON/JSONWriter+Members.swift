/// Objects, members and lists in one call each, for what is written now and then: reports, files, documents.
///
/// Hot paths take ``key(_:)`` with a literal instead, which makes no `String`.
extension JSONWriter {
    /// An object as a whole.
    package static func object(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.object(members)
        return writer.bytes
    }

    /// An object as a line of its own.
    package static func line(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
        self.object(members) + [UInt8(ascii: "\n")]
    }

    package mutating func object(_ members: (inout JSONWriter) -> Void) {
        self.beginObject()
        members(&self)
        self.endObject()
    }

    package mutating func object(_ name: String, _ members: (inout JSONWriter) -> Void) {
        self.key(name)
        self.object(members)
    }

    /// A list; `write` writes each of its elements.
    package mutating func array<Element>(
        _ name: String,
        _ elements: some Sequence<Element>,
        _ write: (inout JSONWriter, Element) -> Void
    ) {
        self.key(name)
        self.beginArray()
        for element in elements { write(&self, element) }
        self.endArray()
    }

    package mutating func member(_ name: String, _ texts: [String]) {
        self.array(name, texts) { $0.string($1) }
    }

    /// A text, or null.
    package mutating func member(_ name: String, _ text: String?) {
        self.key(name)
        if let text { self.string(text) } else { self.null() }
    }

    /// A text, or null; the caller knows that the bytes are UTF-8.
    package mutating func member(_ name: String, utf8 text: [UInt8]?) {
        self.key(name)
        if let text { self.string(utf8: text) } else { self.null() }
    }

    /// A number, or null.
    package mutating func member(_ name: String, _ number: (some FixedWidthInteger)?) {
        self.key(name)
        if let number { self.integer(number) } else { self.null() }
    }

    package mutating func member(_ name: String, _ flag: Bool) {
        self.key(name)
        self.bool(flag)
    }

    package mutating func member(_ name: String, _ value: RawJSON) {
        self.key(name)
        self.value(value)
    }
}
