package import LogValues

/// One thing that happened, as the log keeps it: the only way in which state changes.
///
/// All chance and all times stand in the event, so that applying it needs neither (`docs/log-format.md`, "Events").
package struct Event: Hashable, Sendable {
    package let time: Timestamp
    /// The node that proposed it.
    package let source: NodeName
    package let payload: Payload

    package init(time: Timestamp, source: NodeName, payload: Payload) {
        self.time = time
        self.source = source
        self.payload = payload
    }

    /// The large ones stand on the heap: a payload is copied several times on its way, and the size of the largest is
    /// that of all.
    package enum Payload: Hashable, Sendable {
        indirect case nodeStarted(NodeStarted)
        case nodeStopped(NodeStopped)
        indirect case userConnected(UserConnected)
        indirect case connectionSubscribed(ConnectionSubscribed)
        indirect case connectionUnsubscribed(ConnectionUnsubscribed)
        case connectionAttached(ConnectionAttached)
        case connectionDetached(ConnectionDetached)
        indirect case connectionClosed(ConnectionClosed)
        indirect case userStateChanged(UserStateChanged)
        case userForgotten(UserForgotten)
        indirect case channelConfigured(ChannelConfigured)
        case channelForgotten(ChannelForgotten)
        case messagePosted(MessagePosted)
        indirect case messageEdited(MessageEdited)
        indirect case messageDeleted(MessageDeleted)
        indirect case contentErased(ContentErased)
        indirect case logCheckpointed(LogCheckpointed)
        indirect case logKeyChanged(LogKeyChanged)
        indirect case logDropped(LogDropped)
        /// A type of a later release: kept in the log, counted, without effect on state.
        case unknown(type: [UInt8])
    }

    /// The text in it that people wrote; nil if it has none.
    package var content: Content? {
        switch self.payload {
        case .userConnected(let connected): connected.content
        case .userStateChanged(let changed): changed.content
        case .messagePosted(let message): message.content
        case .messageEdited(let edit): edit.content
        case .nodeStarted, .nodeStopped, .connectionSubscribed, .connectionUnsubscribed, .connectionAttached,
            .connectionDetached, .connectionClosed, .userForgotten, .channelConfigured, .channelForgotten,
            .messageDeleted, .contentErased, .logCheckpointed, .logKeyChanged, .logDropped, .unknown:
            nil
        }
    }
}

/// What an event says about messages.
package enum MessageEvent: Sendable {
    case posted(MessagePosted)
    case edited(MessageEdited)
    case deleted(MessageDeleted)
    case erased(ContentErased)

    /// The message that is posted, edited or deleted; an erasure names lines, which may be of several.
    package var message: (uuid: UUID128, addressing: Addressing)? {
        switch self {
        case .posted(let message): (message.uuid, message.addressing)
        case .edited(let edit): (edit.uuid, edit.addressing)
        case .deleted(let deletion): (deletion.uuid, deletion.addressing)
        case .erased: nil
        }
    }
}

extension Event.Payload {
    /// The messages that the event is about; nil if it is about something else.
    package var aboutMessages: MessageEvent? {
        switch self {
        case .messagePosted(let message): .posted(message)
        case .messageEdited(let edit): .edited(edit)
        case .messageDeleted(let deletion): .deleted(deletion)
        case .contentErased(let erased): .erased(erased)
        case .nodeStarted, .nodeStopped, .userConnected, .connectionSubscribed, .connectionUnsubscribed,
            .connectionAttached, .connectionDetached, .connectionClosed, .userStateChanged, .userForgotten,
            .channelConfigured, .channelForgotten, .logCheckpointed, .logKeyChanged, .logDropped, .unknown:
            nil
        }
    }
}

/// `node.started`: opens an epoch of a node.
///
/// Every connection that the node held before is detached.
package struct NodeStarted: Hashable, Sendable {
    package let epoch: UInt64
    package let version: String
    /// Whether the node's previous epoch ended without `node.stopped`.
    package let afterCrash: Bool
    /// The listeners of the previous epoch had surely received everything up to here.
    package let listenersHadSeen: SequenceNumber
    package init(epoch: UInt64, version: String, afterCrash: Bool, listenersHadSeen: SequenceNumber = .start) {
        self.epoch = epoch
        self.version = version
        self.afterCrash = afterCrash
        self.listenersHadSeen = listenersHadSeen
    }
}

/// `node.stopped`: a clean stop.
package struct NodeStopped: Hashable, Sendable {
    package let epoch: UInt64
    package init(epoch: UInt64) { self.epoch = epoch }
}

