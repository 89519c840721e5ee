/// Channels: created, configured, forgotten.
extension HubState {
    /// Creates or reconfigures; what is kept is trimmed by the next message, not here.
    mutating func apply(_ configured: ChannelConfigured, at place: Place) -> Outcome {
        var ids = DerivedIDs(seed: configured.seed)
        let seed = ChannelSeed(name: configured.channel, settings: configured.settings)
        let index = self.channel(for: seed, at: place, ids: &ids)
        self.touch(channelAt: index)
        self.channelsByName.values[index].value.settings = configured.settings
        self.channelsByName.values[index].value.lastActive = place.time
        return .applied
    }

    /// Whoever is in the channel is taken out of it without a word.
    mutating func apply(_ forgotten: ChannelForgotten, into changes: inout ChangeList) -> Outcome {
        guard let channel = self.channelsByName[forgotten.channel]?.value else { return .rejected(.unknownChannel) }
        for name in channel.userNames {
            guard let user = self.usersByName.index(forKey: name) else { continue }
            self.touch(userAt: user)
            self.usersByName.values[user].value.subscriptions.removeAll(channel.name)
            for id in self.usersByName.values[user].value.connections
            where self.connectionsByID[id]?.channels.removeSorted(channel.name) == true {
                changes.append(.unsubscribed(id, channels: [channel.name]))
            }
        }
        self.remove(channel: channel.name)
        return .applied
    }

    /// The channel of that name, created with the given settings if it is missing.
    mutating func channel(
        for seed: ChannelSeed,
        at place: Place,
        ids: inout DerivedIDs
    ) -> Dictionary<ChannelName, Boxed<ChannelState>>.Index {
        // Drawn in any case: the identities that follow do not depend on which channels exist.
        let uuid = ids.next()
        if let index = self.channelsByName.index(forKey: seed.name) {
            return index
        }
        let channel = ChannelState(name: seed.name, uuid: uuid, settings: seed.settings, time: place.time)
        self.channelsByName[seed.name] = Boxed(channel)
        guard let index = self.channelsByName.index(forKey: seed.name) else {
            preconditionFailure("a channel that was just put in is there")
        }
        self.touch(channelAt: index)
        return index
    }
}
