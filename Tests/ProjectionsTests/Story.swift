import LogValues
import Projections
import RawJSON

/// A state and short words for what happens to it: events a second apart, identities made from labels.
struct Story {
    var state = HubState()
    /// Of all events so far, in order.
    var changes: [Change] = []
    private(set) var lastOutcome = Outcome.applied

    static let start = Timestamp(microseconds: 1_795_475_411_000_000)
    static let node = NodeName("node-a")

    /// Applies one event.
    @discardableResult
    mutating func happens(_ payload: Event.Payload, on node: NodeName = node) -> Outcome {
        let event = Event(time: self.nextTime, source: node, payload: payload)
        self.lastOutcome = self.state.apply(event, at: self.nextPosition, into: &self.changes)
        return self.lastOutcome
    }

    var nextPosition: SequenceNumber { SequenceNumber(self.state.position.rawValue + 1) }

    /// Of the next event.
    var nextTime: Timestamp {
        Timestamp(microseconds: Self.start.microseconds + Int64(self.nextPosition.rawValue) * 1_000_000)
    }

    /// Of the last event.
    var now: Timestamp {
        Timestamp(microseconds: Self.start.microseconds + Int64(self.state.position.rawValue) * 1_000_000)
    }
}

// MARK: - What happens

extension Story {
    @discardableResult
    mutating func connect(
        _ user: String,
        as connection: String? = nil,
        to channels: [String] = [],
        fresh: String? = nil,
        state: String? = nil,
        publicKeys: [String] = []
    ) -> Outcome {
        let members = [("fresh_user_state", fresh), ("user_state", state)]
            .compactMap { name, value in value.map { "\"\(name)\":\($0)" } }
        return self.happens(
            .userConnected(
                UserConnected(
                    seed: id("seed \(self.nextPosition)"),
                    connection: id(connection ?? user),
                    user: UserName(user),
                    channels: channels.map { ChannelSeed(name: ChannelName($0), settings: ChannelSettings()) },
                    publicKeys: publicKeys.map { Array($0.utf8) },
                    content: members.isEmpty ? nil : content("{\(members.joined(separator: ","))}")
                )
            )
        )
    }

    @discardableResult
    mutating func subscribe(_ connection: String, to channels: String...) -> Outcome {
        let seeds = channels.map { ChannelSeed(name: ChannelName($0), settings: ChannelSettings()) }
        return self.happens(
            .connectionSubscribed(
                ConnectionSubscribed(seed: id("seed \(self.nextPosition)"), connection: id(connection), channels: seeds)
            )
        )
    }

    @discardableResult
    mutating func unsubscribe(_ connection: String, from channels: String...) -> Outcome {
        self.happens(
            .connectionUnsubscribed(
                ConnectionUnsubscribed(
                    seed: id("seed \(self.nextPosition)"),
                    connection: id(connection),
                    channels: channels.map { ChannelName($0) }
                )
            )
        )
    }

    /// What the listener gets first.
    @discardableResult
    mutating func attach(_ connection: String, on node: NodeName = node) -> [Frame] {
        self.happens(
            .connectionAttached(ConnectionAttached(connection: id(connection), transport: .webSocket)),
            on: node
        )
        guard case .attached(_, _, _, let missed) = self.changes.last else { return [] }
        return missed.frames
    }

    @discardableResult
    mutating func detach(_ connection: String, at position: SequenceNumber, on node: NodeName = node) -> Outcome {
        self.happens(
            .connectionDetached(ConnectionDetached(connection: id(connection), position: position)),
            on: node
        )
    }

    @discardableResult
    mutating func close(_ connection: String) -> Outcome {
        self.happens(
            .connectionClosed(
                ConnectionClosed(
                    seed: id("seed \(self.nextPosition)"),
                    connection: id(connection),
                    reason: .disconnect
                )
            )
        )
    }

    @discardableResult
    mutating func configure(_ channel: String, _ change: (inout ChannelSettings) -> Void = { _ in }) -> Outcome {
        var settings = ChannelSettings()
        change(&settings)
        return self.happens(
            .channelConfigured(
                ChannelConfigured(
                    seed: id("seed \(self.nextPosition)"),
                    channel: ChannelName(channel),
                    settings: settings
                )
            )
        )
    }

    @discardableResult
    mutating func say(
        _ text: String,
        in channel: String? = nil,
        only: [String] = [],
        except: [String] = [],
        outOfHistory: Bool = false
    ) -> Outcome {
        self.happens(
            .messagePosted(
                MessagePosted(
                    uuid: id(text),
                    user: UserName("speaker"),
                    addressing: addressing(channel, only, except),
                    keepsOutOfHistory: outOfHistory,
                    timestamp: nil,
                    content: content("{\"message\":{\"text\":\"\(text)\"}}")
                )
            )
        )
    }

