import Archive
import Hub
import LogValues
import Projections
import RawJSON
import Web

/// The rules for what another node may have in the log: what its clients can ask for, and its own coming and going.
///
/// Everything else is the business of the node that decides: checkpoints, erasures, retention, what time brings about.
/// What passes could have come in by an endpoint of this node, with the same bounds on names and contents.
enum ProposalRules {
    /// Epochs and positions stay where every reader of JSON has them exactly.
    static let largestNumber: UInt64 = 1 << 53
    /// How deeply a content may be nested: as at the edge, at most.
    static let depthLimit = 200

    /// Why a node may not propose an event.
    enum Refusal: Error, Equatable, CustomStringConvertible {
        /// The business of the node that decides, or of nobody.
        case type(String)
        case malformed(type: String, reason: String)

        var description: String {
            switch self {
            case .type(let type): "a node may not propose \(type)"
            case .malformed(let type, let reason): "\(type): \(reason)"
            }
        }
    }

    /// Checks one event.
    ///
    /// - Parameters:
    ///   - event: With the proposing node as its source.
    ///   - epoch: The epoch of that node.
    ///   - isFirst: Whether it is the first of its epoch.
    /// - Throws: ``Refusal``.
    static func check(_ event: Event, epoch: UInt64, isFirst: Bool) throws(Refusal) {
        let type = Self.typeName(of: event.payload)
        if let fault = try Self.fault(in: event.payload, epoch: epoch, isFirst: isFirst) {
            throw .malformed(type: type, reason: fault)
        }
        guard let content = event.content else { return }
        guard let json = content.plain?.json, Self.isContent(json, of: event.payload) else {
            throw .malformed(type: type, reason: "its content is none that such an event has")
        }
    }

    /// Names a type, unless it is unknown: then its name is whatever was sent.
    private static func typeName(of payload: Event.Payload) -> String {
        if case .unknown = payload { return "an event of an unknown type" }
        return String(decoding: payload.typeName, as: UTF8.self)
    }

    // MARK: Data

