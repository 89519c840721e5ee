import DequeModule
package import LogValues
import OrderedCollections
import RawJSON

/// Reads what `HubState.writeSnapshot` wrote: a line after the other, then the state.
///
/// The state is checked against the digest that it was written with, so a snapshot that was damaged or made up is
/// refused.
package struct SnapshotReader: Sendable {
    /// The format that is written and read.
    static let version: UInt64 = 1

    /// The channel or user whose frames the following lines hold.
    private enum Owner {
        case channel(HubState.ChannelIndex)
        case user(HubState.UserIndex)
    }

    private var state = HubState()
    private var names = NameCache()
    private var owner: Owner?
    private var lineCount = 0
    private var digest: Hash256?

    package init() {}

    /// Reads the next line, without its newline.
    package mutating func read(_ line: Bytes) throws(SnapshotError) {
        self.lineCount += 1
        guard self.digest == nil else { throw .misplaced(line: self.lineCount) }
        var entry = SnapshotEntry()
        let isPlaced: Bool
        do throws(EventCodingError) {
            var reader = LineFieldReader(line, maximumDepth: JSONScanner.deepestLimit)
            try entry.read(&reader, names: &self.names)
            isPlaced = try self.take(entry)
        } catch {
            throw .unreadable(line: self.lineCount, error)
        }
        if let version = entry.version, version != Self.version {
            throw .unsupported(version: version)
        }
        guard isPlaced else { throw .misplaced(line: self.lineCount) }
    }

    /// Ends the reading.
    ///
    /// - Returns: The state, which knows its digest.
    package mutating func finish() throws(SnapshotError) -> HubState {
        guard let written = self.digest else { throw .incomplete(lines: self.lineCount) }
        let read = self.state.digest()
        guard read == written else { throw .wrongDigest(written: written, read: read) }
        return self.state
    }
}

// MARK: - One line

extension SnapshotReader {
    /// Whether the line belongs here.
    private mutating func take(_ entry: SnapshotEntry) throws(EventCodingError) -> Bool {
        guard let kind = entry.kind, (kind == .head) == (self.lineCount == 1) else { return false }
        switch kind {
        case .head: return try self.takeHead(entry)
        case .channel: return try self.takeChannel(entry)
        case .user: return try self.takeUser(entry)
        case .frame: return try self.takeFrame(entry)
        case .connection: return try self.takeConnection(entry)
        case .end:
            self.digest = entry.digest
            return true
        }
    }

    private mutating func takeHead(_ entry: SnapshotEntry) throws(EventCodingError) -> Bool {
        self.state.position = try entry.position.required("position")
        self.state.statistics.totalUniqueMessages = entry.totalUniqueMessages
        self.state.statistics.totalMessages = entry.totalMessages
        self.state.statistics.unknownEvents = entry.unknownEvents
        for node in entry.nodes {
            self.state.nodes[node.name] = node.state
        }
        return true
    }

    private mutating func takeChannel(_ entry: SnapshotEntry) throws(EventCodingError) -> Bool {
        let name = try entry.channel.required("channel")
        guard self.state.channelsByName[name] == nil else { return false }
        let channel = ChannelState(
            name: name,
            uuid: try entry.uuid.required("uuid"),
            settings: entry.settings,
            time: try entry.time.required("last_active")
        )
        self.owner = .channel(self.state.add(channel))
        return true
    }

    private mutating func takeUser(_ entry: SnapshotEntry) throws(EventCodingError) -> Bool {
        let name = try entry.user.required("user")
        let values = try entry.state.required("state").members() ?? [:]
        guard self.state.usersByName[name] == nil, values.count == entry.origins.count else { return false }
        var user = UserState(
            name: name,
            uuid: try entry.uuid.required("uuid"),
            time: try entry.time.required("last_active")
        )
        user.restore(values: values, origins: entry.origins, publicKeys: entry.publicKeys)
        user.stateChain = entry.chain
        self.owner = .user(self.state.add(user))
        return true
    }

    private mutating func takeFrame(_ entry: SnapshotEntry) throws(EventCodingError) -> Bool {
        guard let owner = self.owner else { return false }
        let kept = try KeptFrame(entry)
        switch owner {
        case .channel(let index):
            return self.state.change(channelAt: index) { $0.restore(kept) }
        case .user(let index):
            guard !kept.isInHistory, kept.isInFrames else { return false }
            self.state.change(userAt: index) { $0.privateFrames.append(kept.stored) }
            return true
        }
    }

    private mutating func takeConnection(_ entry: SnapshotEntry) throws(EventCodingError) -> Bool {
        let id = try entry.connection.required("conn_id")
        let name = try entry.user.required("user")
        guard
            self.state.connectionsByID[id] == nil, let user = self.state.usersByName.index(forKey: name),
            (entry.transport == nil) == (entry.node == nil)
        else { return false }
        var connection = ConnectionState(
            id: id,
            user: name,
            position: try entry.position.required("position"),
            transport: entry.transport,
            node: entry.node,
            lastActive: try entry.time.required("last_active")
        )
        self.owner = nil
        for channelName in entry.channels {
            guard
                let channel = self.state.channelsByName.index(forKey: channelName),
                connection.channels.insertSorted(self.state.channelsByName.keys[channel])
            else { return false }
            self.state.change(channelAt: channel) { channel in
                channel.connectionCount += 1
                channel.members.insert(name)
            }
            self.state.change(userAt: user) { $0.subscriptions.add(channelName) }
        }
        self.state.add(connection, of: user)
        return true
    }
}

extension ChannelState {
    /// Puts back a frame that a snapshot kept; whether it can be kept so.
    fileprivate mutating func restore(_ kept: KeptFrame) -> Bool {
        switch kept.frame.kind {
        case .message:
            if kept.isInHistory {
                self.storedHistory.append(kept.stored)
            }
        case .stateChange:
            guard !kept.isInHistory, kept.isInFrames else { return false }
            self.stateChanges.append(kept.frame)
            return true
        case .edit, .deletion, .presence:
            guard !kept.isInHistory else { return false }
        }
        if kept.isInFrames {
            self.frames.append(kept.stored)
        }
        return true
    }
}
