import LogValues
import OrderedCollections
import RawJSON

/// The values of a snapshot's line, by key; a key means the same in every kind of line.
struct SnapshotEntry {
    /// The subject of the line, as its keys tell.
    enum Kind {
        case head
        case channel
        case user
        case frame
        case connection
        case end
    }

    /// A node in the first line.
    struct Node {
        let name: NodeName
        let state: NodeState
    }

    var version: UInt64?
    var position: SequenceNumber?
    var totalUniqueMessages: UInt64 = 0
    var totalMessages: UInt64 = 0
    var unknownEvents: UInt64 = 0
    var nodes: [Node] = []
    var channel: ChannelName?
    var user: UserName?
    var connection: ConnectionID?
    var uuid: UUID128?
    var time: Timestamp?
    var settings = ChannelSettings()
    var publicKeys: [[UInt8]] = []
    var state: RawJSON?
    var origins: [SequenceNumber] = []
    var chain: Hash256?
    var channels: [ChannelName] = []
    var transport: Transport?
    var node: NodeName?
    var frame: FrameType?
    var isInHistory = false
    var isInFrames = true
    var data = EventFields()
    var content: Content?
    var digest: Hash256?
    var edit: Edit?
    var action: Presence.Action?
    var users: [PresentUser] = []
    var changed: RawJSON?

    /// The edit that gave a message its present body.
    struct Edit {
        let position: SequenceNumber
        let content: Content
    }

    var kind: Kind? {
        if self.version != nil { return .head }
        if self.frame != nil { return .frame }
        if self.connection != nil { return .connection }
        if self.channel != nil { return .channel }
        if self.user != nil { return .user }
        return self.digest != nil ? .end : nil
    }

    /// Reads the line's object to its end; keys that are not known are skipped.
    mutating func read(_ reader: inout LineFieldReader, names: inout NameCache) throws(EventCodingError) {
        var parts = ContentParts()
        try reader.beginObject()
        while let key = try reader.nextMember() {
            if try parts.read(key, &reader) { continue }
            switch key {
            case "frame": self.frame = try reader.choice("frame", FrameType.self)
            case "position": self.position = SequenceNumber(try reader.unsigned("position"))
            case "history": self.isInHistory = try reader.boolean()
            case "catchup": self.isInFrames = try reader.boolean()
            case "time", "last_active": self.time = try reader.timestamp("time")
            case "data": try self.data.read(&reader, names: &names)
            case "edit": self.edit = try Self.edit(&reader)
            case "digest": self.digest = try reader.digest("digest")
            case "uuid": self.uuid = try reader.uuid("uuid")
            case "user": self.user = try reader.name(&names)
            case "channel": self.channel = try reader.name(&names)
            default: try self.readOther(key, &reader, names: &names)
            }
        }
        try reader.finish()
        self.content = try parts.content()
    }

    private mutating func readOther(
        _ key: JSONString,
        _ reader: inout LineFieldReader,
        names: inout NameCache
    ) throws(EventCodingError) {
        switch key {
        case "state": self.state = try reader.slice().rawJSON()
        case "origins": self.origins = try reader.positions("origins")
        case "public_keys": self.publicKeys = try reader.texts()
        case "chain": self.chain = try reader.digest("chain")
        case "settings": self.settings = try reader.settings()
        case "conn_id": self.connection = try reader.uuid("conn_id")
        case "channels": self.channels = try reader.nameList(&names)
        case "transport": self.transport = try reader.choice("transport", Transport.self)
        case "node": self.node = try reader.name(&names)
        case "action": self.action = try reader.choice("action", Presence.Action.self)
        case "users": self.users = try Self.users(&reader, names: &names)
        case "changed": self.changed = try reader.slice().rawJSON()
        case "snapshot": self.version = try reader.unsigned("snapshot")
        case "total_unique_messages": self.totalUniqueMessages = try reader.unsigned("total_unique_messages")
        case "total_messages": self.totalMessages = try reader.unsigned("total_messages")
        case "unknown_events": self.unknownEvents = try reader.unsigned("unknown_events")
        case "nodes": self.nodes = try Self.nodes(&reader, names: &names)
        default: try reader.skip()
        }
    }
}

// MARK: - Objects inside of a line

extension SnapshotEntry {
    private static func nodes(
        _ reader: inout LineFieldReader,
        names: inout NameCache
    ) throws(EventCodingError) -> [Node] {
        var nodes: [Node] = []
        try reader.beginObject()
        while let name = try reader.nextMember() {
            let nodeName = NodeName(utf8: names.bytes(of: name))
            var state = NodeState(epoch: 0, isRunning: false)
            try reader.beginObject()
            while let key = try reader.nextMember() {
                switch key {
                case "epoch": state.epoch = try reader.unsigned("epoch")
                case "running": state.isRunning = try reader.boolean()
                default: try reader.skip()
                }
            }
            nodes.append(Node(name: nodeName, state: state))
        }
        return nodes
    }

    private static func users(
        _ reader: inout LineFieldReader,
        names: inout NameCache
    ) throws(EventCodingError) -> [PresentUser] {
        var users: [PresentUser] = []
        try reader.forEachElement { reader throws(EventCodingError) in
            var user: UserName?
            var state: RawJSON?
            var origins: [SequenceNumber] = []
            try reader.beginObject()
            while let key = try reader.nextMember() {
                switch key {
                case "user": user = try reader.name(&names)
                case "state": state = try reader.slice().rawJSON()
                case "origins": origins = try reader.positions("origins")
                default: try reader.skip()
                }
            }
            users.append(
                PresentUser(user: try user.required("user"), state: try state.required("state"), stateOrigins: origins)
            )
        }
        return users
    }

    private static func edit(_ reader: inout LineFieldReader) throws(EventCodingError) -> Edit {
        var position: SequenceNumber?
        var parts = ContentParts()
        try reader.beginObject()
        while let key = try reader.nextMember() {
            if try parts.read(key, &reader) { continue }
            if key == "position" {
                position = SequenceNumber(try reader.unsigned("position"))
            } else {
                try reader.skip()
            }
        }
        return Edit(
            position: try position.required("position"),
            content: try parts.content().required("content")
        )
    }
}
