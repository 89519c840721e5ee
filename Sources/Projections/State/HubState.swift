/// Everything the hub knows, as of one event: channels, users, connections and counts, and nothing that is not in the
/// log.
///
/// A value: copying it is keeping it as it is now. `apply` is the only way in which it changes.
package struct HubState: Sendable {
    /// The last event applied; `start` before the first.
    package internal(set) var position = Position.start
    package internal(set) var statistics = Statistics()
    package internal(set) var nodes: [NodeName: NodeState] = [:]
    var channelsByName: [ChannelName: Boxed<ChannelState>] = [:]
    var usersByName: [UserName: Boxed<UserState>] = [:]
    var connectionsByID: [ConnectionID: ConnectionState] = [:]

    /// What `digest` knew when it was last asked, and the names that changed since: see `StateDigest.swift`.
    var channelDigests = DigestTree<ChannelName>()
    var userDigests = DigestTree<UserName>()
    var dirtyChannels: [ChannelName] = []
    var dirtyUsers: [UserName] = []

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

// MARK: - What changed since the last digest

extension HubState {
    /// Changes a channel, and notes that it has changed; in one access, since each costs several checks.
    @inline(__always)
    mutating func change<Result>(
        channelAt index: Dictionary<ChannelName, Boxed<ChannelState>>.Index,
        _ body: (inout ChannelState) -> Result
    ) -> Result {
        var wasDirty = true
        let result = Self.change(&self.channelsByName.values[index].value, &wasDirty, body)
        if !wasDirty {
            self.dirtyChannels.append(self.channelsByName.keys[index])
        }
        return result
    }

    @inline(__always)
    private static func change<Result>(
        _ channel: inout ChannelState,
        _ wasDirty: inout Bool,
        _ body: (inout ChannelState) -> Result
    ) -> Result {
        wasDirty = channel.isDirty
        channel.isDirty = true
        return body(&channel)
    }

    /// Notes that a channel is about to change.
    mutating func touch(channelAt index: Dictionary<ChannelName, Boxed<ChannelState>>.Index) {
        guard !self.channelsByName.values[index].value.isDirty else { return }
        self.channelsByName.values[index].value.isDirty = true
        self.dirtyChannels.append(self.channelsByName.keys[index])
    }

    /// Notes that a channel is about to change, if it is there.
    mutating func touch(channel name: ChannelName) {
        if let index = self.channelsByName.index(forKey: name) {
            self.touch(channelAt: index)
        }
    }

    /// Notes that a user is about to change, if it is known.
    mutating func touch(user name: UserName) {
        if let index = self.usersByName.index(forKey: name) {
            self.touch(userAt: index)
        }
    }

    /// Notes that a user is about to change.
    mutating func touch(userAt index: Dictionary<UserName, Boxed<UserState>>.Index) {
        guard !self.usersByName.values[index].value.isDirty else { return }
        self.usersByName.values[index].value.isDirty = true
        self.dirtyUsers.append(self.usersByName.keys[index])
    }
}
