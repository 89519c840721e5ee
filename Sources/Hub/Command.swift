package import LogValues
package import Projections
package import RawJSON

/// What the outside world asks of the hub, already checked against its schema: imperative, without ids drawn or times set.
package enum Command: Sendable {
    case connect(Connect)
    case subscribe(Subscription)
    case unsubscribe(Subscription)
    case setUserState(SetUserState)
    case postMessages([PostMessage])
    /// Many at once, which are answered with a count; not all or none of them.
    case postInBulk([PostMessage])
    case editMessages([EditMessage])
    case deleteMessages([DeleteMessage])
    case configureChannels([ChannelSeed])
    /// The lines were found in the log; their contents are gone from the state when the reply comes, not from the disk.
    case erase(ErasureOrder)
    /// Nil options: everything.
    case info(InfoOptions?)
    case adminInfo
    /// Only whether it is known: an empty reply, or what a command that needs it would be told.
    case find(Subject)
    case disconnect(ConnectionID)
    /// A listener wants to take up a connection; on success its ticket comes back in the change feed.
    case attach(ConnectionID, Transport, AttachmentTicket)
    /// A listener wants the next part of what it missed before it took up its connection.
    case missedPart(MissedRequest)
    /// The listener of that ticket has everything that its connection had missed.
    case caughtUp(ConnectionID, AttachmentTicket)
    /// The listener of that ticket has said goodbye: closes the connection unless a newer one took it up.
    case listenerClosed(ConnectionID, AttachmentTicket)
    /// The listener of that ticket is gone without a goodbye, and had surely received everything up to an event: the
    /// connection waits for another one, unless a newer one took it up.
    case listenerLost(ConnectionID, AttachmentTicket, seen: SequenceNumber)
    /// The client of a long poll showed itself; no event, only the expiry clock.
    case signOfLife(ConnectionID)
    /// Write a checkpoint of all that is committed now; the reply comes when it is committed itself.
    case checkpoint
    /// Write down that the log's first lines are about to be dropped here; the reply comes when that is committed.
    case recordDrop(LogDropped)
    /// Another node of this log showed itself, and with it clients that listen there; no event.
    case nodeSeen(NodeName, alive: [ConnectionID])

    /// What a command may need to be known.
    package enum Subject: Sendable, Equatable {
        case connection(ConnectionID)
        case user(UserName)
    }

    package struct Connect: Sendable, Equatable {
        package var user: UserName
        package var connection: ConnectionID?
        /// Each once, in the order given.
        package var channels: [ChannelName] = []
        package var channelSettings: [ChannelName: ChannelSettings] = [:]
        /// Objects of scalars.
        package var freshState: RawJSON?
        package var state: RawJSON?
        package var publicKeys: [[UInt8]] = []
        package var info = InfoOptions()

        package init(
            user: UserName,
            connection: ConnectionID? = nil,
            channels: [ChannelName] = [],
            channelSettings: [ChannelName: ChannelSettings] = [:],
            freshState: RawJSON? = nil,
            state: RawJSON? = nil,
            publicKeys: [[UInt8]] = [],
            info: InfoOptions = InfoOptions()
        ) {
            self.user = user
            self.connection = connection
            self.channels = channels
            self.channelSettings = channelSettings
            self.freshState = freshState
            self.state = state
            self.publicKeys = publicKeys
            self.info = info
        }
    }

    package struct Subscription: Sendable, Equatable {
        package var connection: ConnectionID
        package var channels: [ChannelName]
        package var channelSettings: [ChannelName: ChannelSettings] = [:]
        package var info = InfoOptions()

        package init(
            connection: ConnectionID,
            channels: [ChannelName],
            channelSettings: [ChannelName: ChannelSettings] = [:],
            info: InfoOptions = InfoOptions()
        ) {
            self.connection = connection
            self.channels = channels
            self.channelSettings = channelSettings
            self.info = info
        }
    }

    package struct SetUserState: Sendable, Equatable {
        package var user: UserName
        package var state: RawJSON?
        package var publicKeys: [[UInt8]]?

        package init(user: UserName, state: RawJSON? = nil, publicKeys: [[UInt8]]? = nil) {
            self.user = user
            self.state = state
            self.publicKeys = publicKeys
        }
    }

    package struct PostMessage: Sendable, Equatable {
        package var uuid: UUID128?
        package var user: UserName
        package var addressing: Addressing
        package var keepsOutOfHistory = false
        /// As it will be answered (`reference`: ISO 8601, offset kept).
        package var timestamp: [UInt8]?
        /// Object with `message` and the extra keys; nil when empty.
        package var content: RawJSON?
        /// Whether the caller gave a `type`: it cannot choose one, but is answered with the one that counts.
        package var namesType = false

        package init(
            uuid: UUID128? = nil,
            user: UserName,
            addressing: Addressing,
            keepsOutOfHistory: Bool = false,
            timestamp: [UInt8]? = nil,
            content: RawJSON? = nil,
            namesType: Bool = false
        ) {
            self.uuid = uuid
            self.user = user
            self.addressing = addressing
            self.keepsOutOfHistory = keepsOutOfHistory
            self.timestamp = timestamp
            self.content = content
            self.namesType = namesType
        }
    }

    package struct EditMessage: Sendable, Equatable {
        package var uuid: UUID128
        package var user: UserName?
        package var addressing: Addressing
        package var keepsOutOfHistory = false
        package var timestamp: [UInt8]?
        package var edited: [UInt8]?
        package var content: RawJSON?

        package init(
            uuid: UUID128,
            user: UserName? = nil,
            addressing: Addressing,
            keepsOutOfHistory: Bool = false,
            timestamp: [UInt8]? = nil,
            edited: [UInt8]? = nil,
            content: RawJSON? = nil
        ) {
            self.uuid = uuid
            self.user = user
            self.addressing = addressing
            self.keepsOutOfHistory = keepsOutOfHistory
            self.timestamp = timestamp
            self.edited = edited
            self.content = content
        }
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

    package struct DeleteMessage: Sendable, Equatable {
        package var uuid: UUID128
        package var addressing: Addressing
        package var keepsOutOfHistory = false

        package init(uuid: UUID128, addressing: Addressing, keepsOutOfHistory: Bool = false) {
            self.uuid = uuid
            self.addressing = addressing
            self.keepsOutOfHistory = keepsOutOfHistory
        }
    }
}

/// What a channels_info shows.
package struct InfoOptions: Sendable, Equatable {
    /// Nil: all.
    package var channels: [ChannelName]?
    package var excluded: [ChannelName] = []
    package var includesHistory = true
    package var includesUsers = true
    package var publicStateOnly = false

    package init() {}
}

/// Names one listener: the shard (event loop) that waits for it, and a number that the shard drew.
///
/// Both in 64 bits: every connection has its ticket in two tables.
package struct AttachmentTicket: Hashable, Sendable {
    private static let numberBits: UInt64 = 48

    private let bits: UInt64

    /// - Precondition: `shard` is one of fewer than 65,536, and not even 2^48 numbers were drawn before.
    package init(shard: Int, number: UInt64) {
        precondition(number >> Self.numberBits == 0, "numbers fit their bits")
        self.bits = UInt64(UInt16(shard)) << Self.numberBits | number
    }

    package var shard: Int { Int(self.bits >> Self.numberBits) }
    package var number: UInt64 { self.bits & (1 << Self.numberBits - 1) }
}

/// The hub's answer to a command, sent when its events are durable and applied.
package enum Reply: Sendable {
    /// 200 with this JSON.
    case json([UInt8])
    /// 422: the state does not allow it.
    case invalid(StateFault)
    /// `attach`: unknown connection (or not attachable).
    case refused
    /// `attach`: the ticket is in the change feed.
    case attached
    /// `missedPart`; refused where frames are gone.
    case missed(MissedPart)
    /// 503: the log takes nothing any more, or the hub is stopping.
    case unavailable(reason: String)
}
