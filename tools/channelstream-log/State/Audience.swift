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
        JSONWriter.line { writer in
            writer.member("seq", self.position.rawValue)
            writer.member("time", "\(self.event.time)")
            writer.member("type", utf8: self.event.payload.typeName)
            writer.member("channel", utf8: self.addressing.channel?.utf8)
            writer.array("audience", self.members) { writer, member in
                writer.object { writer in
                    writer.member("user", utf8: member.user.utf8)
                    writer.array("connections", member.connections) { writer, connection in
                        writer.object { writer in
                            writer.member("conn_id", "\(connection.id)")
                            writer.member("listening", connection.isAttached)
                            writer.member("transport", connection.transport?.rawValue)
                        }
                    }
                }
            }
        }
    }
}
