import LogValues
import OrderedCollections
import Projections
import RawJSON

/// Writes the answer of `POST /connect`.
enum ConnectReplyWriter {
    /// An empty object, should the connection be gone already.
    static func write(
        _ state: HubState,
        connection: ConnectionID,
        options: InfoOptions,
        into writer: inout JSONWriter
    ) {
        writer.beginObject()
        if let connection = state.connection(connection), let user = state.user(connection.user) {
            writer.key("conn_id")
            writer.uuid(connection.id)
            writer.key("state")
            writer.value(user.stateJSON)
            writer.key("username")
            writer.name(user.name)
            writer.key("public_state")
            writer.value(user.publicStateJSON)
            writer.channelMembers(state, of: connection, options: options)
        }
        writer.endObject()
    }
}

/// Writes the answers of `POST /subscribe` and `POST /unsubscribe`.
enum SubscriptionReplyWriter {
    /// `changed` are the channels that are new, sorted.
    static func writeSubscribed(
        _ state: HubState,
        connection: ConnectionID,
        changed: [ChannelName],
        options: InfoOptions,
        into writer: inout JSONWriter
    ) {
        self.write(state, connection: connection, "subscribed_to", changed, options: options, into: &writer)
    }

    /// `changed` are the channels that were left, sorted.
    static func writeUnsubscribed(
        _ state: HubState,
        connection: ConnectionID,
        changed: [ChannelName],
        options: InfoOptions,
        into writer: inout JSONWriter
    ) {
        self.write(state, connection: connection, "unsubscribed_from", changed, options: options, into: &writer)
    }

    private static func write(
        _ state: HubState,
        connection: ConnectionID,
        _ changedKey: StaticString,
        _ changed: [ChannelName],
        options: InfoOptions,
        into writer: inout JSONWriter
    ) {
        writer.beginObject()
        if let connection = state.connection(connection) {
            writer.channelMembers(state, of: connection, options: options)
        }
        writer.key(changedKey)
        writer.names(changed)
        writer.endObject()
    }
}

extension JSONWriter {
    /// The channels of a connection now, and what they are.
    fileprivate mutating func channelMembers(_ state: HubState, of connection: ConnectionState, options: InfoOptions) {
        self.key("channels")
        self.names(connection.channels)
        self.key("channels_info")
        ChannelsInfoWriter.write(state, channels: connection.channels, options: options, into: &self)
    }
}

/// Writes the answer of `POST /user_state`.
enum UserStateReplyWriter {
    /// `changed` are the keys whose values differ from before, each once.
    static func write(_ state: HubState, user: UserName, changed: [[UInt8]], into writer: inout JSONWriter) {
        writer.beginObject()
        if let user = state.user(user) {
            writer.key("user_state")
            writer.value(user.stateJSON)
            writer.key("changed_state")
            writer.beginArray()
            for key in changed {
                guard let value = user.values[key] else { continue }
                writer.beginObject()
                writer.key("key")
                writer.string(utf8: key)
                writer.key("value")
                writer.value(value)
                writer.endObject()
            }
            writer.endArray()
            writer.key("public_keys")
            writer.beginArray()
            for key in user.publicKeys {
                writer.string(utf8: key)
            }
            writer.endArray()
        }
        writer.endObject()
    }
}
