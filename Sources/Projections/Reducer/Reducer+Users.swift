import LogValues
import OrderedCollections
import RawJSON

/// Users: their state, and forgetting them.
extension HubState {
    /// What a connect says about the user: known from here on, public keys replaced, state merged; announced to nobody.
    mutating func greet(_ connected: UserConnected, at place: Place, ids: inout DerivedIDs) -> UserIndex {
        let uuid = ids.next()
        let known = self.usersByName.index(forKey: connected.user)
        let index = known ?? self.add(UserState(name: connected.user, uuid: uuid, time: place.time))
        self.change(userAt: index) { user in
            user.setPublicKeys(connected.publicKeys)
            guard let content = connected.content else { return }
            user.chain(content, from: place.position)
            let given = StateContent(connected: content)
            if known == nil { _ = user.merge(given.fresh, from: place.position) }
            _ = user.merge(given.state, from: place.position)
        }
        return index
    }

    /// Every channel of the user with `notify_state` hears of it, if anything changed.
    mutating func apply(_ changed: UserStateChanged, at place: Place, into changes: inout ChangeList) -> Outcome {
        guard let index = self.usersByName.index(forKey: changed.user) else { return .rejected(.unknownUser) }
        let keys = self.change(userAt: index) { user -> [[UInt8]] in
            user.lastActive = place.time
            if let keys = changed.publicKeys { user.setPublicKeys(keys) }
            guard let content = changed.content else { return [] }
            user.chain(content, from: place.position)
            return user.merge(StateContent(changed: content).state, from: place.position)
        }
        if !keys.isEmpty {
            let pairs = self.usersByName.values[index].value.publicPairs(of: keys)
            self.announceState(of: index, changed: pairs, seed: changed.seed, isKept: true, at: place, into: &changes)
        }
        return .stateChanged(keys: keys)
    }

    /// Only a user without connections can be forgotten.
    mutating func apply(_ forgotten: UserForgotten) -> Outcome {
        guard let user = self.usersByName.index(forKey: forgotten.user) else { return .rejected(.unknownUser) }
        guard self.usersByName.values[user].value.connections.isEmpty else { return .rejected(.userHasConnections) }
        self.remove(userAt: user)
        return .applied
    }

    /// Tells every channel of the user with `notify_state` what the public state is.
    ///
    /// - Parameters:
    ///   - user: Whose.
    ///   - changed: An array of `{"key":…,"value":…}`.
    ///   - seed: For the frames' identities.
    ///   - isKept: Whether the channels keep it for who takes up a connection later.
    ///   - place: The event that changed it.
    ///   - changes: What follows from that event.
    mutating func announceState(
        of user: UserIndex,
        changed: RawJSON,
        seed: UUID128,
        isKept: Bool,
        at place: Place,
        into changes: inout ChangeList
    ) {
        var ids = DerivedIDs(seed: seed)
        let name = self.usersByName.keys[user]
        let state = self.usersByName.values[user].value.publicState
        for channelName in self.usersByName.values[user].value.subscriptions.channels.sorted() {
            guard
                let channel = self.channelsByName.index(forKey: channelName),
                self.channelsByName.values[channel].value.settings.notifyState
            else { continue }
            let change = StateChange(
                uuid: ids.next(),
                time: place.time,
                user: name,
                channel: channelName,
                state: state.json,
                stateOrigins: state.origins,
                changed: changed
            )
            let frame = Frame(position: place.position, kind: .stateChange(change))
            if isKept { self.changeUncovered(channelAt: channel) { $0.keepForCatchUp(stateChange: frame) } }
            changes.append(.frame(frame, Addressing(channel: channelName, only: [], except: [])))
        }
    }
}

extension UserState {
    /// Takes a content into the chain that stands for the values in the state digest.
    fileprivate mutating func chain(_ content: Content, from position: SequenceNumber) {
        var input = DigestInput()
        input.begin(.contents)
        input.add(self.stateChain)
        input.add(position)
        input.add(content.commit)
        self.stateChain = input.digest()
    }

    /// Those of the changed keys that are public, as an array of `{"key":…,"value":…}`.
    fileprivate func publicPairs(of keys: [[UInt8]]) -> RawJSON {
        let isPublic = Set(self.publicKeys)
        var writer = JSONWriter()
        writer.beginArray()
        for key in keys where isPublic.contains(key) {
            guard let value = self.values[key] else { continue }
            writer.beginObject()
            writer.key("key")
            writer.string(utf8: key)
            writer.key("value")
            writer.value(value)
            writer.endObject()
        }
        writer.endArray()
        return RawJSON(trusted: writer.bytes)
    }
}

/// The values in the content of an event about a user; none where it is erased or has another shape.
private struct StateContent {
    /// Only for a user who was not known.
    private(set) var fresh: OrderedDictionary<[UInt8], RawJSON> = [:]
    private(set) var state: OrderedDictionary<[UInt8], RawJSON> = [:]

    /// Of `user.connected`: an object with `fresh_user_state` and `user_state`.
    init(connected content: Content) {
        guard let members = content.plain?.json.members() else { return }
        self.fresh = members[Array("fresh_user_state".utf8)]?.members() ?? [:]
        self.state = members[Array("user_state".utf8)]?.members() ?? [:]
    }

    /// Of `user.state_changed`: the object of values itself.
    init(changed content: Content) {
        self.state = content.plain?.json.members() ?? [:]
    }
}
