import LogValues
import Projections
import RawJSON

/// Who may see an event about a message, at the moment when it happened.
struct Audience {
    /// A user with the connections through which the event reaches them.
    struct Member {
        let user: UserName
        let connections: [ConnectionState]
    }

    private let event: Event
    private let position: SequenceNumber
    private let addressing: Addressing
    /// By name.
    let members: [Member]

    /// The audience of an event; nil if the event is not about that message.
    ///
    /// - Parameters:
    ///   - event: Any event.
    ///   - message: The message.
    ///   - state: The state after the event. Events about messages leave users and connections as they are.
    init?(_ event: Event, of message: UUID128, in state: HubState) {
        guard let (uuid, addressing) = event.payload.aboutMessages?.message, uuid == message else { return nil }
        self.addressing = addressing
        self.event = event
        self.position = state.position
        self.members = Self.members(self.addressing, in: state)
    }

    private static func members(_ addressing: Addressing, in state: HubState) -> [Member] {
        let named: [UserName]
        if let channel = addressing.channel {
            named = state.channel(channel)?.userNames ?? []
        } else {
            named = Set(addressing.only).sorted()
        }
        return named.filter { addressing.reaches($0) }.compactMap { name in
            let connections = (state.user(name)?.connections ?? []).compactMap { state.connection($0) }.filter {
                addressing.channel.map($0.channels.contains) ?? true
            }
            return connections.isEmpty ? nil : Member(user: name, connections: connections)
        }
    }

    /// One line.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("seq")
        writer.integer(self.position.rawValue)
        writer.key("time")
        writer.string("\(self.event.time)")
        writer.key("type")
        writer.string(utf8: self.event.payload.typeName)
        writer.key("channel")
        if let channel = self.addressing.channel { writer.string(utf8: channel.utf8) } else { writer.null() }
        writer.key("audience")
        writer.beginArray()
        for member in self.members {
            writer.beginObject()
            writer.key("user")
            writer.string(utf8: member.user.utf8)
            writer.key("connections")
            writer.beginArray()
            for connection in member.connections {
                writer.beginObject()
                writer.key("conn_id")
                writer.string("\(connection.id)")
                writer.key("listening")
                writer.bool(connection.isAttached)
                writer.key("transport")
                if let transport = connection.transport { writer.string(transport.rawValue) } else { writer.null() }
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}
