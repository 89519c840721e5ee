import LogValues
import Projections
import RawJSON

/// Turns a command into the events that it stands for: draws ids and salts, and checks it against the state.
///
/// The check only spares the log what makes no sense; what counts is the outcome when the events are applied.
struct CommandPlanner: Sendable {
    enum Plan: Sendable {
        case reply(Reply)
        case propose([Event.Payload], Answer)
        /// Proposals of their own, the last of which is answered.
        case proposeInPieces([[Event.Payload]], Answer)
        /// The hub makes its event when the digest is known.
        case checkpoint
    }

    /// Messages of a bulk that are committed together: below a block of the log, and few enough to let others in between.
    static let pieceCount = 250

    private var entropy: EntropyPool

    init(entropy: EntropyPool) {
        self.entropy = entropy
    }

    /// Plans a command in a state, which is asked for only where it counts: messages do without, and handing it over
    /// costs a dozen retains.
    mutating func plan(_ command: Command, state: @autoclosure () -> HubState) -> Plan {
        switch command {
        case .connect(let connect):
            self.plan(connect, state: state())
        case .subscribe(let subscription):
            self.planSubscribe(subscription, state: state())
        case .unsubscribe(let subscription):
            self.planUnsubscribe(subscription, state: state())
        case .setUserState(let change):
            self.plan(change, state: state())
        case .postMessages(let messages):
            self.plan(messages)
        case .postInBulk(let messages):
            self.planBulk(messages)
        case .editMessages(let messages):
            self.list(messages.map { self.payload(for: $0) }, .edited)
        case .deleteMessages(let messages):
            self.list(messages.map { .messageDeleted($0) }, .deleted)
        case .configureChannels(let seeds):
            self.plan(seeds)
        case .erase(let order):
            .propose(order.payloads, .erased)
        case .disconnect(let connection):
            self.planClose(connection, reason: .disconnect, state: state())
        case .attach(let connection, let transport, let ticket):
            Self.plan(
                attachment: ConnectionAttached(connection: connection, transport: transport),
                ticket,
                state: state()
            )
        case .recordDrop(let dropped):
            .propose([.logDropped(dropped)], .nobody)
        case .checkpoint:
            .checkpoint
        }
    }

    /// Ends a connection that the hub found to be over.
    mutating func close(_ connection: ConnectionID, reason: ConnectionClosed.Reason) -> Event.Payload {
        .connectionClosed(ConnectionClosed(seed: self.entropy.uuid(), connection: connection, reason: reason))
    }

    private mutating func plan(_ connect: Command.Connect, state: borrowing HubState) -> Plan {
        let connection = connect.connection ?? self.entropy.uuid()
        if let known = state.connection(connection), known.user != connect.user {
            return .reply(.invalid(.connectionOfAnotherUser))
        }
        var content = JSONWriter()
        content.beginObject()
        if let fresh = connect.freshState, fresh != .emptyObject {
            content.key("fresh_user_state")
            content.value(fresh)
        }
        if let merged = connect.state, merged != .emptyObject {
            content.key("user_state")
            content.value(merged)
        }
        content.endObject()
        let event = UserConnected(
            seed: self.entropy.uuid(),
            connection: connection,
            user: connect.user,
            channels: Self.seeds(connect.channels, settings: connect.channelSettings),
            publicKeys: connect.publicKeys,
            content: self.content(RawJSON(trusted: content.bytes))
        )
        return .propose([.userConnected(event)], .connected(connection, connect.info))
    }

    private mutating func planSubscribe(_ subscription: Command.Subscription, state: borrowing HubState) -> Plan {
        guard state.connection(subscription.connection) != nil else {
            return .reply(.invalid(.unknownConnection))
        }
        let event = ConnectionSubscribed(
            seed: self.entropy.uuid(),
            connection: subscription.connection,
            channels: Self.seeds(subscription.channels, settings: subscription.channelSettings)
        )
        return .propose([.connectionSubscribed(event)], .subscribed(subscription.connection, subscription.info))
    }

    private mutating func planUnsubscribe(_ subscription: Command.Subscription, state: borrowing HubState) -> Plan {
        guard state.connection(subscription.connection) != nil else {
            return .reply(.invalid(.unknownConnection))
        }
        let event = ConnectionUnsubscribed(
            seed: self.entropy.uuid(),
            connection: subscription.connection,
            channels: Set(subscription.channels).sorted()
        )
        return .propose([.connectionUnsubscribed(event)], .unsubscribed(subscription.connection, subscription.info))
    }

