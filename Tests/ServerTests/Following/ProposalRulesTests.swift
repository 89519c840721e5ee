import LogValues
import Projections
import RawJSON
import Testing

@testable import Following

@Suite("What another node may have in the log")
struct ProposalRulesTests {
    private static let id = UUID128(random: 1, 2)

    /// An event with a payload that no endpoint would make.
    struct Forbidden: Sendable, CustomTestStringConvertible {
        let name: String
        let payload: Event.Payload

        var testDescription: String { self.name }
    }

    private static func event(_ payload: Event.Payload) -> Event {
        Event(time: Timestamp(microseconds: 5), source: NodeName("two"), payload: payload)
    }

    private static func content(_ text: String) -> Content {
        Content(salt: Salt(high: 1, low: 2), json: RawJSON(trusted: Array(text.utf8)))
    }

    private static func post(
        _ content: String = #"{"message":{}}"#,
        user: String = "ada",
        channel: String = "lobby",
        only: [String] = [],
        timestamp: String? = nil
    ) -> Event.Payload {
        .messagePosted(
            MessagePosted(
                uuid: Self.id,
                user: UserName(user),
                addressing: Addressing(channel: ChannelName(channel), only: only.map { UserName($0) }, except: []),
                keepsOutOfHistory: false,
                timestamp: timestamp.map { Array($0.utf8) },
                content: Self.content(content)
            )
        )
    }

    private static func connected(_ content: String?, channels: [String] = [], keys: [String] = []) -> Event.Payload {
        .userConnected(
            UserConnected(
                seed: Self.id,
                connection: Self.id,
                user: UserName("ada"),
                channels: channels.map { ChannelSeed(name: ChannelName($0), settings: ChannelSettings()) },
                publicKeys: keys.map { Array($0.utf8) },
                content: content.map { Self.content($0) }
            )
        )
    }

    private static func closed(_ reason: ConnectionClosed.Reason) -> Event.Payload {
        .connectionClosed(ConnectionClosed(seed: Self.id, connection: Self.id, reason: reason))
    }

    private static let root = Hash256(words: (1, 2, 3, 4))

    /// The business of the node that decides.
    static let others: [Forbidden] = [
        Forbidden(
            name: "a checkpoint",
            payload: .logCheckpointed(LogCheckpointed(size: 1, root: root, stateDigest: root, note: nil))
        ),
        Forbidden(
            name: "an erasure",
            payload: .contentErased(ContentErased(lines: [SequenceNumber(1)], orderedBy: "me", reason: "so"))
        ),
        Forbidden(name: "a user forgotten", payload: .userForgotten(UserForgotten(user: UserName("ada")))),
        Forbidden(name: "a channel forgotten", payload: .channelForgotten(ChannelForgotten(channel: ChannelName("c")))),
        Forbidden(name: "a type of another release", payload: .unknown(type: Array("log.dropped\u{1b}[2J".utf8))),
    ]

    @Test("what only the node that decides may say is refused", arguments: Self.others)
    func refusesTypes(_ forbidden: Forbidden) throws {
        let refusal = #expect(throws: ProposalRules.Refusal.self) {
            try ProposalRules.check(Self.event(forbidden.payload), epoch: 1, isFirst: false)
        }
        let text = try #require(refusal).description
        #expect(text.hasPrefix("a node may not propose ") && !text.contains("\u{1b}"))
    }

    static let malformed: [Forbidden] = [
        Forbidden(
            name: "node.started in the middle of an epoch",
            payload: .nodeStarted(NodeStarted(epoch: 2, version: "1", afterCrash: false))
        ),
        Forbidden(name: "the end of another epoch", payload: .nodeStopped(NodeStopped(epoch: 3))),
        Forbidden(name: "an expiry", payload: closed(.expired)),
        Forbidden(
            name: "a position that readers of JSON would round",
            payload: .connectionDetached(ConnectionDetached(connection: id, position: SequenceNumber(1 << 53 + 1)))
        ),
        Forbidden(name: "a node lost", payload: closed(.nodeLost)),
        Forbidden(name: "a crash", payload: closed(.crash)),
        Forbidden(name: "a user without a name", payload: post(user: "")),
        Forbidden(name: "a user's name too long", payload: post(user: String(repeating: "ü", count: 513))),
        Forbidden(name: "a channel's name too long", payload: post(channel: String(repeating: "c", count: 257))),
        Forbidden(name: "a recipient without a name", payload: post(only: ["bob", ""])),
        Forbidden(name: "a moment that is none", payload: post(timestamp: "yesterday\n")),
        Forbidden(name: "a moment in another form", payload: post(timestamp: "2026-1-1T0:00")),
        Forbidden(name: "a message that is no object", payload: post(#"{"message":"text"}"#)),
        Forbidden(name: "a content that is no object", payload: post("[]")),
        Forbidden(
            name: "a content too deep",
            payload: post(#"{"x":"# + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}")
        ),
        Forbidden(name: "a state of lists", payload: connected(#"{"user_state":{"a":[]}}"#)),
        Forbidden(name: "a state by another name", payload: connected(#"{"state":{"a":1}}"#)),
        Forbidden(name: "channels out of order", payload: connected(nil, channels: ["b", "a"])),
        Forbidden(name: "a channel twice", payload: connected(nil, channels: ["a", "a"])),
        Forbidden(name: "an empty public key", payload: connected(nil, keys: [""])),
        Forbidden(
            name: "a content that was erased",
            payload: .userStateChanged(
                UserStateChanged(
                    seed: id,
                    user: UserName("ada"),
                    publicKeys: nil,
                    content: Content(erased: root)
                )
            )
        ),
    ]

    @Test("an event that no endpoint would make is refused", arguments: Self.malformed)
    func refusesMalformed(_ forbidden: Forbidden) {
        #expect(throws: ProposalRules.Refusal.self) {
            try ProposalRules.check(Self.event(forbidden.payload), epoch: 2, isFirst: false)
        }
    }

    @Test("what clients of a node can ask for passes, up to the bounds of the edge")
    func passes() throws {
        let payloads: [Event.Payload] = [
            .nodeStopped(NodeStopped(epoch: 2)),
            Self.post(),
            Self.post(
                #"{"message":{"a":[1,{"b":null}]},"extra":"x"}"#,
                only: ["bob"],
                timestamp: "2026-01-01T00:00:00Z"
            ),
            Self.post(user: String(repeating: "ü", count: 512), channel: String(repeating: "€", count: 256)),
            Self.connected(nil, channels: ["a", "b"], keys: ["mood"]),
            Self.connected(#"{"fresh_user_state":{"a":1},"user_state":{"b":null}}"#),
            Self.closed(.disconnect),
            .connectionAttached(ConnectionAttached(connection: Self.id, transport: .longPoll)),
            .connectionDetached(ConnectionDetached(connection: Self.id, position: SequenceNumber(9))),
            .messageDeleted(
                MessageDeleted(
                    uuid: Self.id,
                    addressing: Addressing(channel: nil, only: [], except: []),
                    keepsOutOfHistory: false
                )
            ),
        ]
        for payload in payloads { try ProposalRules.check(Self.event(payload), epoch: 2, isFirst: false) }
        let started = Event.Payload.nodeStarted(NodeStarted(epoch: 2, version: "0.5.0-dev+1", afterCrash: true))
        try ProposalRules.check(Self.event(started), epoch: 2, isFirst: true)
    }
}
