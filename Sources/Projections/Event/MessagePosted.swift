package import LogValues

/// `message.posted` (one item of `POST /message`).
///
/// Its values stand on the heap, once: the event, history, frames and the change feed share them at a retain each. A hub
/// keeps a hundred messages of a channel and drops one for each that comes, and an object that is dropped is in no cache
/// any more: freeing three objects a message took a quarter of a replay.
package struct MessagePosted: Sendable {
    private final class Values: Sendable {
        let uuid: UUID128
        let user: UserName
        let addressing: Addressing
        let keepsOutOfHistory: Bool
        let timestamp: [UInt8]?
        let content: Content?

        init(
            uuid: UUID128,
            user: UserName,
            addressing: Addressing,
            keepsOutOfHistory: Bool,
            timestamp: [UInt8]?,
            content: Content?
        ) {
            self.uuid = uuid
            self.user = user
            self.addressing = addressing
            self.keepsOutOfHistory = keepsOutOfHistory
            self.timestamp = timestamp
            self.content = content
        }
    }

    private let values: Values

    package var uuid: UUID128 { self.values.uuid }
    package var user: UserName { self.values.user }
    package var addressing: Addressing { self.values.addressing }
    package var keepsOutOfHistory: Bool { self.values.keepsOutOfHistory }
    /// The time that the client gave, in the form it is answered in; nil when the event's time counts.
    package var timestamp: [UInt8]? { self.values.timestamp }
    /// Object with `message` (if given) and the extra keys; nil when there are none.
    package var content: Content? { self.values.content }

    package init(
        uuid: UUID128,
        user: UserName,
        addressing: Addressing,
        keepsOutOfHistory: Bool,
        timestamp: [UInt8]?,
        content: Content?
    ) {
        self.values = Values(
            uuid: uuid,
            user: user,
            addressing: addressing,
            keepsOutOfHistory: keepsOutOfHistory,
            timestamp: timestamp,
            content: content
        )
    }

    /// The same message with another content.
    func replacing(content: Content?) -> MessagePosted {
        MessagePosted(
            uuid: self.uuid,
            user: self.user,
            addressing: self.addressing,
            keepsOutOfHistory: self.keepsOutOfHistory,
            timestamp: self.timestamp,
            content: content
        )
    }
}

extension MessagePosted: Hashable {
    package static func == (left: MessagePosted, right: MessagePosted) -> Bool {
        left.values === right.values
            || left.uuid == right.uuid && left.user == right.user && left.addressing == right.addressing
                && left.keepsOutOfHistory == right.keepsOutOfHistory && left.timestamp == right.timestamp
                && left.content == right.content
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.uuid)
        hasher.combine(self.content)
    }
}

extension MessagePosted: CustomReflectable {
    /// The mirror shows what it says, not where it stands.
    package var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "uuid": self.uuid, "user": self.user, "addressing": self.addressing,
                "keepsOutOfHistory": self.keepsOutOfHistory, "timestamp": self.timestamp as Any,
                "content": self.content as Any,
            ],
            displayStyle: .struct
        )
    }
}
