import LogValues
import Projections
import RawJSON

@testable import Hub

/// A state made by events, one second apart from 2026-11-23T23:10:00Z, and the changes that they caused.
struct StateBuilder {
    private(set) var state = HubState()
    private(set) var events: [Event] = []
    private(set) var changes: [Change] = []
    private(set) var outcomes: [Outcome] = []

    static let start: Int64 = 1_795_475_400_000_000

    mutating func apply(_ payload: Event.Payload) {
        let count = Int64(self.events.count)
        let event = Event(
            time: Timestamp(microseconds: Self.start + count * 1_000_000),
            source: NodeName("node"),
            payload: payload
        )
        self.events.append(event)
        self.outcomes.append(
            self.state.apply(event, at: SequenceNumber(UInt64(self.events.count)), into: &self.changes)
        )
    }

    mutating func connect(
        _ user: String,
        _ connection: UInt64,
        channels: [String] = [],
        state: String? = nil,
        publicKeys: [String] = []
    ) throws {
        let content = try state.map { try Content.plain(#"{"user_state":\#($0)}"#) }
        self.apply(
            .userConnected(
                UserConnected(
                    seed: UUID128(high: 1, low: connection),
                    connection: ConnectionID(high: 0, low: connection),
                    user: UserName(user),
                    channels: channels.map { ChannelSeed(name: ChannelName($0), settings: ChannelSettings()) },
                    publicKeys: publicKeys.map { Array($0.utf8) },
                    content: content
                )
            )
        )
    }

    mutating func configure(_ channel: String, _ change: (inout ChannelSettings) -> Void) {
        var settings = ChannelSettings()
        change(&settings)
        self.apply(
            .channelConfigured(
                ChannelConfigured(
                    seed: UUID128(high: 2, low: UInt64(self.events.count)),
                    channel: ChannelName(channel),
                    settings: settings
                )
            )
        )
    }

    mutating func post(_ channel: String?, _ uuid: UInt64, content: String?, only: [String] = []) throws {
        self.apply(
            .messagePosted(
                MessagePosted(
                    uuid: UUID128(high: 0, low: uuid),
                    user: UserName("ann"),
                    addressing: .to(channel, only: only),
                    keepsOutOfHistory: false,
                    timestamp: nil,
                    content: try content.map(Content.plain)
                )
            )
        )
    }

    mutating func edit(_ channel: String?, _ uuid: UInt64, content: String?, user: String? = nil) throws {
        self.apply(
            .messageEdited(
                MessageEdited(
                    uuid: UUID128(high: 0, low: uuid),
                    addressing: .to(channel),
                    keepsOutOfHistory: false,
                    user: user.map { UserName($0) },
                    timestamp: nil,
                    edited: nil,
                    content: try content.map(Content.plain)
                )
            )
        )
    }

    /// The frames of all changes, as they are sent.
    var frames: [String] {
        self.changes.compactMap { change in
            guard case .frame(let frame, _) = change else { return nil }
            return written { FrameWriter.write(frame, catchUp: false, into: &$0) }
        }
    }
}

extension Content {
    static func plain(_ json: String) throws -> Content {
        Content(salt: Salt(high: 1, low: 2), json: try RawJSON(json))
    }
}

extension Addressing {
    static func to(_ channel: String?, only: [String] = [], except: [String] = []) -> Addressing {
        Addressing(
            channel: channel.map { ChannelName($0) },
            only: only.map { UserName($0) },
            except: except.map { UserName($0) }
        )
    }
}
