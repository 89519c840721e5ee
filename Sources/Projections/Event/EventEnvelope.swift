import LogValues
import RawJSON

/// The outer keys of a line, while it is read: those of the envelope, and the fields of `data`.
struct EventEnvelope {
    private enum TypeName {
        case known(EventType)
        case unknown([UInt8])

        init(_ name: JSONString) {
            self = EventType(name).map { .known($0) } ?? .unknown(name.decodedUTF8())
        }
    }

    private var position: SequenceNumber?
    private var hasMore = false
    private var time: Timestamp?
    private var type: TypeName?
    private var source: NodeName?
    private var fields = EventFields()
    private var hasData = false
    private var content = ContentParts()

    /// Reads a line's object to its end.
    mutating func read(_ reader: inout LineFieldReader, names: inout NameCache) throws(EventCodingError) {
        try reader.beginObject()
        while let key = try reader.nextMember() {
            switch key {
            case "seq":
                self.position = SequenceNumber(try reader.unsigned("seq"))
            case "more":
                self.hasMore = try reader.boolean()
            case "time":
                self.time = try reader.timestamp("time")
            case "type":
                self.type = TypeName(try reader.string())
            case "source":
                self.source = try reader.name(&names)
            case "data":
                try self.readData(&reader, names: &names)
            default:
                guard try !self.content.read(key, &reader) else { continue }
                try reader.skip()
            }
        }
        try reader.finish()
    }

    /// The `data` of a type that is not known may be anything, and is not looked at.
    private mutating func readData(_ reader: inout LineFieldReader, names: inout NameCache) throws(EventCodingError) {
        self.hasData = true
        if case .unknown = self.type {
            try reader.skip()
        } else {
            try self.fields.read(&reader, names: &names)
        }
    }

    /// The event that the values which were read make.
    func line() throws(EventCodingError) -> EventLine {
        let payload: Event.Payload
        switch try self.type.required("type") {
        case .known(let type):
            guard self.hasData else { throw .missing(key: "data") }
            payload = try self.fields.payload(of: type, content: try self.content.content())
        case .unknown(let name):
            payload = .unknown(type: name)
        }
        let event = Event(
            time: try self.time.required("time"),
            source: try self.source.required("source"),
            payload: payload
        )
        return EventLine(position: try self.position.required("seq"), hasMore: self.hasMore, event: event)
    }
}
