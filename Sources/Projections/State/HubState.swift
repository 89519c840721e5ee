package import LogValues

/// Everything the hub knows, as of one event: channels, users, connections and counts, and nothing that is not in the
/// log.
///
/// A value: copying it is keeping it as it is now. `apply` is the only way in which it changes.
package struct HubState: Sendable {
    /// The last event applied; `start` before the first.
    package internal(set) var position = SequenceNumber.start
    package internal(set) var statistics = Statistics()
    package internal(set) var nodes: [NodeName: NodeState] = [:]
    private(set) var channelsByName: [ChannelName: Boxed<ChannelState>] = [:]
    private(set) var usersByName: [UserName: Boxed<UserState>] = [:]
    private(set) var connectionsByID: [ConnectionID: ConnectionState] = [:]

    /// What has changed since the last digest: see `StateDigest.swift`.
    var digestMemory = DigestMemory()

    typealias ChannelIndex = Dictionary<ChannelName, Boxed<ChannelState>>.Index
    typealias UserIndex = Dictionary<UserName, Boxed<UserState>>.Index

    /// Before the first event.
    package init() {}
}

// MARK: - Reading

extension HubState {
    package func channel(_ name: ChannelName) -> ChannelState? {
        self.channelsByName[name]?.value
    }

    package func user(_ name: UserName) -> UserState? {
        self.usersByName[name]?.value
    }

    package func connection(_ id: ConnectionID) -> ConnectionState? {
        self.connectionsByID[id]
    }

    /// In no order.
    package var channelNames: some Collection<ChannelName> & Sendable { self.channelsByName.keys }

    /// In no order.
    package var channels: some Collection<ChannelState> { self.channelsByName.values.lazy.map(\.value) }

    /// All known users, in no order.
    package var users: some Collection<UserState> { self.usersByName.values.lazy.map(\.value) }

    /// In no order.
    package var connections: some Collection<ConnectionState> { self.connectionsByID.values }

    package var channelCount: Int { self.channelsByName.count }
    package var userCount: Int { self.usersByName.count }
    package var connectionCount: Int { self.connectionsByID.count }
}

// MARK: - Changing

/// Nothing else changes channels, users and connections: what is changed here is noted first, so that a digest which is
/// being gathered still sees what was before, and the next one looks at it again.
extension HubState {
    /// Changes a channel.
    @inline(__always)
    mutating func change<Result>(channelAt index: ChannelIndex, _ body: (inout ChannelState) -> Result) -> Result {
        // In one access as a rule, since each costs several checks.
        let current = self.digestMemory.number
        if let result = Self.change(&self.channelsByName.values[index].value, current, body) { return result }
        self.note(channelAt: index)
        return body(&self.channelsByName.values[index].value)
    }

    /// Nil, and nothing is changed, if it is to be noted first.
    @inline(__always)
    private static func change<Result>(
        _ channel: inout ChannelState,
        _ current: UInt64,
        _ body: (inout ChannelState) -> Result
    ) -> Result? {
        channel.changedAfter == current ? body(&channel) : nil
    }

    /// Changes a user.
    @inline(__always)
    mutating func change<Result>(userAt index: UserIndex, _ body: (inout UserState) -> Result) -> Result {
        self.note(userAt: index)
        return body(&self.usersByName.values[index].value)
    }

    /// Changes a connection, which belongs to what a digest sees of its user; nil if there is none.
    @discardableResult
    mutating func change<Result>(
        connection id: ConnectionID,
        _ body: (inout ConnectionState) -> Result
    ) -> Result? {
        guard let index = self.connectionsByID.index(forKey: id) else { return nil }
        if let user = self.usersByName.index(forKey: self.connectionsByID.values[index].user) {
            self.note(userAt: user)
        }
        return body(&self.connectionsByID.values[index])
    }

    /// Changes of a channel what no digest covers: state changes kept for catch-up, erased contents, its marks.
    mutating func changeUncovered<Result>(
        channelAt index: ChannelIndex,
        _ body: (inout ChannelState) -> Result
    ) -> Result {
        body(&self.channelsByName.values[index].value)
    }

    /// The same of a user.
    mutating func changeUncovered<Result>(userAt index: UserIndex, _ body: (inout UserState) -> Result) -> Result {
        body(&self.usersByName.values[index].value)
    }

    /// Adds a channel that is not there.
    mutating func add(_ channel: ChannelState) -> ChannelIndex {
        self.channelsByName[channel.name] = Boxed(channel)
        guard let index = self.channelsByName.index(forKey: channel.name) else {
            preconditionFailure("a channel that was just put in is there")
        }
        self.note(channelAt: index)
        return index
    }

    /// Adds a user who is not known.
    mutating func add(_ user: UserState) -> UserIndex {
        self.usersByName[user.name] = Boxed(user)
        guard let index = self.usersByName.index(forKey: user.name) else {
            preconditionFailure("a user who was just put in is there")
        }
        self.note(userAt: index)
        return index
    }

    /// Adds a connection that is not there.
    mutating func add(_ connection: ConnectionState, of user: UserIndex) {
        self.change(userAt: user) { user in _ = user.connections.insertSorted(connection.id) }
        self.connectionsByID[connection.id] = connection
    }

    /// Forgets a channel.
    mutating func remove(channelAt index: ChannelIndex) {
        self.note(channelAt: index)
        self.digestMemory.goneChannels.append(self.channelsByName.remove(at: index).key)
    }

    /// Forgets a user, who has no connections.
    mutating func remove(userAt index: UserIndex) {
        self.note(userAt: index)
        self.digestMemory.goneUsers.append(self.usersByName.remove(at: index).key)
    }

    /// Forgets a connection.
    mutating func remove(_ connection: ConnectionID, of user: UserIndex) {
        self.change(userAt: user) { user in _ = user.connections.removeSorted(connection) }
        self.connectionsByID.removeValue(forKey: connection)
    }

    private mutating func note(channelAt index: ChannelIndex) {
        let current = self.digestMemory.number
        guard self.channelsByName.values[index].value.changedAfter != current else { return }
        self.gather(channelAt: index)
        self.channelsByName.values[index].value.changedAfter = current
        self.digestMemory.changedChannels.append(self.channelsByName.keys[index])
    }

    private mutating func note(userAt index: UserIndex) {
        let current = self.digestMemory.number
        guard self.usersByName.values[index].value.changedAfter != current else { return }
        self.gather(userAt: index)
        self.usersByName.values[index].value.changedAfter = current
        self.digestMemory.changedUsers.append(self.usersByName.keys[index])
    }
}
