package import RawJSON

/// One element of the lists that clients receive, without saying how it is written (`Server` does).
///
/// Its kind lives on the heap: history, stored frames and the change feed share one copy, at a retain each.
package struct Frame: Sendable, Equatable {
    /// The event that it comes from.
    package let position: Position
    package let kind: Kind

    package init(position: Position, kind: Kind) {
        self.position = position
        self.kind = kind
    }

    package indirect enum Kind: Sendable, Equatable {
        case message(Message)
        case edit(MessageEdited, time: Timestamp)
        case deletion(MessageDeleted)
        case presence(Presence)
        case stateChange(StateChange)
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

/// A message as it stands now: as posted, or as last edited.
package struct Message: Sendable, Equatable {
    package let uuid: UUID128
    package var user: UserName
    package let addressing: Addressing
    package let keepsOutOfHistory: Bool
    /// ISO 8601 as answered: the client's own, or the event's time without offset.
    package var timestamp: [UInt8]
    /// The same form; nil until it is edited.
    package var edited: [UInt8]?
    /// As posted: `message` and extra keys.
    package var content: Content?
    /// The content of the last edit that gave a `message`, which replaces the posted `message` (not the extra keys).
    package var editedContent: Content?
    /// The event of that edit: what an erasure of it takes away.
    package var editedPosition: Position?

    package init(
        uuid: UUID128,
        user: UserName,
        addressing: Addressing,
        keepsOutOfHistory: Bool,
        timestamp: [UInt8],
        edited: [UInt8]? = nil,
        content: Content?,
        editedContent: Content? = nil,
        editedPosition: Position? = nil
    ) {
        self.uuid = uuid
        self.user = user
        self.addressing = addressing
        self.keepsOutOfHistory = keepsOutOfHistory
        self.timestamp = timestamp
        self.edited = edited
        self.content = content
        self.editedContent = editedContent
        self.editedPosition = editedPosition
    }

    /// As posted at this time.
    package init(_ posted: MessagePosted, time: Timestamp) {
        self.init(
            uuid: posted.uuid,
            user: posted.user,
            addressing: posted.addressing,
            keepsOutOfHistory: posted.keepsOutOfHistory,
            timestamp: posted.timestamp ?? time.clientForm,
            content: posted.content
        )
    }

    /// Takes over what an edit gives; extra keys of an edit are delivered, not kept.
    mutating func apply(_ edit: MessageEdited, at position: Position, time: Timestamp) {
        if let user = edit.user {
            self.user = user
        }
        if let timestamp = edit.timestamp {
            self.timestamp = timestamp
        }
        self.edited = edit.edited ?? time.clientForm
        if !edit.keepsMessage {
            self.editedContent = edit.content
            self.editedPosition = position
        }
    }
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
    /// For each value in `state`, in order, the event that set it.
    package let stateOrigins: [Position]
    /// All present users with their public states, where the channel broadcasts lists.
    package let users: [PresentUser]

    package init(
        uuid: UUID128,
        time: Timestamp,
        user: UserName,
        channel: ChannelName,
        action: Action,
        state: RawJSON?,
        stateOrigins: [Position] = [],
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
    /// For each value in `state`, in order, the event that set it.
    package let stateOrigins: [Position]

    package init(user: UserName, state: RawJSON, stateOrigins: [Position] = []) {
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
    /// For each value in `state`, in order, the event that set it.
    package let stateOrigins: [Position]
    /// Public changed pairs: an array of `{"key":…,"value":…}`, all set by the frame's event.
    package let changed: RawJSON

    package init(
        uuid: UUID128,
        time: Timestamp,
        user: UserName,
        channel: ChannelName,
        state: RawJSON,
        stateOrigins: [Position] = [],
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
