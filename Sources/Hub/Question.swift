package import LogValues
package import Projections

/// A question about the hub's state, which stays as it is.
package enum Question: Sendable {
    /// The channels and users; without options all of them, with everything.
    case info(InfoOptions?)
    case adminInfo
    /// Only whether it is known: an empty reply, or what a command that needs it would be told.
    case find(Subject)
    /// The next part of what a listener missed before it took up its connection.
    case missedPart(MissedRequest)

    /// A name or id that a command may need to be known.
    package enum Subject: Sendable, Equatable {
        case connection(ConnectionID)
        case user(UserName)
    }

    /// A part of what a listener missed, told by what the state keeps.
    package struct MissedRequest: Sendable, Equatable {
        package var user: UserName
        /// The channels of its connection when it took it up.
        package var channels: [ChannelName]
        /// The last event that it was told of.
        package var after: SequenceNumber
        /// The last event that it has to be told of.
        package var through: SequenceNumber
        /// In bytes as the client gets them.
        package var size: Int
        /// Whether frames may be left out that are no longer kept by now; refused if not.
        package var allowsGaps: Bool

        package init(
            user: UserName,
            channels: [ChannelName],
            after: SequenceNumber,
            through: SequenceNumber,
            size: Int,
            allowsGaps: Bool
        ) {
            self.user = user
            self.channels = channels
            self.after = after
            self.through = through
            self.size = size
            self.allowsGaps = allowsGaps
        }
    }
}

/// The contents of a channels_info.
package struct InfoOptions: Sendable, Equatable {
    /// Nil: all.
    package var channels: [ChannelName]?
    package var excluded: [ChannelName] = []
    package var includesHistory = true
    package var includesUsers = true
    package var publicStateOnly = false

    package init() {}
}