/// A channel and the settings that apply only if the event creates it.
package struct ChannelSeed: Hashable, Sendable {
    package let name: ChannelName
    package let settings: ChannelSettings
    package init(name: ChannelName, settings: ChannelSettings) {
        self.name = name
        self.settings = settings
    }
}

/// `user.connected`: a user opens a connection (`POST /connect`).
package struct UserConnected: Hashable, Sendable {
    /// Random; identities of what this event brings about (channels, presence frames) are derived from it.
    package let seed: UUID128
    package let connection: ConnectionID
    package let user: UserName
    /// Sorted, each once; created when missing.
    package let channels: [ChannelSeed]
    /// Replaces the public keys.
    package let publicKeys: [[UInt8]]
    /// Object with `fresh_user_state` (only for a user the hub does not know) and `user_state`; nil when both are
    /// empty.
    package let content: Content?
    package init(
        seed: UUID128,
        connection: ConnectionID,
        user: UserName,
        channels: [ChannelSeed],
        publicKeys: [[UInt8]],
        content: Content?
    ) {
        self.seed = seed
        self.connection = connection
        self.user = user
        self.channels = channels
        self.publicKeys = publicKeys
        self.content = content
    }
}

/// `connection.subscribed` (`POST /subscribe`).
package struct ConnectionSubscribed: Hashable, Sendable {
    package let seed: UUID128
    package let connection: ConnectionID
    package let channels: [ChannelSeed]
    package init(seed: UUID128, connection: ConnectionID, channels: [ChannelSeed]) {
        self.seed = seed
        self.connection = connection
        self.channels = channels
    }
}

/// `connection.unsubscribed` (`POST /unsubscribe`).
package struct ConnectionUnsubscribed: Hashable, Sendable {
    package let seed: UUID128
    package let connection: ConnectionID
    package let channels: [ChannelName]
    package init(seed: UUID128, connection: ConnectionID, channels: [ChannelName]) {
        self.seed = seed
        self.connection = connection
        self.channels = channels
    }
}

/// How a client listens.
package enum Transport: String, Hashable, Sendable {
    case webSocket = "websocket"
    case longPoll = "poll"
}

/// `connection.attached`: a listener took up the connection; a newer attachment replaces an older one.
package struct ConnectionAttached: Hashable, Sendable {
    package let connection: ConnectionID
    package let transport: Transport
    package init(connection: ConnectionID, transport: Transport) {
        self.connection = connection
        self.transport = transport
    }
}

/// `connection.detached`: nobody listens for now; the connection may be taken up again.
package struct ConnectionDetached: Hashable, Sendable {
    package let connection: ConnectionID
    /// Everything up to here was handed to the listener.
    package let position: SequenceNumber
    package init(connection: ConnectionID, position: SequenceNumber) {
        self.connection = connection
        self.position = position
    }
}

/// `connection.closed`: the connection leaves its channels and is unknown from here on.
package struct ConnectionClosed: Hashable, Sendable {
    package enum Reason: String, Hashable, Sendable {
        /// Its client said so, or closed the socket.
        case disconnect
        /// No sign of life.
        case expired
        /// The node died and nobody came back for it.
        case crash
        /// Its node left the cluster.
        case nodeLost = "node_lost"
    }
    package let seed: UUID128
    package let connection: ConnectionID
    package let reason: Reason
    package init(seed: UUID128, connection: ConnectionID, reason: Reason) {
        self.seed = seed
        self.connection = connection
        self.reason = reason
    }
}

/// `user.state_changed` (`POST /user_state`).
package struct UserStateChanged: Hashable, Sendable {
    package let seed: UUID128
    package let user: UserName
    /// A list replaces the public keys before the state is merged; nil keeps them.
    package let publicKeys: [[UInt8]]?
    /// Object of the merged values (`{"key": scalar, …}`); nil when there are none.
    package let content: Content?
    package init(seed: UUID128, user: UserName, publicKeys: [[UInt8]]?, content: Content?) {
        self.seed = seed
        self.user = user
        self.publicKeys = publicKeys
        self.content = content
    }
}

/// `user.forgotten`: state and name of a user who was away too long.
package struct UserForgotten: Hashable, Sendable {
    package let user: UserName
    package init(user: UserName) { self.user = user }
}

