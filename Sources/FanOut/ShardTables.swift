import LogValues
import Projections

/// Who listens to what in one shard.
///
/// Every table is an array of references whose entries know their index, so that a delivery walks an array and leaving
/// swaps with the last one. Who takes what a channel carries is in the ``SeatTable``. Names are looked up once a frame or membership, never once a delivery.
struct ShardTables {
    private(set) var connections: [ConnectionID: Listener] = [:]
    private(set) var channels: [ChannelName: ShardChannel] = [:]
    private(set) var users: [UserName: ShardUser] = [:]
    var seats = SeatTable()

    func listener(_ connection: ConnectionID) -> Listener? { self.connections[connection] }

    /// The user's entry, made when it is missing; it goes with its last listener.
    mutating func user(_ name: UserName) -> ShardUser {
        if let user = self.users[name] { return user }
        let user = ShardUser(name: name)
        self.users[name] = user
        return user
    }

    /// - Parameter listener: The only one of its connection.
    mutating func add(_ listener: Listener) {
        assert(self.connections[listener.connection] == nil, "a connection has one listener")
        self.connections[listener.connection] = listener
        listener.seat = self.seats.seat(listener)
        // Fewer than there are descriptors, so never near 2^31.
        listener.userIndex = Int32(truncatingIfNeeded: listener.user.listeners.count)
        listener.user.listeners.append(listener)
    }

    mutating func remove(_ listener: Listener) {
        guard self.connections[listener.connection] === listener else { return }
        self.connections[listener.connection] = nil
        while !listener.memberships.isEmpty {
            self.removeMembership(listener.memberships.count - 1, of: listener)
        }
        let user = listener.user
        let last = user.listeners.removeLast()
        if last !== listener {
            user.listeners[Int(listener.userIndex)] = last
            last.userIndex = listener.userIndex
        }
        if user.listeners.isEmpty { self.users[user.name] = nil }
        self.seats.vacate(listener.seat)
        listener.seat = -1
    }

    /// Enters a listener into a channel; `since` is the number of the next entry of the shard's ring.
    mutating func join(_ listener: Listener, _ name: ChannelName, since: UInt64) {
        let channel = self.channels[name] ?? self.makeChannel(name)
        guard !listener.isMember(of: channel) else { return }
        listener.memberships.append(.init(channel: channel, index: channel.members.count, since: since))
        channel.members.append(
            .init(seat: listener.seat, slot: Int32(truncatingIfNeeded: listener.memberships.count - 1))
        )
    }

    /// - Returns: The membership that ended.
    @discardableResult
    mutating func leave(_ listener: Listener, _ name: ChannelName) -> Listener.Membership? {
        guard let channel = self.channels[name],
            let slot = listener.memberships.firstIndex(where: { $0.channel === channel })
        else { return nil }
        return self.removeMembership(slot, of: listener)
    }

    private mutating func makeChannel(_ name: ChannelName) -> ShardChannel {
        let channel = ShardChannel(name: name)
        self.channels[name] = channel
        return channel
    }

    @discardableResult
    private mutating func removeMembership(_ slot: Int, of listener: Listener) -> Listener.Membership {
        let membership = listener.memberships[slot]
        let channel = membership.channel
        let lastMember = channel.members.removeLast()
        if membership.index < channel.members.count {
            channel.members[membership.index] = lastMember
            self.seats.listener(lastMember.seat)?.memberships[Int(lastMember.slot)].index = membership.index
        }
        let lastMembership = listener.memberships.removeLast()
        if slot < listener.memberships.count {
            listener.memberships[slot] = lastMembership
            lastMembership.channel.members[lastMembership.index].slot = Int32(truncatingIfNeeded: slot)
        }
        if channel.members.isEmpty { self.channels[channel.name] = nil }
        return membership
    }
}
