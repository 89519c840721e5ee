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
    var channelsByName: [ChannelName: Boxed<ChannelState>] = [:]
    var usersByName: [UserName: Boxed<UserState>] = [:]
    var connectionsByID: [ConnectionID: ConnectionState] = [:]

    /// What has changed since the last digest: see `StateDigest.swift`.
    var digestMemory = DigestMemory()

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

// MARK: - What changes

/// What was changed as of which digest: every change goes through here, so that a digest which is being gathered still
/// sees what was before.
extension HubState {
    /// Changes a channel, and notes that it has changed; in one access, since each costs several checks.
    @inline(__always)
    mutating func change<Result>(
        channelAt index: Dictionary<ChannelName, Boxed<ChannelState>>.Index,
        _ body: (inout ChannelState) -> Result
    ) -> Result {
        let current = self.digestMemory.number
        if let result = Self.change(&self.channelsByName.values[index].value, current, body) { return result }
        self.touch(channelAt: index)
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

    /// Notes that a channel is about to change.
    mutating func touch(channelAt index: Dictionary<ChannelName, Boxed<ChannelState>>.Index) {
        let current = self.digestMemory.number
        guard self.channelsByName.values[index].value.changedAfter != current else { return }
        self.gather(channelAt: index)
        self.channelsByName.values[index].value.changedAfter = current
        self.digestMemory.changedChannels.append(self.channelsByName.keys[index])
    }

    /// Notes that a channel is about to change, if it is there.
    mutating func touch(channel name: ChannelName) {
        if let index = self.channelsByName.index(forKey: name) {
            self.touch(channelAt: index)
        }
    }

    /// Notes that a user, or one of its connections, is about to change, if it is known.
    mutating func touch(user name: UserName) {
        if let index = self.usersByName.index(forKey: name) {
            self.touch(userAt: index)
        }
    }

    /// Notes that a user, or one of its connections, is about to change.
    mutating func touch(userAt index: Dictionary<UserName, Boxed<UserState>>.Index) {
        let current = self.digestMemory.number
        guard self.usersByName.values[index].value.changedAfter != current else { return }
        self.gather(userAt: index)
        self.usersByName.values[index].value.changedAfter = current
        self.digestMemory.changedUsers.append(self.usersByName.keys[index])
    }

    /// Forgets a channel.
    mutating func remove(channel name: ChannelName) {
        self.touch(channel: name)
        self.channelsByName.removeValue(forKey: name)
        self.digestMemory.goneChannels.append(name)
    }

    /// Forgets a user, who has no connections.
    mutating func remove(user name: UserName) {
        self.touch(user: name)
        self.usersByName.removeValue(forKey: name)
        self.digestMemory.goneUsers.append(name)
    }
}
