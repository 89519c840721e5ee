import LogValues
package import Projections
import RawJSON

/// Any sequence of well-formed events, sensible or not, from a seed.
///
/// Names and identities come from small pools, so that events meet each other: most concern users, connections and
/// messages that were there before, some concern none, and some come at the wrong time (a detach without a listener, a
/// connection of another user, an edit in another channel).
package struct EventGenerator: Sendable {
    package var random: SeededGenerator
    private var time = Timestamp(microseconds: 1_795_475_411_000_000)

    private let users: [UserName]
    private let channels: [ChannelName]
    private let connections: [ConnectionID]
    private let messages: [UUID128]
    private let nodes: [NodeName]
    private let keys: [[UInt8]]
    private var count: UInt64 = 0

    /// - Parameters:
    ///   - seed: What everything depends on.
    ///   - poolSize: How many users, channels, connections and messages there are to meet.
    package init(seed: UInt64, poolSize: Int = 6) {
        var random = SeededGenerator(seed: seed)
        func uuids(_ count: Int) -> [UUID128] {
            (0..<count).map { _ in UUID128(random: random.next(), random.next()) }
        }
        self.connections = uuids(poolSize * 2)
        self.messages = uuids(poolSize * 3)
        self.users = (0..<poolSize).map { UserName(Self.oddities[$0 % Self.oddities.count] + "user\($0)") }
        self.channels = (0..<poolSize).map { ChannelName(Self.oddities[$0 % Self.oddities.count] + "room\($0)") }
        self.nodes = [NodeName("node-a"), NodeName("node-b")]
        self.keys = ["mood", "color", "\"quoted\"", "\u{e9}", "e\u{301}"].map { Array($0.utf8) }
        self.random = random
    }

    /// Names that need escapes, and names that only differ by normalisation.
    private static let oddities = ["", "\u{e9}", "e\u{301}", "\"\\", "\n\u{1}", "\u{1F422}"]

    /// The next event; time mostly goes on, and now and then steps back.
    package mutating func next() -> Event {
        self.count += 1
        let step = self.random.chance(95) ? Int64.random(in: 0...2_000_000, using: &self.random) : -1_500_000
        self.time = Timestamp(microseconds: self.time.microseconds + step)
        return Event(time: self.time, source: self.random.pick(self.nodes), payload: self.payload())
    }

    /// Many events.
    package mutating func events(_ count: Int) -> [Event] {
        (0..<count).map { _ in self.next() }
    }
}

// MARK: - Payloads

extension EventGenerator {
    private mutating func payload() -> Event.Payload {
        switch Int.random(in: 0..<100, using: &self.random) {
        case 0..<30: .messagePosted(self.message())
        case 30..<37: .messageEdited(self.edit())
        case 37..<42: .messageDeleted(self.deletion())
        case 42..<54: .userConnected(self.connect())
        case 54..<60:
            .connectionSubscribed(
                ConnectionSubscribed(
                    seed: self.uuid(),
                    connection: self.random.pick(self.connections),
                    channels: self.seeds()
                )
            )
        case 60..<65:
            .connectionUnsubscribed(
                ConnectionUnsubscribed(
                    seed: self.uuid(),
                    connection: self.random.pick(self.connections),
                    channels: self.random.picks(self.channels, upTo: 3)
                )
            )
        case 65..<70:
            .connectionAttached(
                ConnectionAttached(
                    connection: self.random.pick(self.connections),
                    transport: self.random.pick([.webSocket, .longPoll])
                )
            )
        case 70..<74:
            .connectionDetached(
                ConnectionDetached(
                    connection: self.random.pick(self.connections),
                    position: SequenceNumber(UInt64.random(in: 0...(self.count + 3), using: &self.random))
                )
            )
        case 74..<79:
            .connectionClosed(
                ConnectionClosed(
                    seed: self.uuid(),
                    connection: self.random.pick(self.connections),
                    reason: self.random.pick([.disconnect, .expired, .crash, .nodeLost])
                )
            )
        case 79..<86: .userStateChanged(self.stateChange())
        case 86..<91:
            .channelConfigured(
                ChannelConfigured(
                    seed: self.uuid(),
                    channel: self.random.pick(self.channels),
                    settings: self.settings()
                )
            )
        default: self.rarePayload()
        }
    }

    private mutating func rarePayload() -> Event.Payload {
        switch Int.random(in: 0..<8, using: &self.random) {
        case 0:
            .nodeStarted(
                NodeStarted(
                    epoch: UInt64.random(in: 1...9, using: &self.random),
                    version: "1.0",
                    afterCrash: self.random.chance(50),
                    listenersHadSeen: SequenceNumber(UInt64.random(in: 0...50, using: &self.random))
                )
            )
        case 1: .nodeStopped(NodeStopped(epoch: UInt64.random(in: 1...9, using: &self.random)))
        case 2: .userForgotten(UserForgotten(user: self.random.pick(self.users)))
        case 3: .channelForgotten(ChannelForgotten(channel: self.random.pick(self.channels)))
        case 4, 5:
            .contentErased(
                ContentErased(
                    lines: (0..<3).map { _ in SequenceNumber(UInt64.random(in: 0...self.count, using: &self.random)) },
                    orderedBy: "admin",
                    reason: "a \"request\""
                )
            )
        case 6:
            .logCheckpointed(
                LogCheckpointed(
                    size: self.count,
                    root: self.digest(),
                    stateDigest: self.digest(),
                    note: self.random.chance(50) ? "node\n1\n" : nil
                )
            )
        default: .unknown(type: Array("poll.opened".utf8))
        }
    }

