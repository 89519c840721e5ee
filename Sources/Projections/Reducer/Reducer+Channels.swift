/// Channels: created, configured, forgotten.
extension HubState {
    /// Creates or reconfigures; what is kept is trimmed by the next message, not here.
    mutating func apply(_ configured: ChannelConfigured, at place: Place) -> Outcome {
        var ids = DerivedIDs(seed: configured.seed)
        let seed = ChannelSeed(name: configured.channel, settings: configured.settings)
        let index = self.channel(for: seed, at: place, ids: &ids)
        self.change(channelAt: index) { channel in
            channel.settings = configured.settings
            channel.lastActive = place.time
        }
        return .applied
    }

    /// Whoever is in the channel is taken out of it without a word.
    mutating func apply(_ forgotten: ChannelForgotten, into changes: inout ChangeList) -> Outcome {
        guard let index = self.channelsByName.index(forKey: forgotten.channel) else {
            return .rejected(.unknownChannel)
        }
        let channel = self.channelsByName.keys[index]
        for name in self.channelsByName.values[index].value.userNames {
            guard let user = self.usersByName.index(forKey: name) else { continue }
            self.change(userAt: user) { $0.subscriptions.removeAll(channel) }
            for id in self.usersByName.values[user].value.connections
            where self.change(connection: id, { $0.channels.removeSorted(channel) }) == true {
                changes.append(.unsubscribed(id, channels: [channel]))
            }
        }
        self.remove(channelAt: index)
        return .applied
    }

    /// The channel of that name, created with the given settings if it is missing.
    mutating func channel(
        for seed: ChannelSeed,
        at place: Place,
        ids: inout DerivedIDs
    ) -> ChannelIndex {
        // Drawn in any case: the identities that follow do not depend on which channels exist.
        let uuid = ids.next()
        if let index = self.channelsByName.index(forKey: seed.name) {
            return index
        }
        return self.add(ChannelState(name: seed.name, uuid: uuid, settings: seed.settings, time: place.time))
    }
}
