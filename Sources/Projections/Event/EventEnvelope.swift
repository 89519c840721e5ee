import RawJSON

/// The outer keys of a line, while it is read: those of the envelope, and the fields of `data`.
struct EventEnvelope {
    private var position: Position?
    private var hasMore = false
    private var time: Timestamp?
    private var type: JSONString?
    private var source: NodeName?
    private var fields = EventFields()
    private var hasData = false
    private var salt: Content.Salt?
    private var content: JSONSlice?
    private var commit: Digest256?

    /// Reads a line's object to its end.
    mutating func read(_ reader: inout FieldReader, names: inout NameCache) throws(EventCodingError) {
        try reader.beginObject()
        while let key = try reader.nextMember() {
            switch key {
            case "seq":
                self.position = Position(try reader.unsigned("seq"))
            case "more":
                self.hasMore = try reader.boolean()
            case "time":
                self.time = try reader.timestamp("time")
            case "type":
                self.type = try reader.string()
            case "source":
                self.source = try reader.name(&names)
            case "data":
                try self.readData(&reader, names: &names)
            case "salt":
                self.salt = try reader.salt("salt")
            case "content":
                self.content = try reader.slice()
                guard self.content?.kind == .object else { throw reader.unexpected("content") }
            case "commit":
                self.commit = try reader.digest("commit")
            default:
                try reader.skip()
            }
        }
        try reader.finish()
    }

    /// The `data` of a type that is not known may be anything, and is not looked at.
    private mutating func readData(_ reader: inout FieldReader, names: inout NameCache) throws(EventCodingError) {
        self.hasData = true
        if let type = self.type, EventType(type) == nil {
            try reader.skip()
        } else {
            try self.fields.read(&reader, names: &names)
        }
    }

    /// What was read, as an event.
    func line() throws(EventCodingError) -> EventLine {
        guard let position = self.position else { throw .missing(key: "seq") }
        guard let time = self.time else { throw .missing(key: "time") }
        guard let name = self.type else { throw .missing(key: "type") }
        guard let source = self.source else { throw .missing(key: "source") }
        let payload: Event.Payload
        if let type = EventType(name) {
            guard self.hasData else { throw .missing(key: "data") }
            payload = try self.fields.payload(of: type, content: try self.wholeContent())
        } else {
            payload = .unknown(type: name.decodedUTF8())
        }
        let event = Event(time: time, source: source, payload: payload)
        return EventLine(position: position, hasMore: self.hasMore, event: event)
    }

    /// The content, or what an erasure left of it.
    private func wholeContent() throws(EventCodingError) -> Content? {
        guard let content = self.content else { return self.commit.map { Content(erased: $0) } }
        guard let salt = self.salt else { throw .missing(key: "salt") }
        return Content(salt: salt, slice: content)
    }
}
