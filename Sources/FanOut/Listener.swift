import Hub
import LogValues
import NIOCore
import Projections

/// One who listens for a connection: an entry of a shard's tables, touched on its loop only.
final class Listener {
    enum Transport {
        case socket(WebSocketHandler)
        case poll(PollSession)
    }

    /// Its place in a channel's table, so that leaving costs no search.
    struct Membership {
        let channel: ShardChannel
        /// In `channel.members`.
        var index: Int
        /// The first entry of the shard's ring that came after it joined.
        let since: UInt64
    }

    let connection: ConnectionID
    let ticket: AttachmentTicket
    let user: ShardUser
    let transport: Transport
    var memberships = ShortList<Membership>()
    /// In `user.listeners`.
    var userIndex: Int32 = 0
    /// In the shard's ``SeatTable``.
    var seat: Int32 = -1
    /// In the heartbeat wheel.
    var wheelPlace = HeartbeatWheel.Place(slot: 0, index: 0)
    /// It is nil while every frame is written as it comes; the shard's tables have to know.
    var backlog: Backlog?
    /// Guards against a flush that makes the socket writable while it is being caught up.
    var isResuming = false
    /// Whether frames were written since the last flush.
    var isUnflushed = false
    /// How much its client has surely received, if it has a socket.
    var receipt: Receipt

    /// - Parameters:
    ///   - connection: What is listened to.
    ///   - ticket: By which the hub knows it.
    ///   - user: The one whose connection it is.
    ///   - transport: How it listens.
    ///   - receipt: Where it begins.
    init(
        connection: ConnectionID,
        ticket: AttachmentTicket,
        user: ShardUser,
        transport: Transport,
        receipt: Receipt
    ) {
        self.receipt = receipt
        self.connection = connection
        self.ticket = ticket
        self.user = user
        self.transport = transport
    }

    func isMember(of channel: ShardChannel) -> Bool {
        self.memberships.contains { $0.channel === channel }
    }
}

/// Where a socket stands that is not writable: a position, not a queue.
final class Backlog {
    /// A channel that was left meanwhile, with the entries that still count.
    struct LeftChannel {
        let channel: ShardChannel
        let entries: Range<UInt64>
    }

    /// The first entry of the shard's ring that the socket did not get.
    var next: UInt64
    /// Everything up to this event was written, but for what is ``untold``.
    var after: SequenceNumber
    /// The rest of the time before the socket came, if there is any.
    var untold: Untold?
    var left: [LeftChannel] = []
    /// The channels that it was in after that event; known once something was fetched.
    var channels: [ChannelName]?
    /// Whether frames are being fetched that the ring no longer holds.
    var isFetching = false

    init(next: UInt64, after: SequenceNumber) {
        self.next = next
        self.after = after
    }

    /// Everything up to this event was written.
    var writtenThrough: SequenceNumber { self.untold?.after ?? self.after }
}

/// The time before a listener took up its connection, as far as it still has to be told of it: a position, not a list.
///
/// The hub tells it part by part, from what it keeps of these channels.
struct Untold {
    var channels: [ChannelName]
    /// Everything up to this event was told.
    var after: SequenceNumber
    /// What follows this event comes from the feed.
    var through: SequenceNumber
}

/// A channel as one shard knows it: the listeners that it serves.
final class ShardChannel {
    struct Member {
        /// The listener's, in the shard's ``SeatTable``.
        let seat: Int32
        /// In the listener's `memberships`.
        var slot: Int32
    }

    let name: ChannelName
    var members: ContiguousArray<Member> = []

    init(name: ChannelName) {
        self.name = name
    }
}

/// A user as one shard knows it.
final class ShardUser {
    let name: UserName
    var listeners = ShortList<Listener>()
    /// The last delivery that named this user among its only or excepted ones: comparing numbers spares a set of names.
    var chosenBy: UInt64 = 0
    var exceptedBy: UInt64 = 0

    init(name: UserName) {
        self.name = name
    }
}
