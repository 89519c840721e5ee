package import LogValues

/// A change that an event made for those who listen, in the order in which they must see it.
package enum Change: Sendable, Equatable {
    /// Show a frame to an audience. Membership is that of this place in the feed.
    case frame(Frame, Addressing)
    /// A listener took up a connection: what it has missed goes out first, of which this is the first part, then whatever
    /// follows in the feed.
    case attached(ConnectionID, user: UserName, channels: [ChannelName], missed: MissedPart)
    /// The listener is gone; the connection stays.
    case detached(ConnectionID)
    case subscribed(ConnectionID, user: UserName, channels: [ChannelName])
    case unsubscribed(ConnectionID, channels: [ChannelName])
    /// The connection is unknown from here on; its socket is to be closed.
    case closed(ConnectionID)
    /// The contents of these events must not be handed out any more, nor kept to be.
    case erased([SequenceNumber])
}
