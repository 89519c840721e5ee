package import LogValues
package import Projections

/// Where a socket catches up from that fell behind further than its shard remembers.
package protocol CatchUpSource: Sendable {
    /// Tells a part of what a connection missed, under the rules of delivery.
    ///
    /// The reply is called once, from any thread, with nil when it cannot be told without a gap.
    func read(_ request: CatchUpRequest, reply: @escaping @Sendable (CatchUp?) -> Void)
}

/// A connection and what it missed, as a source has to know it.
package struct CatchUpRequest: Sendable {
    package let connection: ConnectionID
    package let user: UserName
    /// The channels that it was in after the event `after`.
    package let channels: [ChannelName]
    /// The last event that it has everything of.
    package let after: SequenceNumber
    /// The last event of interest: what follows is remembered by the shard.
    package let through: SequenceNumber
    /// About how much of it to tell, in bytes as the client gets them.
    package let size: Int

    package init(
        connection: ConnectionID,
        user: UserName,
        channels: [ChannelName],
        after: SequenceNumber,
        through: SequenceNumber,
        size: Int
    ) {
        self.connection = connection
        self.user = user
        self.channels = channels
        self.after = after
        self.through = through
        self.size = size
    }
}

/// A part of what a connection missed.
package struct CatchUp: Sendable, Equatable {
    package enum Item: Sendable, Equatable {
        /// A frame of a type that the log tells of by itself (see ``Frame/isInLog``).
        case frame(Frame)
        /// From this event on it was in these channels, too.
        case entered([ChannelName], at: SequenceNumber)
        case left([ChannelName], at: SequenceNumber)
    }

    /// In the order of the log.
    package let items: [Item]
    /// Up to this event nothing is missing; at most the request's `through`.
    package let through: SequenceNumber

    package init(items: [Item], through: SequenceNumber) {
        self.items = items
        self.through = through
    }

    /// Returns what may still be told when the contents of these lines are erased.
    func withoutContent(of lines: Set<SequenceNumber>) -> CatchUp {
        let items = self.items.compactMap { item in
            guard case .frame(let frame) = item else { return item }
            return frame.withoutContent(of: lines).map { .frame($0) }
        }
        return CatchUp(items: items, through: self.through)
    }
}

extension Frame {
    /// Whether the frame's event says all that the frame shows.
    ///
    /// Presence and changes of state show what the hub knew at that moment, which no line tells alone.
    var isInLog: Bool {
        switch self.kind {
        case .message, .edit, .deletion: true
        case .presence, .stateChange: false
        }
    }
}
