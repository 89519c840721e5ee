/// All that a state knows of its digests: the work done for the last one, and the names that have changed since.
struct DigestMemory: Sendable {
    /// A digest that was begun, while the state still has what it is made of.
    struct Gathering: Sendable {
        /// The work done for the one before; nil if all is to be computed anew.
        let digester: StateDigester?
        var changes: StateChanges
        /// The names that are still to be looked at; some may have been gathered already, or be gone.
        var channels: [ChannelName]
        var users: [UserName]

        var isComplete: Bool { self.channels.isEmpty && self.users.isEmpty }
    }

    /// Counts the digests that were begun, from 1: what changes now bears this number.
    ///
    /// A change that bears an older number belongs to the digest that is being gathered.
    private(set) var number: UInt64 = 1
    /// The work done for the last digest; nil while somebody computes the next one with it.
    var digester: StateDigester? = StateDigester()
    /// The names that have changed since the last digest was begun.
    var changedChannels: [ChannelName] = []
    var changedUsers: [UserName] = []
    /// The names that have gone since then; one may have come back.
    var goneChannels: [ChannelName] = []
    var goneUsers: [UserName] = []
    var gathering: Gathering?

    /// Begins to gather.
    ///
    /// - Parameter changes: What a digest covers of the whole.
    mutating func begin(_ changes: StateChanges) {
        var changes = changes
        for name in self.goneChannels { changes.channels.append(.gone(name)) }
        for name in self.goneUsers { changes.users.append(.gone(name)) }
        self.gathering = Gathering(
            digester: exchange(&self.digester, with: nil),
            changes: changes,
            channels: exchange(&self.changedChannels, with: []),
            users: exchange(&self.changedUsers, with: [])
        )
        self.goneChannels = []
        self.goneUsers = []
        self.number &+= 1
    }
}

extension HubState {
    /// Gathers a channel, if it has changed before the digest that is being gathered, and was not gathered yet.
    mutating func gather(channelAt index: ChannelIndex) {
        let changedAfter = self.channelsByName.values[index].value.changedAfter
        guard changedAfter != 0, changedAfter != self.digestMemory.number else { return }
        let changed = self.changeUncovered(channelAt: index) { $0.takeChanges() }
        self.digestMemory.gathering?.changes.channels.append(.changed(changed))
    }

    /// The same for a user.
    mutating func gather(userAt index: UserIndex) {
        let changedAfter = self.usersByName.values[index].value.changedAfter
        guard changedAfter != 0, changedAfter != self.digestMemory.number else { return }
        let connections = self.connectionsByID
        let changed = self.changeUncovered(userAt: index) { $0.takeChanges(connections) }
        self.digestMemory.gathering?.changes.users.append(.changed(changed))
    }

    /// Gathers all channels and users, for a digest that knows none of them.
    mutating func gatherEverything() {
        guard var gathering = exchange(&self.digestMemory.gathering, with: nil) else { return }
        gathering.channels = []
        gathering.users = []
        for index in self.channelsByName.indices {
            let channel = self.changeUncovered(channelAt: index) { $0.takeEverything() }
            gathering.changes.channels.append(.changed(channel))
        }
        let connections = self.connectionsByID
        for index in self.usersByName.indices {
            let user = self.changeUncovered(userAt: index) { $0.takeEverything(connections) }
            gathering.changes.users.append(.changed(user))
        }
        self.digestMemory.gathering = gathering
    }
}