/// `channel.configured` (one entry of `POST /channel_config`): creates or reconfigures.
package struct ChannelConfigured: Hashable, Sendable {
    package let seed: UUID128
    package let channel: ChannelName
    package let settings: ChannelSettings
    package init(seed: UUID128, channel: ChannelName, settings: ChannelSettings) {
        self.seed = seed
        self.channel = channel
        self.settings = settings
    }
}

/// `channel.forgotten`: the channel with its history and frames.
package struct ChannelForgotten: Hashable, Sendable {
    package let channel: ChannelName
    package init(channel: ChannelName) { self.channel = channel }
}

/// `message.edited` (one item of `PATCH /message`).
package struct MessageEdited: Hashable, Sendable {
    package let uuid: UUID128
    package let addressing: Addressing
    package let keepsOutOfHistory: Bool
    /// A new author; nil leaves the one that is there, and so with the timestamp.
    package let user: UserName?
    package let timestamp: [UInt8]?
    /// As given; nil when the event's time counts.
    package let edited: [UInt8]?
    /// Object with `message` (if given) and the extra keys (delivered, not stored); nil when there are none.
    package let content: Content?
    /// Whether the message body stays as it was, because `content` gives none.
    ///
    /// It stands in the event, since an erased content cannot be asked any more.
    package let keepsMessage: Bool

    /// An edit; where `keepsMessage` is left out, the content is asked whether it has a `message`.
    package init(
        uuid: UUID128,
        addressing: Addressing,
        keepsOutOfHistory: Bool,
        user: UserName?,
        timestamp: [UInt8]?,
        edited: [UInt8]?,
        content: Content?,
        keepsMessage: Bool? = nil
    ) {
        self.uuid = uuid
        self.addressing = addressing
        self.keepsOutOfHistory = keepsOutOfHistory
        self.user = user
        self.timestamp = timestamp
        self.edited = edited
        self.content = content
        self.keepsMessage = keepsMessage ?? !(content?.plain?.json.hasMember("message") ?? false)
    }
}

/// `message.deleted` (one item of `DELETE /message`).
package struct MessageDeleted: Hashable, Sendable {
    package let uuid: UUID128
    package let addressing: Addressing
    package let keepsOutOfHistory: Bool
    package init(uuid: UUID128, addressing: Addressing, keepsOutOfHistory: Bool) {
        self.uuid = uuid
        self.addressing = addressing
        self.keepsOutOfHistory = keepsOutOfHistory
    }
}

/// `content.erased`: the content of these lines is gone from disk; whose it was, who ordered it, and why.
package struct ContentErased: Hashable, Sendable {
    /// The person, message or channel; nil if single lines were named.
    package let target: ErasureTarget?
    package let lines: [SequenceNumber]
    package let orderedBy: String
    package let reason: String
    package init(target: ErasureTarget? = nil, lines: [SequenceNumber], orderedBy: String, reason: String) {
        self.target = target
        self.lines = lines
        self.orderedBy = orderedBy
        self.reason = reason
    }
}

/// `log.checkpointed`: what the log and the state were when it held `size` events (not necessarily all before this
/// one).
package struct LogCheckpointed: Hashable, Sendable {
    package let size: UInt64
    package let root: Hash256
    package let stateDigest: Hash256
    /// A C2SP signed note, when the node has a key.
    package let note: String?
    package init(size: UInt64, root: Hash256, stateDigest: Hash256, note: String?) {
        self.size = size
        self.root = root
        self.stateDigest = stateDigest
        self.note = note
    }
}

/// `log.key_changed`: from here on the log is signed by another key, as its new holder says.
package struct LogKeyChanged: Hashable, Sendable {
    /// The verifier key of the node that signs from here on.
    package let key: String
    /// The keys that signed before, as far as the node knows them: verifier keys, or, of those that it does not have,
    /// name and id.
    package let earlier: [String]
    package init(key: String, earlier: [String]) {
        self.key = key
        self.earlier = earlier
    }
}

/// `log.dropped`: the log's first lines are dropped at the node that proposes this, by a rule of its retention.
package struct LogDropped: Hashable, Sendable {
    /// The first line that goes.
    package let first: UInt64
    /// How many lines are gone then, counted from line 1: the number of the last one.
    package let size: UInt64
    /// The root of the tree of these lines.
    package let root: Hash256
    /// The setting that asks for it.
    package let rule: String
    /// The limit that it sets: seconds, or bytes on disk.
    package let limit: UInt64
    package init(first: UInt64, size: UInt64, root: Hash256, rule: String, limit: UInt64) {
        self.first = first
        self.size = size
        self.root = root
        self.rule = rule
        self.limit = limit
    }
}
