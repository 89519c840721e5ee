import DequeModule
import LogValues

/// Connections: opened, subscribed, listened to, closed.
extension HubState {
    /// A connection that the user has already stays one connection: it joins what it is not in yet, and keeps its
    /// position and its listener.
    mutating func apply(_ connected: UserConnected, at place: Place, into changes: inout ChangeList) -> Outcome {
        if let known = self.connectionsByID[connected.connection], known.user != connected.user {
            return .rejected(.connectionOfAnotherUser)
        }
        var ids = DerivedIDs(seed: connected.seed)
        let user = self.greet(connected, at: place, ids: &ids)
        let isKnown: Void? = self.change(connection: connected.connection) { $0.lastActive = place.time }
        if isKnown == nil {
            let connection = ConnectionState(
                id: connected.connection,
                user: connected.user,
                position: place.position,
                lastActive: place.time
            )
            self.add(connection, of: user)
        }
        return self.join(connected.connection, connected.channels, at: place, ids: &ids, into: &changes)
    }

    /// Channels that the connection is in already are left out of the outcome.
    mutating func apply(_ subscribed: ConnectionSubscribed, at place: Place, into changes: inout ChangeList) -> Outcome
    {
        guard self.connectionsByID[subscribed.connection] != nil else { return .rejected(.unknownConnection) }
        var ids = DerivedIDs(seed: subscribed.seed)
        return self.join(subscribed.connection, subscribed.channels, at: place, ids: &ids, into: &changes)
    }

    /// Channels that the connection is not in are left out of the outcome, and not created.
    mutating func apply(
        _ unsubscribed: ConnectionUnsubscribed,
        at place: Place,
        into changes: inout ChangeList
    ) -> Outcome {
        guard let connection = self.connectionsByID[unsubscribed.connection] else {
            return .rejected(.unknownConnection)
        }
        var left: [ChannelName] = []
        for name in unsubscribed.channels where connection.channels.sortedIndex(of: name).isFound {
            left.insertSorted(name)
        }
        guard !left.isEmpty else { return .channelsChanged([]) }
        changes.append(.unsubscribed(connection.id, channels: left))
        var ids = DerivedIDs(seed: unsubscribed.seed)
        self.leave(connection, left, at: place, ids: &ids, into: &changes)
        return .channelsChanged(left)
    }

    /// The newest listener counts; what it has not seen comes with the change.
    mutating func apply(_ attached: ConnectionAttached, at place: Place, into changes: inout ChangeList) -> Outcome {
        guard let connection = self.connectionsByID[attached.connection] else { return .rejected(.unknownConnection) }
        let missed = changes.isHeard ? self.missedPart(of: connection.id) : nil
        self.change(connection: connection.id) { connection in
            connection.transport = attached.transport
            connection.node = place.node
            connection.position = place.position
            connection.lastActive = place.time
        }
        if let missed {
            changes.append(
                .attached(connection.id, user: connection.user, channels: connection.channels, missed: missed)
            )
        }
        return .applied
    }

    /// Only the node that holds the listener can tell; a position that lies ahead counts as here.
    mutating func apply(_ detached: ConnectionDetached, at place: Place, into changes: inout ChangeList) -> Outcome {
        guard let connection = self.connectionsByID[detached.connection] else { return .rejected(.unknownConnection) }
        guard connection.isAttached, connection.node == place.node else { return .rejected(.notAttached) }
        self.change(connection: connection.id) { connection in
            connection.transport = nil
            connection.node = nil
            connection.position = min(detached.position, place.position)
            connection.lastActive = place.time
        }
        changes.append(.detached(connection.id))
        return .applied
    }

    /// The connection leaves its channels and is unknown from here on; its user stays.
    mutating func apply(_ closed: ConnectionClosed, at place: Place, into changes: inout ChangeList) -> Outcome {
        guard let connection = self.connectionsByID[closed.connection] else { return .rejected(.unknownConnection) }
        changes.append(.closed(connection.id))
        var ids = DerivedIDs(seed: closed.seed)
        self.leave(connection, connection.channels, at: place, ids: &ids, into: &changes)
        guard let user = self.usersByName.index(forKey: connection.user) else { return .applied }
        self.remove(connection.id, of: user)
        self.change(userAt: user) { user in
            user.lastActive = place.time
            // Nobody can ask for them any more: a connection that is opened from here on starts after them.
            if user.connections.isEmpty { user.privateFrames.removeAll() }
        }
        return .applied
    }

