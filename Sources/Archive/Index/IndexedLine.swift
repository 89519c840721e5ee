import LogValues
import Projections
import RawJSON

/// What the index keeps of an event line, read without decoding the event: its time, and whom it names.
///
/// No content.
struct IndexedLine: Sendable, Equatable {
    enum Subject: Sendable, Equatable {
        case posted(UUID128, ChannelName?)
        /// Edited or deleted.
        case changed(UUID128)
        /// `content.erased`: the lines that it names.
        case erased([UInt64])
        /// Channels that are named by coming into being, or by being joined.
        case channels([ChannelName])
        case nothing
    }

    let time: Timestamp
    let subject: Subject

    /// Reads a line; nil if it is no event line.
    ///
    /// - Parameter line: The line without its newline.
    init?(_ line: Bytes) {
        if let head = PostedHead(line) {
            self.init(time: head.time, subject: .posted(head.uuid, head.channel))
            return
        }
        self.init(anyKind: line)
    }

    /// Reads a line of any kind, key by key.
    init?(anyKind line: Bytes) {
        var scanner = JSONScanner(line, maximumDepth: EventDecoder.maximumDepth)
        do throws(RawJSONError) {
            guard let found = try Self.read(&scanner) else { return nil }
            self = found
        } catch {
            return nil
        }
    }

    init(time: Timestamp, subject: Subject) {
        self.time = time
        self.subject = subject
    }

    private static func read(_ scanner: inout JSONScanner) throws(RawJSONError) -> IndexedLine? {
        var time: Timestamp?
        var type: JSONString?
        try scanner.beginObject()
        while let key = try scanner.nextMember() {
            switch key {
            case "time":
                time = Timestamp(logForm: try scanner.readString().raw)
            case "type":
                type = try scanner.readString()
            case "data":
                // The keys stand in a fixed order, so that what follows (the content) need not be looked at.
                guard let time, let type else { return nil }
                let data = try scanner.readValue()
                guard let subject = try self.subject(of: type, data) else { return nil }
                return IndexedLine(time: time, subject: subject)
            default:
                try scanner.skipValue()
            }
        }
        return nil
    }

    private static func subject(of type: JSONString, _ data: JSONSlice) throws(RawJSONError) -> Subject? {
        switch type {
        case "message.posted":
            let fields = try MessageFields(data)
            return fields.uuid.map { .posted($0, fields.channel) }
        case "message.edited", "message.deleted":
            return try MessageFields(data).uuid.map { .changed($0) }
        case "content.erased":
            return .erased(try self.lines(data))
        case "channel.configured", "user.connected", "connection.subscribed":
            return .channels(try self.channels(data))
        default:
            return .nothing
        }
    }

    private static func lines(_ data: JSONSlice) throws(RawJSONError) -> [UInt64] {
        var lines: [UInt64] = []
        var scanner = data.scanner()
        try scanner.beginObject()
        while let key = try scanner.nextMember() {
            guard key == "lines" else {
                try scanner.skipValue()
                continue
            }
            try scanner.beginArray()
            while try scanner.nextElement() {
                if let line = UInt64(exactly: try scanner.readInteger()) { lines.append(line) }
            }
        }
        return lines
    }

    private static func channels(_ data: JSONSlice) throws(RawJSONError) -> [ChannelName] {
        var channels: [ChannelName] = []
        var scanner = data.scanner()
        try scanner.beginObject()
        while let key = try scanner.nextMember() {
            switch key {
            case "channel":
                channels.append(ChannelName(utf8: try scanner.readString().decodedUTF8()))
            case "channels":
                try scanner.beginObject()
                while let name = try scanner.nextMember() {
                    channels.append(ChannelName(utf8: name.decodedUTF8()))
                    try scanner.skipValue()
                }
            default:
                try scanner.skipValue()
            }
        }
        return channels
    }
}

/// The two fields of a message's event that the index keeps.
private struct MessageFields {
    private(set) var uuid: UUID128?
    private(set) var channel: ChannelName?

    init(_ data: JSONSlice) throws(RawJSONError) {
        var scanner = data.scanner()
        try scanner.beginObject()
        while let key = try scanner.nextMember() {
            switch key {
            case "uuid":
                self.uuid = UUID128(canonical: try scanner.readString().raw)
            case "channel":
                self.channel = ChannelName(utf8: try scanner.readString().decodedUTF8())
            default:
                try scanner.skipValue()
            }
        }
    }
}
