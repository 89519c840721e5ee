import LogValues
import Projections
import RawJSON

/// How the outcome of a proposal becomes the reply to its command.
enum Answer: Sendable {
    case connected(ConnectionID, InfoOptions)
    case subscribed(ConnectionID, InfoOptions)
    case unsubscribed(ConnectionID, InfoOptions)
    case userState(UserName)
    /// With the numbers of the messages whose caller gave a `type`.
    case posted(namingType: Set<Int>)
    case postedInBulk(Bulk)
    case edited
    case deleted
    case configured([ChannelName])
    case erased
    case disconnected
    case attached(ConnectionID, AttachmentTicket)
    /// The hub's own events: nobody waits.
    case nobody

    /// Many messages, of which only so much is told.
    struct Bulk: Sendable {
        private var count = 0
        private var first: UUID128?
        private var last: UUID128?

        mutating func add(_ uuid: UUID128) {
            self.count += 1
            if self.first == nil { self.first = uuid }
            self.last = uuid
        }

        /// The reply, `{"accepted":2,"first":"…","last":"…"}`.
        var reply: Reply {
            var writer = JSONWriter(capacity: 128)
            writer.beginObject()
            writer.key("accepted")
            writer.integer(self.count)
            for (key, uuid) in [("first", self.first), ("last", self.last)] as [(StaticString, UUID128?)] {
                writer.key(key)
                if let uuid { writer.uuid(uuid) } else { writer.null() }
            }
            writer.endObject()
            return .json(writer.bytes)
        }
    }

    /// Writes the reply.
    ///
    /// - Parameters:
    ///   - events: The proposal's.
    ///   - outcomes: One for each event.
    ///   - state: After the last of them; asked for only where it counts.
    /// - Returns: What the caller is told.
    func reply(events: [Event], outcomes: [Outcome], state: @autoclosure () -> HubState) -> Reply {
        if case .rejected(let rejection) = outcomes[0] {
            return self.reply(to: rejection)
        }
        var writer = JSONWriter(capacity: 512)
        switch self {
        case .connected(let connection, let options):
            ConnectReplyWriter.write(state(), connection: connection, options: options, into: &writer)
        case .subscribed(let connection, let options):
            SubscriptionReplyWriter.writeSubscribed(
                state(),
                connection: connection,
                changed: outcomes[0].changedChannels,
                options: options,
                into: &writer
            )
        case .unsubscribed(let connection, let options):
            SubscriptionReplyWriter.writeUnsubscribed(
                state(),
                connection: connection,
                changed: outcomes[0].changedChannels,
                options: options,
                into: &writer
            )
        case .userState(let user):
            UserStateReplyWriter.write(state(), user: user, changed: outcomes[0].changedKeys, into: &writer)
        case .posted(let namingType):
            AcceptedMessageWriter.write(events, namingType: namingType, into: &writer)
        case .postedInBulk(let bulk):
            return bulk.reply
        case .edited, .deleted:
            AcceptedMessageWriter.write(events, into: &writer)
        case .configured(let channels):
            var options = InfoOptions()
            options.includesHistory = false
            options.includesUsers = false
            ChannelsInfoWriter.write(state(), channels: channels, options: options, into: &writer)
        case .disconnected, .erased:
            writer.bool(true)
        case .attached:
            return .attached
        case .nobody:
            return .json([])
        }
        return .json(writer.bytes)
    }

    /// The state moved between the check and the commit.
    private func reply(to rejection: Outcome.Rejection) -> Reply {
        switch self {
        case .attached: .refused
        case .disconnected: .json(Array("false".utf8))
        case .connected, .subscribed, .unsubscribed, .userState, .posted, .postedInBulk, .edited, .deleted, .configured,
            .erased,
            .nobody:
            .invalid(StateFault(rejection))
        }
    }
}

extension Outcome {
    fileprivate var changedChannels: [ChannelName] {
        if case .channelsChanged(let channels) = self { channels } else { [] }
    }

    fileprivate var changedKeys: [[UInt8]] {
        if case .stateChanged(let keys) = self { keys } else { [] }
    }
}
