import LogValues
import RawJSON

/// Writes events as the log keeps them (`docs/log-format.md`, "Events").
extension Event {
    /// Appends what stands in a line between its sequence number and its salt:
    /// `"time":…,"type":…,"source":…,"data":{…}`.
    ///
    /// The log adds the rest: the number, salt and content. Keys with default values are left out, and every event has
    /// one spelling: the Merkle tree hashes these bytes.
    package func appendHead(to bytes: inout [UInt8]) {
        var writer = JSONWriter(capacity: 0)
        swap(&writer.bytes, &bytes)
        writer.key("time")
        writer.timestamp(self.time)
        writer.key("type")
        writer.typeName(of: self.payload)
        writer.key("source")
        writer.string(utf8: self.source.utf8)
        writer.key("data")
        writer.data(self.payload)
        swap(&writer.bytes, &bytes)
    }
}

// MARK: - Data

extension JSONWriter {
    mutating func typeName(of payload: Event.Payload) {
        if case .unknown(let type) = payload { self.string(utf8: type) }
        if let type = payload.type { self.string(type.rawValue) }
    }

    /// The `data` object of an event.
    mutating func data(_ payload: Event.Payload) {
        self.beginObject()
        switch payload {
        case .nodeStarted(let started): self.members(started)
        case .nodeStopped(let stopped): self.number("epoch", stopped.epoch)
        case .userConnected(let connected): self.members(connected)
        case .connectionSubscribed(let subscribed): self.members(subscribed)
        case .connectionUnsubscribed(let unsubscribed): self.members(unsubscribed)
        case .connectionAttached(let attached): self.members(attached)
        case .connectionDetached(let detached): self.members(detached)
        case .connectionClosed(let closed): self.members(closed)
        case .userStateChanged(let changed): self.members(changed)
        case .userForgotten(let forgotten): self.name("user", forgotten.user)
        case .channelConfigured(let configured): self.members(configured)
        case .channelForgotten(let forgotten): self.name("channel", forgotten.channel)
        case .messagePosted(let message): self.members(message)
        case .messageEdited(let edit): self.members(edit)
        case .messageDeleted(let deletion): self.members(deletion)
        case .contentErased(let erased): self.members(erased)
        case .logCheckpointed(let checkpoint): self.members(checkpoint)
        case .logKeyChanged(let change): self.members(change)
        case .logDropped(let dropped): self.members(dropped)
        case .unknown: break
        }
        self.endObject()
    }

    private mutating func members(_ message: MessagePosted) {
        self.identity("uuid", message.uuid)
        self.name("channel", message.addressing.channel)
        self.name("user", message.user)
        self.receivers(message.addressing)
        self.flag("no_history", message.keepsOutOfHistory)
        self.text("timestamp", message.timestamp)
    }

    private mutating func members(_ edit: MessageEdited) {
        self.identity("uuid", edit.uuid)
        self.name("channel", edit.addressing.channel)
        self.name("user", edit.user)
        self.receivers(edit.addressing)
        self.flag("no_history", edit.keepsOutOfHistory)
        self.text("timestamp", edit.timestamp)
        self.text("edited", edit.edited)
        // Without a content there is no message to be given, which goes without saying.
        self.flag("keeps_message", edit.keepsMessage && edit.content != nil)
    }

    private mutating func members(_ deletion: MessageDeleted) {
        self.identity("uuid", deletion.uuid)
        self.name("channel", deletion.addressing.channel)
        self.receivers(deletion.addressing)
        self.flag("no_history", deletion.keepsOutOfHistory)
    }

    private mutating func members(_ connected: UserConnected) {
        self.identity("seed", connected.seed)
        self.identity("conn_id", connected.connection)
        self.name("user", connected.user)
        self.seeds(connected.channels)
        if !connected.publicKeys.isEmpty {
            self.key("public_keys")
            self.strings(connected.publicKeys)
        }
    }

    private mutating func members(_ subscribed: ConnectionSubscribed) {
        self.identity("seed", subscribed.seed)
        self.identity("conn_id", subscribed.connection)
        self.seeds(subscribed.channels)
    }