    private mutating func message() -> MessagePosted {
        MessagePosted(
            uuid: self.messageID(),
            user: self.random.pick(self.users),
            addressing: self.addressing(),
            keepsOutOfHistory: self.random.chance(10),
            timestamp: self.random.chance(20) ? Array("2020-01-02T03:04:05+02:00".utf8) : nil,
            content: self.messageContent()
        )
    }

    private mutating func edit() -> MessageEdited {
        MessageEdited(
            uuid: self.messageID(),
            addressing: self.addressing(),
            keepsOutOfHistory: self.random.chance(10),
            user: self.random.chance(20) ? self.random.pick(self.users) : nil,
            timestamp: self.random.chance(20) ? Array("2019-05-06T07:08:09".utf8) : nil,
            edited: self.random.chance(20) ? Array("2019-06-07T08:09:10".utf8) : nil,
            content: self.messageContent()
        )
    }

    private mutating func deletion() -> MessageDeleted {
        MessageDeleted(
            uuid: self.messageID(),
            addressing: self.addressing(),
            keepsOutOfHistory: self.random.chance(10)
        )
    }

    private mutating func connect() -> UserConnected {
        let content: RawJSON? =
            self.random.chance(70)
            ? self.object { generator, writer in
                if generator.random.chance(60) {
                    writer.key("fresh_user_state")
                    writer.value(generator.state())
                }
                if generator.random.chance(60) {
                    writer.key("user_state")
                    writer.value(generator.state())
                }
            } : nil
        // Mostly the connection's own user: the pools are paired, so that few connects are rejected.
        let index = Int.random(in: self.connections.indices, using: &self.random)
        let user = self.random.chance(90) ? self.users[index % self.users.count] : self.random.pick(self.users)
        return UserConnected(
            seed: self.uuid(),
            connection: self.connections[index],
            user: user,
            channels: self.seeds(),
            publicKeys: self.random.picks(self.keys, upTo: 3),
            content: content.map { self.content($0) }
        )
    }

    private mutating func stateChange() -> UserStateChanged {
        let content = self.random.chance(85) ? self.content(self.state()) : nil
        return UserStateChanged(
            seed: self.uuid(),
            user: self.random.pick(self.users),
            publicKeys: self.random.chance(40) ? self.random.picks(self.keys, upTo: 3) : nil,
            content: content
        )
    }
}

// MARK: - Parts

extension EventGenerator {
    private mutating func uuid() -> UUID128 {
        UUID128(random: self.random.next(), self.random.next())
    }

    private mutating func digest() -> Hash256 {
        Hash256(words: (self.random.next(), self.random.next(), self.random.next(), self.random.next()))
    }

    private mutating func messageID() -> UUID128 {
        self.random.chance(90) ? self.random.pick(self.messages) : self.uuid()
    }

    private mutating func addressing() -> Addressing {
        let isPrivate = self.random.chance(25)
        return Addressing(
            channel: isPrivate ? nil : self.random.pick(self.channels),
            only: isPrivate || self.random.chance(15) ? self.random.picks(self.users, upTo: 3) : [],
            except: self.random.chance(15) ? self.random.picks(self.users, upTo: 2) : []
        )
    }

    private mutating func seeds() -> [ChannelSeed] {
        self.random.picks(self.channels, upTo: 3).map { ChannelSeed(name: $0, settings: self.settings()) }
    }

    private mutating func settings() -> ChannelSettings {
        var settings = ChannelSettings()
        settings.notifyPresence = self.random.chance(60)
        settings.broadcastsUserLists = self.random.chance(40)
        settings.notifyState = self.random.chance(60)
        settings.storesHistory = self.random.chance(70)
        settings.historySize = self.random.pick([0, 1, 3, 10, 20])
        settings.storesFrames = self.random.chance(80)
        return settings
    }

    /// Mostly a `message`, sometimes extra keys, sometimes nothing.
    private mutating func messageContent() -> Content? {
        guard self.random.chance(90) else { return nil }
        let json = self.object { generator, writer in
            if generator.random.chance(85) {
                writer.key("message")
                writer.beginObject()
                writer.key("text")
                writer.string("\u{17c}\u{f3}\u{142}w \(generator.random.next()) \"\n")
                writer.endObject()
            }
            if generator.random.chance(20) {
                writer.key("priority")
                writer.integer(generator.random.next() % 10)
            }
        }
        return self.content(json)
    }

    /// An object of scalars; now and then with a value that is none.
    private mutating func state() -> RawJSON {
        guard self.random.chance(95) else { return RawJSON(trusted: Array("{\"mood\":[1,{\"a\":null}]}".utf8)) }
        return self.object { generator, writer in
            for key in generator.random.picks(generator.keys, upTo: 3) {
                writer.key(utf8: key)
                switch Int.random(in: 0..<4, using: &generator.random) {
                case 0: writer.null()
                case 1: writer.bool(generator.random.chance(50))
                case 2: writer.integer(Int.random(in: 0...3, using: &generator.random))
                default: writer.string("v\(Int.random(in: 0...3, using: &generator.random))")
                }
            }
        }
    }

    private mutating func object(_ body: (inout EventGenerator, inout JSONWriter) -> Void) -> RawJSON {
        var writer = JSONWriter()
        writer.beginObject()
        body(&self, &writer)
        writer.endObject()
        return RawJSON(trusted: writer.bytes)
    }

    private mutating func content(_ json: RawJSON) -> Content {
        Content(salt: Salt(high: self.random.next(), low: self.random.next()), json: json)
    }
}
