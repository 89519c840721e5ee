package import LogValues
package import Projections
package import RawJSON

/// An order that becomes events; it was checked against its schema, and has no ids drawn and no times set yet.
package enum Command: Sendable {
    case connect(Connect)
    case subscribe(Subscription)
    case unsubscribe(Subscription)
    case setUserState(SetUserState)
    case postMessages([PostMessage])
    /// Many at once, which are answered with a count; not all or none of them.
    case postInBulk([PostMessage])
    case editMessages([EditMessage])
    case deleteMessages([MessageDeleted])
    case configureChannels([ChannelSeed])
    /// The lines were found in the log; their contents are gone from the state when the reply comes, not from the disk.
    case erase(ErasureOrder)
    case disconnect(ConnectionID)
    /// A listener wants to take up a connection; on success its ticket comes back in the change feed.
    case attach(ConnectionID, Transport, AttachmentTicket)
    /// Write a checkpoint of all that is committed now; the reply comes when it is committed itself.
    case checkpoint
    /// Write down that the log's first lines are about to be dropped here; the reply comes when that is committed.
    case recordDrop(LogDropped)

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
}
