import LogValues
import RawJSON

/// The values of this target as JSON.
extension JSONWriter {
    mutating func timestamp(_ time: Timestamp) {
        self.string(plainSize: Timestamp.logFormSize) { time.appendLogForm(to: &$0) }
    }

    mutating func strings(_ texts: [[UInt8]]) {
        self.beginArray()
        for text in texts {
            self.string(utf8: text)
        }
        self.endArray()
    }

    mutating func positions(_ positions: [SequenceNumber]) {
        self.beginArray()
        for position in positions {
            self.integer(position.rawValue)
        }
        self.endArray()
    }

    /// An object of what differs from the defaults.
    mutating func settings(_ settings: ChannelSettings) {
        let defaults = ChannelSettings()
        self.beginObject()
        self.flag("notify_presence", settings.notifyPresence, default: defaults.notifyPresence)
        self.flag(
            "broadcast_presence_with_user_lists",
            settings.broadcastsUserLists,
            default: defaults.broadcastsUserLists
        )
        self.flag("notify_state", settings.notifyState, default: defaults.notifyState)
        self.flag("store_history", settings.storesHistory, default: defaults.storesHistory)
        if settings.historySize != defaults.historySize {
            self.key("history_size")
            self.integer(settings.historySize)
        }
        self.flag("store_frames", settings.storesFrames, default: defaults.storesFrames)
        self.endObject()
    }

    /// A member, left out where it has its default.
    mutating func flag(_ key: StaticString, _ value: Bool, default usual: Bool = false) {
        guard value != usual else { return }
        self.key(key)
        self.bool(value)
    }

    /// The members `salt` and `content`, or the `commit` that an erasure left; nothing without a content.
    mutating func content(_ content: Content?) {
        guard let content else { return }
        if let plain = content.plain {
            self.key("salt")
            self.salt(plain.salt)
            self.key("content")
            self.value(plain.json)
        } else {
            self.key("commit")
            self.hash(content.commit)
        }
    }
}
