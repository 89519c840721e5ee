package import Projections
package import RawJSON

/// Writes a channels_info: `{"channels": {name: …}, "users": [{"user": …, "state": …}]}`.
package enum ChannelsInfoWriter {
    /// Shows `channels` in this order, passing over unknown names; nil stands for all, sorted by name.
    ///
    /// The options say what is shown of each; their own `channels` are not looked at.
    package static func write(
        _ state: HubState,
        channels: [ChannelName]?,
        options: InfoOptions,
        into writer: inout JSONWriter
    ) {
        writer.beginObject()
        let excluded = Set(options.excluded)
        var users = Set<UserName>()
        writer.key("channels")
        writer.beginObject()
        for name in channels ?? state.channelNames.sorted() where !excluded.contains(name) {
            guard let channel = state.channel(name) else { continue }
            writer.key(utf8: name.utf8)
            self.write(channel, options: options, into: &writer)
            if options.includesUsers {
                users.formUnion(channel.userNames)
            }
        }
        writer.endObject()
        writer.key("users")
        writer.beginArray()
        for name in users.sorted() {
            guard let user = state.user(name) else { continue }
            writer.userAndState(name, options.publicStateOnly ? user.publicStateJSON : user.stateJSON)
        }
        writer.endArray()
        writer.endObject()
    }

    /// One channel.
    static func write(_ channel: ChannelState, options: InfoOptions, into writer: inout JSONWriter) {
        let users = options.includesUsers ? channel.userNames : []
        writer.beginObject()
        writer.key("uuid")
        writer.uuid(channel.uuid)
        writer.key("name")
        writer.name(channel.name)
        writer.key("long_name")
        writer.null()
        writer.key("settings")
        self.write(channel.settings, into: &writer)
        writer.key("history")
        writer.beginArray()
        if options.includesHistory {
            for message in channel.history {
                self.write(message, into: &writer)
            }
        }
        writer.endArray()
        writer.key("last_active")
        writer.timestamp(channel.lastActive)
        writer.key("total_connections")
        writer.integer(channel.connectionCount)
        writer.key("total_users")
        writer.integer(users.count)
        writer.key("users")
        writer.names(users)
        writer.endObject()
    }

    private static func write(_ settings: ChannelSettings, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("notify_presence")
        writer.bool(settings.notifyPresence)
        writer.key("store_history")
        writer.bool(settings.storesHistory)
        writer.key("history_size")
        writer.integer(settings.historySize)
        writer.key("broadcast_presence_with_user_lists")
        writer.bool(settings.broadcastsUserLists)
        writer.key("notify_state")
        writer.bool(settings.notifyState)
        writer.key("store_frames")
        writer.bool(settings.storesFrames)
        writer.endObject()
    }

    /// A history entry: the message as accepted, or as last edited, and as a frame.
    package static func write(_ message: Message, showsContent: Bool = true, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.messageHead(message)
        if showsContent { writer.contentMembers(message.content, editedBy: message.editedContent) }
        writer.deliveryMembers(message.addressing, keepsOutOfHistory: message.keepsOutOfHistory)
        writer.messageTail(message, catchUp: false)
        writer.endObject()
    }
}
