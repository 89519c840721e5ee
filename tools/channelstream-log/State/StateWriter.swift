import LogValues
import Projections
import RawJSON

/// Writes a state, or a part of it, as JSON; names in order, so that equal states give equal text.
struct StateWriter {
    private let state: HubState

    /// The whole state in one line, with its digest and the time of its last event.
    static func whole(_ state: HubState, time: Timestamp?, digest: Hash256) -> [UInt8] {
        let text = StateWriter(state: state)
        return JSONWriter.line { writer in
            text.head(time, &writer)
            writer.member("digest", "\(digest)")
            writer.object("statistics") { writer in
                writer.member("total_messages", state.statistics.totalMessages)
                writer.member("total_unique_messages", state.statistics.totalUniqueMessages)
            }
            writer.array("channels", state.channelNames.sorted(), text.channel)
            writer.array("users", state.users.map(\.name).sorted(), text.user)
        }
    }

    /// Some channels and users in one line; null for those that were not there.
    static func part(_ state: HubState, time: Timestamp?, channels: [ChannelName], users: [UserName]) -> [UInt8] {
        let text = StateWriter(state: state)
        return JSONWriter.line { writer in
            text.head(time, &writer)
            if !channels.isEmpty { writer.array("channels", channels, text.channel) }
            if !users.isEmpty { writer.array("users", users, text.user) }
        }
    }

    private func head(_ time: Timestamp?, _ writer: inout JSONWriter) {
        writer.member("position", self.state.position.rawValue)
        writer.member("time", time.map { "\($0)" })
    }

    // MARK: Channels

    private func channel(_ writer: inout JSONWriter, _ name: ChannelName) {
        guard let channel = self.state.channel(name) else { return writer.null() }
        writer.object { writer in
            writer.member("name", utf8: channel.name.utf8)
            writer.member("uuid", "\(channel.uuid)")
            writer.member("last_active", "\(channel.lastActive)")
            writer.object("settings") { self.settings(channel.settings, &$0) }
            writer.member("connections", channel.connectionCount)
            writer.array("users", channel.userNames) { $0.string(utf8: $1.utf8) }
            writer.array("history", channel.history, self.message)
        }
    }

    private func settings(_ settings: ChannelSettings, _ writer: inout JSONWriter) {
        writer.member("notify_presence", settings.notifyPresence)
        writer.member("broadcast_presence_with_user_lists", settings.broadcastsUserLists)
        writer.member("notify_state", settings.notifyState)
        writer.member("store_history", settings.storesHistory)
        writer.member("history_size", settings.historySize)
        writer.member("store_frames", settings.storesFrames)
    }

    private func message(_ writer: inout JSONWriter, _ message: Message) {
        writer.object { writer in
            writer.member("uuid", "\(message.uuid)")
            writer.member("user", utf8: message.user.utf8)
            writer.member("timestamp", utf8: message.timestamp)
            writer.member("edited", utf8: message.edited)
            writer.key("content")
            self.content(message.content, &writer)
            guard let edited = message.editedContent else { return }
            writer.key("edited_content")
            self.content(edited, &writer)
        }
    }

    /// Null where there is none; what was erased says so.
    private func content(_ content: Content?, _ writer: inout JSONWriter) {
        guard let content else { return writer.null() }
        if let plain = content.plain {
            writer.value(plain.json)
        } else {
            writer.object { $0.member("erased", "\(content.commit)") }
        }
    }

    // MARK: Users

    private func user(_ writer: inout JSONWriter, _ name: UserName) {
        guard let user = self.state.user(name) else { return writer.null() }
        writer.object { writer in
            writer.member("name", utf8: user.name.utf8)
            writer.member("uuid", "\(user.uuid)")
            writer.member("last_active", "\(user.lastActive)")
            writer.member("state", user.stateJSON)
            writer.member("public_state", user.publicStateJSON)
            writer.array("connections", user.connections.compactMap { self.state.connection($0) }, self.connection)
        }
    }

    private func connection(_ writer: inout JSONWriter, _ connection: ConnectionState) {
        writer.object { writer in
            writer.member("conn_id", "\(connection.id)")
            writer.array("channels", connection.channels) { $0.string(utf8: $1.utf8) }
            writer.member("transport", connection.transport?.rawValue)
            writer.member("position", connection.position.rawValue)
            writer.member("last_active", "\(connection.lastActive)")
        }
    }
}
