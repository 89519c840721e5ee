/// The result of an event, for the one who proposed it.
package enum Outcome: Sendable, Equatable {
    case applied
    /// `user.connected`, `connection.subscribed`, `connection.unsubscribed`: the channels that changed, sorted.
    case channelsChanged([ChannelName])
    /// `user.state_changed`: keys whose values differ from before, in the order given.
    case stateChanged(keys: [[UInt8]])
    /// `message.edited`, `message.deleted`: whether a stored message was found.
    case messageFound(Bool)
    /// The event makes no sense in this state and changed nothing.
    case rejected(Rejection)

    package enum Rejection: Sendable, Equatable {
        case unknownConnection
        case unknownUser
        case unknownChannel
        case userHasConnections
        /// `user.connected` with the id of another user's connection.
        case connectionOfAnotherUser
        /// `connection.detached` where nobody listens, or by a node that is not the one that holds the listener.
        case notAttached
        case unknownType
    }
}
