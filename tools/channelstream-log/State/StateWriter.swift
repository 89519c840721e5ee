import LogValues
import Projections
import RawJSON

/// Writes a state, or a part of it, as JSON; names in order, so that equal states give equal text.
struct StateWriter {
    private let state: HubState
    private var writer = JSONWriter()

    init(_ state: HubState) {
        self.state = state
    }

    /// The whole state in one line, with its digest and the time of its last event.
    static func whole(_ state: HubState, time: Timestamp?, digest: Hash256) -> [UInt8] {
        var text = StateWriter(state)
        text.writer.beginObject()
        text.head(time)
        text.writer.key("digest")
        text.writer.string("\(digest)")
        text.writer.key("statistics")
        text.statistics()
        text.writer.key("channels")
        text.writer.beginArray()
        for name in state.channelNames.sorted() { text.channel(name) }
        text.writer.endArray()
        text.writer.key("users")
        text.writer.beginArray()
        for name in state.users.map(\.name).sorted() { text.user(name) }
        text.writer.endArray()
        text.writer.endObject()
        return text.line
    }

    /// Some channels and users in one line; null for those that were not there.
    static func part(_ state: HubState, time: Timestamp?, channels: [ChannelName], users: [UserName]) -> [UInt8] {
        var text = StateWriter(state)
        text.writer.beginObject()
        text.head(time)
        if !channels.isEmpty {
            text.writer.key("channels")
            text.writer.beginArray()
            for name in channels { text.channel(name) }
            text.writer.endArray()
        }
        if !users.isEmpty {
            text.writer.key("users")
            text.writer.beginArray()
            for name in users { text.user(name) }
            text.writer.endArray()
        }
        text.writer.endObject()
        return text.line
    }

    private var line: [UInt8] { self.writer.bytes + [UInt8(ascii: "\n")] }

    private mutating func head(_ time: Timestamp?) {
        self.writer.key("position")
        self.writer.integer(self.state.position.rawValue)
        self.writer.key("time")
        if let time { self.writer.string("\(time)") } else { self.writer.null() }
    }

    private mutating func statistics() {
        self.writer.beginObject()
        self.writer.key("total_messages")
        self.writer.integer(self.state.statistics.totalMessages)
        self.writer.key("total_unique_messages")
        self.writer.integer(self.state.statistics.totalUniqueMessages)
        self.writer.endObject()
    }

    // MARK: Channels

    private mutating func channel(_ name: ChannelName) {
        guard let channel = self.state.channel(name) else {
            self.writer.null()
            return
        }
        self.writer.beginObject()
        self.writer.key("name")
        self.writer.string(utf8: channel.name.utf8)
        self.writer.key("uuid")
        self.writer.string("\(channel.uuid)")
        self.writer.key("last_active")
        self.writer.string("\(channel.lastActive)")
        self.writer.key("settings")
        self.settings(channel.settings)
        self.writer.key("connections")
        self.writer.integer(channel.connectionCount)
        self.writer.key("users")
        self.writer.beginArray()
        for user in channel.userNames { self.writer.string(utf8: user.utf8) }
        self.writer.endArray()
        self.writer.key("history")
        self.writer.beginArray()
        for message in channel.history { self.message(message) }
        self.writer.endArray()
        self.writer.endObject()
    }

    private mutating func settings(_ settings: ChannelSettings) {
        self.writer.beginObject()
        self.writer.key("notify_presence")
        self.writer.bool(settings.notifyPresence)
        self.writer.key("broadcast_presence_with_user_lists")
        self.writer.bool(settings.broadcastsUserLists)
        self.writer.key("notify_state")
        self.writer.bool(settings.notifyState)
        self.writer.key("store_history")
        self.writer.bool(settings.storesHistory)
        self.writer.key("history_size")
        self.writer.integer(settings.historySize)
        self.writer.key("store_frames")
        self.writer.bool(settings.storesFrames)
        self.writer.endObject()
    }

    private mutating func message(_ message: Message) {
        self.writer.beginObject()
        self.writer.key("uuid")
        self.writer.string("\(message.uuid)")
        self.writer.key("user")
        self.writer.string(utf8: message.user.utf8)
        self.writer.key("timestamp")
        self.writer.string(utf8: message.timestamp)
        self.writer.key("edited")
        if let edited = message.edited { self.writer.string(utf8: edited) } else { self.writer.null() }
        self.writer.key("content")
        self.content(message.content)
        if let edited = message.editedContent {
            self.writer.key("edited_content")
            self.content(edited)
        }
        self.writer.endObject()
    }

    /// Null where there is none; what was erased says so.
    private mutating func content(_ content: Content?) {
        guard let content else {
            self.writer.null()
            return
        }
        if let plain = content.plain {
            self.writer.value(plain.json)
        } else {
            self.writer.beginObject()
            self.writer.key("erased")
            self.writer.string("\(content.commit)")
            self.writer.endObject()
        }
    }

    // MARK: Users

    private mutating func user(_ name: UserName) {
        guard let user = self.state.user(name) else {
            self.writer.null()
            return
        }
        self.writer.beginObject()
        self.writer.key("name")
        self.writer.string(utf8: user.name.utf8)
        self.writer.key("uuid")
        self.writer.string("\(user.uuid)")
        self.writer.key("last_active")
        self.writer.string("\(user.lastActive)")
        self.writer.key("state")
        self.writer.value(user.stateJSON)
        self.writer.key("public_state")
        self.writer.value(user.publicStateJSON)
        self.writer.key("connections")
        self.writer.beginArray()
        for id in user.connections {
            if let connection = self.state.connection(id) { self.connection(connection) }
        }
        self.writer.endArray()
        self.writer.endObject()
    }

    private mutating func connection(_ connection: ConnectionState) {
        self.writer.beginObject()
        self.writer.key("conn_id")
        self.writer.string("\(connection.id)")
        self.writer.key("channels")
        self.writer.beginArray()
        for channel in connection.channels { self.writer.string(utf8: channel.utf8) }
        self.writer.endArray()
        self.writer.key("transport")
        if let transport = connection.transport { self.writer.string(transport.rawValue) } else { self.writer.null() }
        self.writer.key("position")
        self.writer.integer(connection.position.rawValue)
        self.writer.key("last_active")
        self.writer.string("\(connection.lastActive)")
        self.writer.endObject()
    }
}
