package import LogValues

/// The id of one connection of a user, which is the client's bearer secret.
package typealias ConnectionID = UUID128

/// One connection of a user: what it is subscribed to, and how far its client has seen.
package struct ConnectionState: Sendable {
    package let id: ConnectionID
    package let user: UserName
    /// Sorted.
    package internal(set) var channels: [ChannelName] = []
    /// Frames after it are catch-up: the event that opened the connection, that attached its current listener, or what
    /// the last listener was handed before it detached.
    ///
    /// A listener lost in a crash leaves the position of its attachment behind, so what it got is sent again: nothing
    /// is lost, and messages carry their uuid.
    package internal(set) var position: SequenceNumber
    /// How its client listens; nil when it does not.
    package internal(set) var transport: Transport?
    /// The node that holds the listener; nil with `transport`.
    package internal(set) var node: NodeName?
    /// The last event that was about the connection itself; signs of life are no events.
    package internal(set) var lastActive: Timestamp

    package var isAttached: Bool { self.transport != nil }
}
