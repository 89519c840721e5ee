package import RawJSON

/// One element of the lists that clients receive, without saying how it is written (`Server` does).
package struct Frame: Sendable, Equatable {
    /// The event that it comes from.
    package let position: Position
    package let kind: Kind

    package init(position: Position, kind: Kind) {
        self.position = position
        self.kind = kind
    }

    package enum Kind: Sendable, Equatable {
        case message(Message)
        case edit(MessageEdited, time: Timestamp)
        case deletion(MessageDeleted)
        case presence(Presence)
        case stateChange(StateChange)
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
}

/// `joined` or `parted`.
package struct Presence: Sendable, Equatable {
    package enum Action: String, Sendable { case joined, parted }
    package let uuid: UUID128
    package let time: Timestamp
    package let user: UserName
    package let channel: ChannelName
    package let action: Action
    /// The public state, when joined.
    package let state: RawJSON?
    /// All present users with their public states, where the channel broadcasts lists.
    package let users: [PresentUser]
}

package struct PresentUser: Sendable, Equatable {
    package let user: UserName
    package let state: RawJSON
}

/// `user_state_change`.
package struct StateChange: Sendable, Equatable {
    package let uuid: UUID128
    package let time: Timestamp
    package let user: UserName
    package let channel: ChannelName
    /// Public state, an object.
    package let state: RawJSON
    /// Public changed pairs: an array of `{"key":…,"value":…}`.
    package let changed: RawJSON
}
