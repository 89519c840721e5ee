import RawJSON

/// The types of events, as they are named in the log.
enum EventType: String, CaseIterable, Sendable {
    case nodeStarted = "node.started"
    case nodeStopped = "node.stopped"
    case userConnected = "user.connected"
    case connectionSubscribed = "connection.subscribed"
    case connectionUnsubscribed = "connection.unsubscribed"
    case connectionAttached = "connection.attached"
    case connectionDetached = "connection.detached"
    case connectionClosed = "connection.closed"
    case userStateChanged = "user.state_changed"
    case userForgotten = "user.forgotten"
    case channelConfigured = "channel.configured"
    case channelForgotten = "channel.forgotten"
    case messagePosted = "message.posted"
    case messageEdited = "message.edited"
    case messageDeleted = "message.deleted"
    case contentErased = "content.erased"
    case logCheckpointed = "log.checkpointed"
    case logKeyChanged = "log.key_changed"
    case logDropped = "log.dropped"

    /// The type of this name; nil if this release does not know it.
    init?(_ text: JSONString) {
        // Most of a log, without making a string of it.
        if text == "message.posted" {
            self = .messagePosted
        } else {
            self.init(rawValue: text.decoded())
        }
    }
}

extension Event.Payload {
    /// The type as the log names it.
    package var typeName: [UInt8] {
        if case .unknown(let type) = self { return type }
        return self.type.map { Array($0.rawValue.utf8) } ?? []
    }

    /// The type of this payload; nil if this release does not know it.
    var type: EventType? {
        switch self {
        case .nodeStarted: .nodeStarted
        case .nodeStopped: .nodeStopped
        case .userConnected: .userConnected
        case .connectionSubscribed: .connectionSubscribed
        case .connectionUnsubscribed: .connectionUnsubscribed
        case .connectionAttached: .connectionAttached
        case .connectionDetached: .connectionDetached
        case .connectionClosed: .connectionClosed
        case .userStateChanged: .userStateChanged
        case .userForgotten: .userForgotten
        case .channelConfigured: .channelConfigured
        case .channelForgotten: .channelForgotten
        case .messagePosted: .messagePosted
        case .messageEdited: .messageEdited
        case .messageDeleted: .messageDeleted
        case .contentErased: .contentErased
        case .logCheckpointed: .logCheckpointed
        case .logKeyChanged: .logKeyChanged
        case .logDropped: .logDropped
        case .unknown: nil
        }
    }
}