    private mutating func plan(_ change: Command.SetUserState, state: borrowing HubState) -> Plan {
        guard state.user(change.user) != nil else { return .reply(.invalid(.unknownUser)) }
        let event = UserStateChanged(
            seed: self.entropy.uuid(),
            user: change.user,
            publicKeys: change.publicKeys,
            content: change.state.flatMap { self.content($0) }
        )
        return .propose([.userStateChanged(event)], .userState(change.user))
    }

    private mutating func plan(_ seeds: [ChannelSeed]) -> Plan {
        guard !seeds.isEmpty else { return .reply(.json(Array(#"{"channels":{},"users":[]}"#.utf8))) }
        let payloads = seeds.map { seed in
            Event.Payload.channelConfigured(
                ChannelConfigured(seed: self.entropy.uuid(), channel: seed.name, settings: seed.settings)
            )
        }
        return .propose(payloads, .configured(seeds.map(\.name)))
    }

    private mutating func planClose(
        _ connection: ConnectionID,
        reason: ConnectionClosed.Reason,
        state: borrowing HubState
    ) -> Plan {
        guard state.connection(connection) != nil else { return .reply(.json(Array("false".utf8))) }
        return .propose([self.close(connection, reason: reason)], .disconnected)
    }

    private static func plan(
        attachment: ConnectionAttached,
        _ ticket: AttachmentTicket,
        state: borrowing HubState
    ) -> Plan {
        guard state.connection(attachment.connection) != nil else { return .reply(.refused) }
        return .propose([.connectionAttached(attachment)], .attached(attachment.connection, ticket))
    }

    private mutating func plan(_ messages: [Command.PostMessage]) -> Plan {
        var payloads: [Event.Payload] = []
        payloads.reserveCapacity(messages.count)
        var namingType: Set<Int> = []
        for message in messages {
            guard let payload = self.payload(for: message) else { continue }
            if message.namesType { namingType.insert(payloads.count) }
            payloads.append(payload)
        }
        return self.list(payloads, .posted(namingType: namingType))
    }

    private mutating func planBulk(_ messages: [Command.PostMessage]) -> Plan {
        var pieces: [[Event.Payload]] = []
        var piece: [Event.Payload] = []
        var bulk = Answer.Bulk()
        for message in messages {
            guard let payload = self.payload(for: message), case .messagePosted(let posted) = payload else { continue }
            bulk.add(posted.uuid)
            piece.append(payload)
            if piece.count == Self.pieceCount { pieces.append(exchange(&piece, with: [])) }
        }
        if !piece.isEmpty { pieces.append(piece) }
        return pieces.isEmpty ? .reply(bulk.reply) : .proposeInPieces(pieces, .postedInBulk(bulk))
    }

    /// Makes the event; none for a message to nobody, neither a channel nor users.
    private mutating func payload(for message: Command.PostMessage) -> Event.Payload? {
        guard !message.addressing.isToNobody else { return nil }
        return .messagePosted(
            MessagePosted(
                uuid: message.uuid ?? self.entropy.uuid(),
                user: message.user,
                addressing: message.addressing,
                keepsOutOfHistory: message.keepsOutOfHistory,
                timestamp: message.timestamp,
                content: message.content.flatMap { self.content($0) }
            )
        )
    }

    private mutating func payload(for edit: Command.EditMessage) -> Event.Payload {
        .messageEdited(
            MessageEdited(
                uuid: edit.uuid,
                addressing: edit.addressing,
                keepsOutOfHistory: edit.keepsOutOfHistory,
                user: edit.user,
                timestamp: edit.timestamp,
                edited: edit.edited,
                content: edit.content.flatMap { self.content($0) }
            )
        )
    }

    private func list(_ payloads: [Event.Payload], _ answer: Answer) -> Plan {
        payloads.isEmpty ? .reply(.json(Array("[]".utf8))) : .propose(payloads, answer)
    }

    /// Salts what people wrote; an empty object has nothing to salt or to erase, and becomes nil.
    private mutating func content(_ json: RawJSON) -> Content? {
        json == .emptyObject ? nil : Content(salt: self.entropy.salt(), json: json)
    }

    private static func seeds(_ channels: [ChannelName], settings: [ChannelName: ChannelSettings]) -> [ChannelSeed] {
        Set(channels).sorted().map { ChannelSeed(name: $0, settings: settings[$0] ?? ChannelSettings()) }
    }
}