    /// Says what is wrong with the data of an event that a node may propose.
    private static func fault(
        in payload: Event.Payload,
        epoch: UInt64,
        isFirst: Bool
    ) throws(Refusal) -> String? {
        switch payload {
        case .nodeStarted(let started):
            guard isFirst, started.epoch == epoch else { return "it opens its epoch, as the first proposal in it" }
            let isVersion = (1...64).contains(started.version.utf8.count)
            guard isVersion, started.version.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                return "its version is none"
            }
            return Self.fault(in: started.listenersHadSeen)
        case .nodeStopped(let stopped):
            return stopped.epoch == epoch ? nil : "it ends another epoch"
        case .userConnected(let connected):
            return Self.fault(in: connected.user) ?? Self.fault(in: connected.channels.map(\.name))
                ?? Self.fault(inKeys: connected.publicKeys)
        case .connectionSubscribed(let subscribed):
            return Self.fault(in: subscribed.channels.map(\.name))
        case .connectionUnsubscribed(let unsubscribed):
            return Self.fault(in: unsubscribed.channels)
        case .connectionClosed(let closed):
            // That a connection has expired, or its node is lost, is found by the node that decides.
            return closed.reason == .disconnect ? nil : "its reason is not a node's to give"
        case .userStateChanged(let changed):
            return Self.fault(in: changed.user) ?? Self.fault(inKeys: changed.publicKeys ?? [])
        case .channelConfigured(let configured):
            return Self.fault(in: configured.channel)
        case .messagePosted(let posted):
            return Self.fault(in: posted.user) ?? Self.fault(in: posted.addressing)
                ?? Self.fault(inMoment: posted.timestamp)
        case .messageEdited(let edit):
            return edit.user.flatMap { Self.fault(in: $0) } ?? Self.fault(in: edit.addressing)
                ?? Self.fault(inMoment: edit.timestamp) ?? Self.fault(inMoment: edit.edited)
        case .messageDeleted(let deleted):
            return Self.fault(in: deleted.addressing)
        case .connectionDetached(let detached):
            return Self.fault(in: detached.position)
        case .connectionAttached:
            return nil
        case .userForgotten, .channelForgotten, .contentErased, .logCheckpointed, .logKeyChanged, .logDropped, .unknown:
            throw .type(Self.typeName(of: payload))
        }
    }

    private static func fault(in position: SequenceNumber) -> String? {
        position.rawValue <= Self.largestNumber ? nil : "no log has come to its position"
    }

    private static func fault(in user: UserName) -> String? {
        Self.isName(user.utf8, limit: NameLimit.user) ? nil : "a user's name has 1 to \(NameLimit.user) characters"
    }

    private static func fault(in channel: ChannelName) -> String? {
        Self.isName(channel.utf8, limit: NameLimit.channel)
            ? nil : "a channel's name has 1 to \(NameLimit.channel) characters"
    }

    /// Judges a connection's channels, which stand in their order, each once.
    private static func fault(in channels: [ChannelName]) -> String? {
        for (channel, next) in zip(channels, channels.dropFirst()) where channel >= next {
            return "its channels are not in their order"
        }
        return channels.lazy.compactMap { Self.fault(in: $0) }.first
    }

    private static func fault(in addressing: Addressing) -> String? {
        addressing.channel.flatMap { Self.fault(in: $0) }
            ?? addressing.only.lazy.compactMap { Self.fault(in: $0) }.first
            ?? addressing.except.lazy.compactMap { Self.fault(in: $0) }.first
    }

    private static func fault(inKeys keys: [[UInt8]]) -> String? {
        keys.allSatisfy { Self.isName($0, limit: NameLimit.stateKey) }
            ? nil : "a public key has 1 to \(NameLimit.stateKey) characters"
    }

    private static func fault(inMoment text: [UInt8]?) -> String? {
        guard let text else { return nil }
        return DateTimeText.normalized(text.span) == text ? nil : "a moment is none"
    }

    /// Counts Unicode scalars, in UTF-8 that a scanner has checked.
    private static func isName(_ utf8: [UInt8], limit: Int) -> Bool {
        let count = utf8.count <= limit ? utf8.count : utf8.count { $0 & 0xC0 != 0x80 }
        return (1...limit).contains(count)
    }

    // MARK: Content

    private static func isContent(_ json: RawJSON, of payload: Event.Payload) -> Bool {
        var scanner = JSONScanner(json.bytes.span, maximumDepth: Self.depthLimit)
        return (try? Self.isContent(&scanner, of: payload)) ?? false
    }

    private static func isContent(
        _ scanner: inout JSONScanner,
        of payload: Event.Payload
    ) throws(RawJSONError) -> Bool {
        switch payload {
        case .userConnected:
            return try Self.isObject(&scanner) { (name, value) throws(RawJSONError) in
                guard name == "fresh_user_state" || name == "user_state" else { return false }
                return try Self.isObject(&value) { (_, value) throws(RawJSONError) in try Self.isScalar(&value) }
            }
        case .userStateChanged:
            return try Self.isObject(&scanner) { (_, value) throws(RawJSONError) in try Self.isScalar(&value) }
        case .messagePosted, .messageEdited:
            return try Self.isObject(&scanner) { (name, value) throws(RawJSONError) in
                let kind = try value.readValue().kind
                return kind == .object || name != "message"
            }
        default:
            return false
        }
    }

    private static func isScalar(_ scanner: inout JSONScanner) throws(RawJSONError) -> Bool {
        let kind = try scanner.readValue().kind
        return kind != .object && kind != .array
    }

    /// Whether an object is next all of whose members are right; `isRight` has to read the value.
    private static func isObject(
        _ scanner: inout JSONScanner,
        _ isRight: (JSONString, inout JSONScanner) throws(RawJSONError) -> Bool
    ) throws(RawJSONError) -> Bool {
        guard try scanner.peek() == .object else { return false }
        try scanner.beginObject()
        while let name = try scanner.nextMember() {
            guard try isRight(name, &scanner) else { return false }
        }
        return true
    }
}
