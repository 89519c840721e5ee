import LogValues
import RawJSON

/// The values of an event's `data`, by key; a key means the same in every type of event.
struct EventFields {
    var seed: UUID128?
    var uuid: UUID128?
    var connection: UUID128?
    var channel: ChannelName?
    var user: UserName?
    var channelSeeds: [ChannelSeed] = []
    var channelNames: [ChannelName] = []
    var settings = ChannelSettings()
    var only: [UserName] = []
    var except: [UserName] = []
    var keepsOutOfHistory = false
    var keepsMessage = false
    var timestamp: [UInt8]?
    var edited: [UInt8]?
    var publicKeys: [[UInt8]]?
    var transport: Transport?
    /// One of a few words in `connection.closed`, free text in `content.erased`.
    var reason: String?
    var closeReason: ConnectionClosed.Reason? { self.reason.flatMap(ConnectionClosed.Reason.init) }
    var position: SequenceNumber?
    var epoch: UInt64?
    var version: String?
    var isAfterCrash = false
    var lines: [SequenceNumber] = []
    var orderedBy: String?
    var size: UInt64?
    var root: Hash256?
    var stateDigest: Hash256?
    var note: String?
    var key: String?
    var earlier: [String] = []
    var first: UInt64?
    var limit: UInt64?

    /// Reads the object; keys that are not known are skipped.
    ///
    /// The keys of messages come first, which are most of a log.
    mutating func read(_ reader: inout LineFieldReader, names: inout NameCache) throws(EventCodingError) {
        try reader.beginObject()
        while let key = try reader.nextMember() {
            switch key {
            case "uuid":
                self.uuid = try reader.uuid("uuid")
            case "channel":
                self.channel = try reader.name(&names)
            case "user":
                self.user = try reader.name(&names)
            case "pm_users":
                self.only = try reader.nameList(&names)
            case "exclude_users":
                self.except = try reader.nameList(&names)
            case "no_history":
                self.keepsOutOfHistory = try reader.boolean()
            case "timestamp":
                self.timestamp = try reader.bytes()
            case "edited":
                self.edited = try reader.bytes()
            case "keeps_message":
                self.keepsMessage = try reader.boolean()
            default:
                try self.readOther(key, &reader, names: &names)
            }
        }
    }

    /// The keys of connections, users and channels.
    private mutating func readOther(
        _ key: JSONString,
        _ reader: inout LineFieldReader,
        names: inout NameCache
    ) throws(EventCodingError) {
        switch key {
        case "seed":
            self.seed = try reader.uuid("seed")
        case "conn_id":
            self.connection = try reader.uuid("conn_id")
        case "channels":
            if try reader.kind() == .array {
                self.channelNames = try reader.nameList(&names)
            } else {
                self.channelSeeds = try reader.channelSeeds(&names)
            }
        case "settings":
            self.settings = try reader.settings()
        case "public_keys":
            self.publicKeys = try reader.texts()
        case "transport":
            self.transport = try reader.choice("transport", Transport.self)
        case "position":
            self.position = SequenceNumber(try reader.unsigned("position"))
        case "reason":
            self.reason = try reader.text()
        default:
            try self.readRare(key, &reader)
        }
    }

    /// The keys of nodes, erasures and checkpoints.
    private mutating func readRare(_ key: JSONString, _ reader: inout LineFieldReader) throws(EventCodingError) {
        switch key {
        case "epoch":
            self.epoch = try reader.unsigned("epoch")
        case "version":
            self.version = try reader.text()
        case "after_crash":
            self.isAfterCrash = try reader.boolean()
        case "lines":
            self.lines = try reader.positions("lines")
        case "ordered_by":
            self.orderedBy = try reader.text()
        case "size":
            self.size = try reader.unsigned("size")
        case "root":
            self.root = try reader.digest("root")
        case "state":
            self.stateDigest = try reader.digest("state")
        case "note":
            self.note = try reader.text()
        case "key":
            self.key = try reader.text()
        case "earlier":
            self.earlier = try reader.texts().map { String(decoding: $0, as: UTF8.self) }
        case "first":
            self.first = try reader.unsigned("first")
        case "limit":
            self.limit = try reader.unsigned("limit")
        default:
            try reader.skip()
        }
    }
}