    private mutating func members(_ unsubscribed: ConnectionUnsubscribed) {
        self.identity("seed", unsubscribed.seed)
        self.identity("conn_id", unsubscribed.connection)
        self.names("channels", unsubscribed.channels)
    }

    private mutating func members(_ attached: ConnectionAttached) {
        self.identity("conn_id", attached.connection)
        self.key("transport")
        self.string(attached.transport.rawValue)
    }

    private mutating func members(_ detached: ConnectionDetached) {
        self.identity("conn_id", detached.connection)
        self.number("position", detached.position.rawValue)
    }

    private mutating func members(_ closed: ConnectionClosed) {
        self.identity("seed", closed.seed)
        self.identity("conn_id", closed.connection)
        self.key("reason")
        self.string(closed.reason.rawValue)
    }

    private mutating func members(_ changed: UserStateChanged) {
        self.identity("seed", changed.seed)
        self.name("user", changed.user)
        if let keys = changed.publicKeys {
            self.key("public_keys")
            self.strings(keys)
        }
    }

    private mutating func members(_ configured: ChannelConfigured) {
        self.identity("seed", configured.seed)
        self.name("channel", configured.channel)
        if configured.settings != ChannelSettings() {
            self.key("settings")
            self.settings(configured.settings)
        }
    }

    private mutating func members(_ started: NodeStarted) {
        self.number("epoch", started.epoch)
        self.key("version")
        self.string(started.version)
        self.flag("after_crash", started.afterCrash)
        if started.listenersHadSeen != .start {
            self.number("position", started.listenersHadSeen.rawValue)
        }
    }

    private mutating func members(_ erased: ContentErased) {
        switch erased.target {
        case .message(let uuid): self.identity("uuid", uuid)
        case .user(let user): self.name("user", user)
        case .channel(let channel): self.name("channel", channel)
        case nil: break
        }
        self.key("lines")
        self.positions(erased.lines)
        self.key("ordered_by")
        self.string(erased.orderedBy)
        self.key("reason")
        self.string(erased.reason)
    }

    private mutating func members(_ checkpoint: LogCheckpointed) {
        self.number("size", checkpoint.size)
        self.key("root")
        self.hash(checkpoint.root)
        self.key("state")
        self.hash(checkpoint.stateDigest)
        if let note = checkpoint.note {
            self.key("note")
            self.string(note)
        }
    }

    private mutating func members(_ change: LogKeyChanged) {
        self.key("key")
        self.string(change.key)
        guard !change.earlier.isEmpty else { return }
        self.key("earlier")
        self.strings(change.earlier.map { Array($0.utf8) })
    }

    private mutating func members(_ dropped: LogDropped) {
        self.number("first", dropped.first)
        self.number("size", dropped.size)
        self.key("root")
        self.hash(dropped.root)
        self.key("reason")
        self.string(dropped.rule)
        self.number("limit", dropped.limit)
    }
}

// MARK: - Members, left out where they say nothing

extension JSONWriter {
    private mutating func identity(_ key: StaticString, _ uuid: UUID128) {
        self.key(key)
        self.uuid(uuid)
    }

    private mutating func number(_ key: StaticString, _ number: UInt64) {
        self.key(key)
        self.integer(number)
    }

    private mutating func name<Kind: Name>(_ key: StaticString, _ name: Kind?) {
        guard let name else { return }
        self.key(key)
        self.string(utf8: name.utf8)
    }

    private mutating func text(_ key: StaticString, _ text: [UInt8]?) {
        guard let text else { return }
        self.key(key)
        self.string(utf8: text)
    }

    private mutating func names<Kind: Name>(_ key: StaticString, _ names: [Kind]) {
        guard !names.isEmpty else { return }
        self.key(key)
        self.beginArray()
        for name in names {
            self.string(utf8: name.utf8)
        }
        self.endArray()
    }

    private mutating func receivers(_ addressing: Addressing) {
        self.names("pm_users", addressing.only)
        self.names("exclude_users", addressing.except)
    }

    /// An object: channel -> settings.
    private mutating func seeds(_ seeds: [ChannelSeed]) {
        guard !seeds.isEmpty else { return }
        self.key("channels")
        self.beginObject()
        for seed in seeds {
            self.key(utf8: seed.name.utf8)
            self.settings(seed.settings)
        }
        self.endObject()
    }
}