    /// A new epoch of a node: the listeners that it held before are gone, and get what they may have missed when they
    /// come back.
    mutating func apply(_ started: NodeStarted, at place: Place, into changes: inout ChangeList) -> Outcome {
        self.nodes[place.node] = NodeState(epoch: started.epoch, isRunning: true)
        // As with detaching, a position that lies ahead counts as here.
        let seen = min(started.listenersHadSeen, place.position)
        let lost = self.connectionsByID.values.filter { $0.node == place.node }.map(\.id).sorted()
        for id in lost {
            self.change(connection: id) { connection in
                connection.transport = nil
                connection.node = nil
                connection.position = max(connection.position, seen)
            }
            changes.append(.detached(id))
        }
        return .applied
    }

    /// Its listeners are told apart by `connection.detached`, or by the node's next start.
    mutating func apply(_ stopped: NodeStopped, at place: Place) -> Outcome {
        self.nodes[place.node] = NodeState(epoch: stopped.epoch, isRunning: false)
        return .applied
    }
}

// MARK: - Coming and going

extension HubState {
    /// Subscribes a connection to channels, creating those that are missing.
    ///
    /// Presence goes out before the connection is entered, so that it hears nothing from before its own arrival.
    private mutating func join(
        _ id: ConnectionID,
        _ seeds: [ChannelSeed],
        at place: Place,
        ids: inout DerivedIDs,
        into changes: inout ChangeList
    ) -> Outcome {
        guard
            let connection = self.connectionsByID[id],
            let user = self.usersByName.index(forKey: connection.user)
        else { return .rejected(.unknownConnection) }
        self.change(userAt: user) { $0.lastActive = place.time }
        var channels = connection.channels
        var joined: [ChannelName] = []
        for seed in seeds {
            let channel = self.channel(for: seed, at: place, ids: &ids)
            // The state's own spelling of the name, so that all share its memory.
            let name = self.channelsByName.keys[channel]
            guard channels.insertSorted(name) else { continue }
            joined.insertSorted(name)
            self.change(userAt: user) { $0.subscriptions.add(name) }
            let isFirst = self.change(channelAt: channel) { channel in
                channel.lastActive = place.time
                channel.connectionCount += 1
                return channel.members.insert(connection.user)
            }
            if isFirst {
                self.announce(.joined, of: user, in: channel, at: place, id: ids.next(), into: &changes)
            }
        }
        guard !joined.isEmpty else { return .channelsChanged([]) }
        self.change(connection: id) { $0.channels = channels }
        changes.append(.subscribed(id, user: connection.user, channels: joined))
        return .channelsChanged(joined)
    }

    /// Takes a connection out of channels that it is in.
    private mutating func leave(
        _ connection: ConnectionState,
        _ names: [ChannelName],
        at place: Place,
        ids: inout DerivedIDs,
        into changes: inout ChangeList
    ) {
        guard let user = self.usersByName.index(forKey: connection.user) else { return }
        self.change(userAt: user) { $0.lastActive = place.time }
        var channels = connection.channels
        for name in names {
            guard let channel = self.channelsByName.index(forKey: name) else { continue }
            channels.removeSorted(name)
            let isLast = self.change(userAt: user) { $0.subscriptions.remove(name) }
            self.change(channelAt: channel) { channel in
                channel.lastActive = place.time
                channel.connectionCount -= 1
                if isLast { channel.members.remove(connection.user) }
            }
            guard isLast else { continue }
            self.announce(.parted, of: user, in: channel, at: place, id: ids.next(), into: &changes)
        }
        self.change(connection: connection.id) { $0.channels = channels }
    }

    /// Tells the others in a channel of a user's arrival or departure, if the channel's settings say so.
    ///
    /// Its identity is drawn in any case, so that those of other frames do not depend on settings.
    private mutating func announce(
        _ action: Presence.Action,
        of user: UserIndex,
        in channel: ChannelIndex,
        at place: Place,
        id: UUID128,
        into changes: inout ChangeList
    ) {
        let settings = self.channelsByName.values[channel].value.settings
        guard settings.notifyPresence else { return }
        let name = self.channelsByName.keys[channel]
        let userName = self.usersByName.keys[user]
        let state = self.usersByName.values[user].value.publicState
        let presence = Presence(
            uuid: id,
            time: place.time,
            user: userName,
            channel: name,
            action: action,
            state: action == .joined ? state.json : nil,
            stateOrigins: action == .joined ? state.origins : [],
            users: settings.broadcastsUserLists ? self.presentUsers(in: channel) : []
        )
        let frame = Frame(position: place.position, kind: .presence(presence))
        self.change(channelAt: channel) { $0.keepForCatchUp(frame) }
        changes.append(.frame(frame, Addressing(channel: name, only: [], except: [userName])))
    }

    /// All users in a channel with their public states, sorted by name.
    private func presentUsers(in channel: ChannelIndex) -> [PresentUser] {
        self.channelsByName.values[channel].value.members.elements.map { name in
            let state = self.usersByName[name]?.value.publicState ?? .empty
            return PresentUser(user: name, state: state.json, stateOrigins: state.origins)
        }
    }
}