    /// Edits the message that was posted with this text; without a new text, it gives no `message`.
    @discardableResult
    mutating func edit(
        _ text: String,
        to newText: String? = nil,
        in channel: String? = nil,
        only: [String] = [],
        user: String? = nil,
        timestamp: String? = nil,
        edited: String? = nil,
        extra: String? = nil
    ) -> Outcome {
        let members = [newText.map { "\"message\":{\"text\":\"\($0)\"}" }, extra].compactMap { $0 }
        return self.happens(
            .messageEdited(
                MessageEdited(
                    uuid: id(text),
                    addressing: addressing(channel, only, []),
                    keepsOutOfHistory: false,
                    user: user.map { UserName($0) },
                    timestamp: timestamp.map { Array($0.utf8) },
                    edited: edited.map { Array($0.utf8) },
                    content: members.isEmpty ? nil : content("{\(members.joined(separator: ","))}")
                )
            )
        )
    }

    @discardableResult
    mutating func delete(_ text: String, in channel: String? = nil, only: [String] = []) -> Outcome {
        self.happens(
            .messageDeleted(
                MessageDeleted(
                    uuid: id(text),
                    addressing: addressing(channel, only, []),
                    keepsOutOfHistory: false
                )
            )
        )
    }

    @discardableResult
    mutating func setState(of user: String, _ state: String? = nil, publicKeys: [String]? = nil) -> Outcome {
        self.happens(
            .userStateChanged(
                UserStateChanged(
                    seed: id("seed \(self.nextPosition)"),
                    user: UserName(user),
                    publicKeys: publicKeys?.map { Array($0.utf8) },
                    content: state.map { content($0) }
                )
            )
        )
    }

    @discardableResult
    mutating func erase(_ lines: SequenceNumber...) -> Outcome {
        self.happens(.contentErased(ContentErased(lines: lines, orderedBy: "admin", reason: "asked for")))
    }
}

// MARK: - What is seen

extension Story {
    func channel(_ name: String) -> ChannelState? { self.state.channel(ChannelName(name)) }
    func user(_ name: String) -> UserState? { self.state.user(UserName(name)) }
    func connection(_ label: String) -> ConnectionState? { self.state.connection(id(label)) }

    func historyTexts(_ channel: String) -> [String] {
        self.channel(channel)?.history.map(\.text) ?? []
    }

    /// What a listener of this connection would get first, all of it.
    func catchUp(_ connection: String) -> [Frame] {
        self.missed(by: connection, size: .max)?.frames ?? []
    }

    /// A part of what the listeners of this connection have missed; nil for an unknown connection.
    func missed(by connection: String, after: SequenceNumber? = nil, through end: SequenceNumber? = nil, size: Int)
        -> MissedPart?
    {
        guard let connection = self.connection(connection) else { return nil }
        return self.state.missedPart(
            by: connection.user,
            in: connection.channels,
            after: after ?? connection.position,
            through: end ?? self.state.position,
            size: size
        )
    }

    /// The frames that were announced, in order.
    var frames: [Frame] {
        self.changes.compactMap { change in
            if case .frame(let frame, _) = change { frame } else { nil }
        }
    }

    /// The frames that a listener of this user would have been shown in a channel.
    func frames(for user: String) -> [Frame] {
        self.frames.filter { $0.isVisible(to: UserName(user)) }
    }

    mutating func forgetChanges() { self.changes = [] }
}

extension Frame {
    /// What a test looks at: kind, and the text or name that tells it from others.
    var summary: String {
        switch self.kind {
        case .message(let message): message.text
        case .edit(let edit, _): "edit: \(edit.content?.text ?? "-")"
        case .deletion: "deletion"
        case .presence(let presence): "\(presence.user) \(presence.action) \(presence.channel)"
        case .stateChange(let change): "\(change.user) \(change.state) \(change.changed)"
        }
    }

    var presence: Presence? {
        if case .presence(let presence) = self.kind { presence } else { nil }
    }
}

extension Message {
    /// The text of its body as it stands; `-` where there is none or it was erased.
    var text: String {
        (self.editedContent ?? self.content)?.text ?? "-"
    }
}

extension Content {
    /// The text between the last quotes, which is where `Story` puts it.
    var text: String? {
        self.plain.map { plain in
            String(
                plain.json.description.split(separator: "\"", omittingEmptySubsequences: false).dropLast().last ?? ""
            )
        }
    }
}

/// The identity that stands for a label.
func id(_ label: String) -> UUID128 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in label.utf8 {
        hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }
    return UUID128(random: hash, hash &* 0x9E37_79B9_7F4A_7C15)
}

func content(_ json: String) -> Content {
    Content(salt: Salt(high: 1, low: 2), json: RawJSON(trusted: Array(json.utf8)))
}

private func addressing(_ channel: String?, _ only: [String], _ except: [String]) -> Addressing {
    Addressing(
        channel: channel.map { ChannelName($0) },
        only: only.map { UserName($0) },
        except: except.map { UserName($0) }
    )
}
