import Projections
import RawJSON

/// Writes `/admin/admin.json`: counts, and everything about channels and users.
enum AdminInfoWriter {
    static func write(_ state: HubState, uptime: Duration, version: String, into writer: inout JSONWriter) {
        let present = state.users.filter { !$0.connections.isEmpty }.sorted { $0.name < $1.name }
        writer.beginObject()
        writer.member("version", version)
        writer.member("uptime", UptimeText.text(uptime))
        writer.member("remembered_user_count", state.users.count)
        writer.member("unique_user_count", present.count)
        writer.member("total_connections", present.reduce(0) { $0 + $1.connections.count })
        writer.member("total_channels", state.channelNames.count)
        writer.member("total_messages", state.statistics.totalMessages)
        writer.member("total_unique_messages", state.statistics.totalUniqueMessages)
        writer.key("channels")
        writer.beginObject()
        for name in state.channelNames.sorted() {
            guard let channel = state.channel(name) else { continue }
            writer.key(utf8: name.utf8)
            ChannelsInfoWriter.write(channel, options: InfoOptions(), into: &writer)
        }
        writer.endObject()
        writer.key("users")
        writer.beginArray()
        for user in present {
            self.write(user, into: &writer)
        }
        writer.endArray()
        writer.endObject()
    }

    private static func write(_ user: UserState, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("state", user.publicStateJSON)
        writer.key("user")
        writer.name(user.name)
        writer.key("uuid")
        writer.uuid(user.uuid)
        writer.key("connections")
        writer.beginArray()
        for connection in user.connections {
            writer.uuid(connection)
        }
        writer.endArray()
        writer.endObject()
    }
}

/// A duration as Python writes a `timedelta` without its fraction: `3:04:05`, `1 day, 0:00:00`, `12 days, 3:04:05`.
enum UptimeText {
    static func text(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        let days = seconds / 86_400
        let clock = "\(seconds / 3600 % 24):\(self.twoDigits(seconds / 60 % 60)):\(self.twoDigits(seconds % 60))"
        return days == 0 ? clock : "\(days) day\(days == 1 ? "" : "s"), \(clock)"
    }

    private static func twoDigits(_ number: Int64) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
