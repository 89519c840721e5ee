package import LogValues
package import RawJSON

/// One element of the lists that clients receive, without saying how it is written (`Server` does).
///
/// Its text stands on the heap: history, stored frames and the change feed share one copy, at a retain each.
package struct Frame: Sendable, Equatable {
    /// The event that it comes from.
    package let position: SequenceNumber
    package let kind: Kind

    package init(position: SequenceNumber, kind: Kind) {
        self.position = position
        self.kind = kind
    }

    package enum Kind: Sendable, Equatable {
        /// In place, because what it says is on the heap already.
        case message(Message)
        indirect case edit(MessageEdited, time: Timestamp)
        indirect case deletion(MessageDeleted)
        indirect case presence(Presence)
        indirect case stateChange(StateChange)
    }

    /// Whether this user, being in the frame's channel (if there is one), gets to see it.
    package func isVisible(to user: UserName) -> Bool {
        switch self.kind {
        case .message(let message): message.addressing.reaches(user)
        case .edit(let edit, _): edit.addressing.reaches(user)
        case .deletion(let deletion): deletion.addressing.reaches(user)
        case .presence(let presence): presence.user != user
        case .stateChange: true
        }
    }
}

extension Frame {
    /// Whether it is shown outside of channels.
    package var isPrivate: Bool { self.channel == nil }

    /// The channel that it is shown in; nil for a private one.
    package var channel: ChannelName? {
        switch self.kind {
        case .message(let message): message.addressing.channel
        case .edit(let edit, _): edit.addressing.channel
        case .deletion(let deletion): deletion.addressing.channel
        case .presence(let presence): presence.channel
        case .stateChange(let change): change.channel
        }
    }

    /// About how many bytes a client gets of it.
    package var approximateSize: Int {
        let overhead = 256
        switch self.kind {
        case .message(let message): return overhead + message.content.size + message.editedContent.size
        case .edit(let edit, _): return overhead + edit.content.size
        case .deletion: return overhead
        case .presence(let presence):
            let users = presence.users.reduce(0) { $0 + 32 + $1.user.utf8.count + $1.state.bytes.count }
            return overhead + (presence.state?.bytes.count ?? 0) + users
        case .stateChange(let change): return overhead + change.state.bytes.count + change.changed.bytes.count
        }
    }
}

extension Content? {
    /// The size of what can be read of it, in bytes.
    fileprivate var size: Int { self?.plain?.json.bytes.count ?? 0 }
}

/// `joined` or `parted`.
package struct Presence: Sendable, Equatable {
    package enum Action: String, Sendable {
        case joined
        case parted
    }

    package let uuid: UUID128
    package let time: Timestamp
    package let user: UserName
    package let channel: ChannelName
    package let action: Action
    /// The public state, when joined.
    package let state: RawJSON?
    /// The event that set it, for each value in `state`, in order.
    package let stateOrigins: [SequenceNumber]
    /// All present users with their public states, where the channel broadcasts lists.
    package let users: [PresentUser]

    package init(
        uuid: UUID128,
        time: Timestamp,
        user: UserName,
        channel: ChannelName,
        action: Action,
        state: RawJSON?,
        stateOrigins: [SequenceNumber] = [],
        users: [PresentUser] = []
    ) {
        self.uuid = uuid
        self.time = time
        self.user = user
        self.channel = channel
        self.action = action
        self.state = state
        self.stateOrigins = stateOrigins
        self.users = users
    }
}

package struct PresentUser: Sendable, Equatable {
    package let user: UserName
    package let state: RawJSON
    /// The event that set it, for each value in `state`, in order.
    package let stateOrigins: [SequenceNumber]

    package init(user: UserName, state: RawJSON, stateOrigins: [SequenceNumber] = []) {
        self.user = user
        self.state = state
        self.stateOrigins = stateOrigins
    }
}

/// `user_state_change`.
package struct StateChange: Sendable, Equatable {
    package let uuid: UUID128
    package let time: Timestamp
    package let user: UserName
    package let channel: ChannelName
    /// Public state, an object.
    package let state: RawJSON
    /// The event that set it, for each value in `state`, in order.
    package let stateOrigins: [SequenceNumber]
    /// Public changed pairs: an array of `{"key":…,"value":…}`, all set by the frame's event.
    package let changed: RawJSON

    package init(
        uuid: UUID128,
        time: Timestamp,
        user: UserName,
        channel: ChannelName,
        state: RawJSON,
        stateOrigins: [SequenceNumber] = [],
        changed: RawJSON
    ) {
        self.uuid = uuid
        self.time = time
        self.user = user
        self.channel = channel
        self.state = state
        self.stateOrigins = stateOrigins
        self.changed = changed
    }
}
