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
        self.greet(connected, at: place, ids: &ids)
        if self.connectionsByID[connected.connection] == nil {
            self.connectionsByID[connected.connection] = ConnectionState(
                id: connected.connection,
                user: connected.user,
                position: place.position,
                lastActive: place.time
            )
            if let user = self.usersByName.index(forKey: connected.user) {
                self.usersByName.values[user].value.connections.insertSorted(connected.connection)
            }
        } else {
            self.connectionsByID[connected.connection]?.lastActive = place.time
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
        guard var connection = self.connectionsByID[attached.connection] else { return .rejected(.unknownConnection) }
        let missed = changes.isHeard ? self.missedPart(of: connection.id) : nil
        connection.transport = attached.transport
        connection.node = place.node
        connection.position = place.position
        connection.lastActive = place.time
        self.touch(user: connection.user)
        self.connectionsByID[connection.id] = connection
        if let missed {
            changes.append(
                .attached(connection.id, user: connection.user, channels: connection.channels, missed: missed)
            )
        }
        return .applied
    }

    /// Only the node that holds the listener can tell; a position that lies ahead counts as here.
    mutating func apply(_ detached: ConnectionDetached, at place: Place, into changes: inout ChangeList) -> Outcome {
        guard var connection = self.connectionsByID[detached.connection] else { return .rejected(.unknownConnection) }
        guard connection.isAttached, connection.node == place.node else { return .rejected(.notAttached) }
        connection.transport = nil
        connection.node = nil
        connection.position = min(detached.position, place.position)
        connection.lastActive = place.time
        self.touch(user: connection.user)
        self.connectionsByID[connection.id] = connection
        changes.append(.detached(connection.id))
        return .applied
    }

    /// The connection leaves its channels and is unknown from here on; its user stays.
    mutating func apply(_ closed: ConnectionClosed, at place: Place, into changes: inout ChangeList) -> Outcome {
        guard let connection = self.connectionsByID[closed.connection] else { return .rejected(.unknownConnection) }
        changes.append(.closed(connection.id))
        var ids = DerivedIDs(seed: closed.seed)
        self.leave(connection, connection.channels, at: place, ids: &ids, into: &changes)
        self.connectionsByID.removeValue(forKey: connection.id)
        if let user = self.usersByName.index(forKey: connection.user) {
            self.touch(userAt: user)
            self.usersByName.values[user].value.lastActive = place.time
            self.usersByName.values[user].value.connections.removeSorted(connection.id)
            if self.usersByName.values[user].value.connections.isEmpty {
                // Nobody can ask for them any more: a connection that is opened from here on starts after them.
                self.usersByName.values[user].value.privateFrames.removeAll()
            }
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
            guard var connection = self.connectionsByID[id] else { continue }
            connection.transport = nil
            connection.node = nil
            connection.position = max(connection.position, seen)
            self.touch(user: connection.user)
            self.connectionsByID[id] = connection
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
        self.touch(userAt: user)
        self.usersByName.values[user].value.lastActive = place.time
        var channels = connection.channels
        var joined: [ChannelName] = []
        for seed in seeds {
            let channel = self.channel(for: seed, at: place, ids: &ids)
            // The state's own spelling of the name, so that all share its memory.
            let name = self.channelsByName.keys[channel]
            guard channels.insertSorted(name) else { continue }
            joined.insertSorted(name)
            self.touch(channelAt: channel)
            self.channelsByName.values[channel].value.lastActive = place.time
            self.channelsByName.values[channel].value.connectionCount += 1
            self.usersByName.values[user].value.subscriptions.add(name)
            if self.channelsByName.values[channel].value.members.insert(connection.user) {
                self.announce(.joined, of: user, in: channel, at: place, id: ids.next(), into: &changes)
            }
        }
        guard !joined.isEmpty else { return .channelsChanged([]) }
        self.connectionsByID[id]?.channels = channels
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
        self.touch(userAt: user)
        self.usersByName.values[user].value.lastActive = place.time
        for name in names {
            guard let channel = self.channelsByName.index(forKey: name) else { continue }
            self.connectionsByID[connection.id]?.channels.removeSorted(name)
            self.touch(channelAt: channel)
            self.channelsByName.values[channel].value.lastActive = place.time
            self.channelsByName.values[channel].value.connectionCount -= 1
            guard self.usersByName.values[user].value.subscriptions.remove(name) else { continue }
            self.channelsByName.values[channel].value.members.remove(connection.user)
            self.announce(.parted, of: user, in: channel, at: place, id: ids.next(), into: &changes)
        }
    }

    /// Tells the others in a channel of a user's arrival or departure, if the channel's settings say so.
    ///
    /// Its identity is drawn in any case, so that those of other frames do not depend on settings.
    private mutating func announce(
        _ action: Presence.Action,
        of user: Dictionary<UserName, Boxed<UserState>>.Index,
        in channel: Dictionary<ChannelName, Boxed<ChannelState>>.Index,
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
        self.channelsByName.values[channel].value.keepForCatchUp(frame)
        changes.append(.frame(frame, Addressing(channel: name, only: [], except: [userName])))
    }

    /// All users in a channel with their public states, sorted by name.
    private func presentUsers(in channel: Dictionary<ChannelName, Boxed<ChannelState>>.Index) -> [PresentUser] {
        self.channelsByName.values[channel].value.members.elements.map { name in
            let state = self.usersByName[name]?.value.publicState ?? .empty
            return PresentUser(user: name, state: state.json, stateOrigins: state.origins)
        }
    }
}
