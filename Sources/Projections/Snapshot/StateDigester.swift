import DequeModule
import LogValues

/// Computes state digests from what has changed, with what it remembers of the rest (``HubState/beginDigest()``).
struct StateDigester: Sendable {
    /// The digests of all channels, and of all users, by name.
    private var channels = DigestTree<ChannelName>()
    private var users = DigestTree<UserName>()
    /// The digests of the frames that are kept.
    private var framesOfChannels: [ChannelName: ChannelFrames] = [:]
    /// Users stand here only if they have any.
    private var framesOfUsers: [UserName: FrameDigests] = [:]

    private struct ChannelFrames: Sendable {
        var history = FrameDigests()
        var frames = FrameDigests()
    }

    /// The digest of the state that has changed so since the last one.
    mutating func digest(after changes: StateChanges) -> Hash256 {
        var input = DigestInput()
        for channel in changes.channels {
            switch channel {
            case .gone(let name):
                self.channels.remove(name)
                self.framesOfChannels.removeValue(forKey: name)
            case .changed(let changed):
                self.channels.set(self.digest(of: changed, using: &input), for: changed.name)
            }
        }
        for user in changes.users {
            switch user {
            case .gone(let name):
                self.users.remove(name)
                self.framesOfUsers.removeValue(forKey: name)
            case .changed(let changed):
                self.users.set(self.digest(of: changed, using: &input), for: changed.name)
            }
        }
        return self.whole(changes, using: &input)
    }

    private mutating func whole(_ changes: StateChanges, using input: inout DigestInput) -> Hash256 {
        let channels = self.channels.rootDigest(using: &input)
        let users = self.users.rootDigest(using: &input)
        input.begin(.state)
        input.add(changes.position)
        input.add(changes.statistics.totalUniqueMessages)
        input.add(changes.statistics.totalMessages)
        let nodes = changes.nodes.sorted { $0.key < $1.key }
        input.add(nodes.count)
        for (name, node) in nodes {
            input.add(name)
            input.add(node.epoch)
            input.add(node.isRunning)
        }
        input.add(channels)
        input.add(users)
        return input.digest()
    }

    private mutating func digest(
        of channel: StateChanges.ChangedChannel,
        using input: inout DigestInput
    ) -> Hash256 {
        let (history, frames) = Self.change(
            &self.framesOfChannels[channel.name, default: ChannelFrames()],
            channel,
            using: &input
        )
        input.begin(.channel)
        input.add(channel.name)
        input.add(channel.uuid)
        input.add(channel.settings)
        input.add(channel.lastActive)
        input.add(history)
        input.add(frames)
        return input.digest()
    }

    /// The digests of the history and of the frames.
    private static func change(
        _ known: inout ChannelFrames,
        _ channel: StateChanges.ChangedChannel,
        using input: inout DigestInput
    ) -> (history: Hash256, frames: Hash256) {
        known.frames.change(channel.frames, using: &input)
        known.history.change(channel.history, sharing: known.frames, of: channel.frames.added, using: &input)
        return (known.history.digest(using: &input), known.frames.digest(using: &input))
    }

    private mutating func digest(of user: StateChanges.ChangedUser, using input: inout DigestInput) -> Hash256 {
        var known = self.framesOfUsers[user.name] ?? FrameDigests()
        known.change(user.frames, using: &input)
        let frames = known.digest(using: &input)
        if !known.isEmpty || self.framesOfUsers[user.name] != nil {
            self.framesOfUsers[user.name] = known.isEmpty ? nil : known
        }
        input.begin(.user)
        input.add(user.name)
        input.add(user.uuid)
        input.add(user.lastActive)
        input.add(user.publicKeys)
        input.add(user.stateChain)
        input.add(frames)
        // All of the user's: whoever opens or ends one says so of the user.
        input.add(user.connections.count)
        for connection in user.connections {
            input.add(connection.id)
            input.add(connection.channels)
            input.add(connection.position)
            input.add(connection.transport.map { Array($0.rawValue.utf8) })
            input.add(connection.node?.utf8)
            input.add(connection.lastActive)
        }
        return input.digest()
    }
}

/// The digests of frames that are kept, oldest first.
struct FrameDigests: Sendable {
    /// 32 each, as they are hashed: a hundred are hashed in one go.
    private var bytes: [UInt8] = []

    var isEmpty: Bool { self.bytes.isEmpty }
    private var count: Int { self.bytes.count / Hash256.byteCount }

    /// Takes over what has changed.
    mutating func change(_ changes: FrameQueue.Changes, using input: inout DigestInput) {
        self.drop(changes)
        for stored in changes.added {
            stored.digest(using: &input).appendBytes(to: &self.bytes)
        }
    }

    /// Takes over what has changed; a frame that another list has got as well is not digested again.
    ///
    /// - Parameters:
    ///   - changes: Of this list.
    ///   - other: The digests of the other list.
    ///   - added: The last of its frames.
    ///   - input: For what has to be computed.
    mutating func change(
        _ changes: FrameQueue.Changes,
        sharing other: FrameDigests,
        of added: Deque<StoredFrame>,
        using input: inout DigestInput
    ) {
        self.drop(changes)
        var next = 0
        let start = other.count - added.count
        for stored in changes.added {
            while next < added.count, added[next].frame.position < stored.frame.position { next += 1 }
            // One event keeps one frame in a channel, but a message that is edited is not digested as it is.
            if next < added.count, added[next].frame.position == stored.frame.position, stored.editedDigest == nil,
                added[next].editedDigest == nil
            {
                let at = (start + next) * Hash256.byteCount
                self.bytes.append(contentsOf: other.bytes[at..<at + Hash256.byteCount])
            } else {
                stored.digest(using: &input).appendBytes(to: &self.bytes)
            }
        }
    }

    private mutating func drop(_ changes: FrameQueue.Changes) {
        guard changes.keptCount > 0 else {
            self.bytes.removeAll(keepingCapacity: true)
            return
        }
        let end = changes.droppedCount + changes.keptCount
        self.bytes.removeSubrange((end * Hash256.byteCount)...)
        self.bytes.removeSubrange(..<(changes.droppedCount * Hash256.byteCount))
    }

    /// The digest of all, in order.
    func digest(using input: inout DigestInput) -> Hash256 {
        input.begin(.contents)
        input.add(self.count)
        input.add(digests: self.bytes)
        return input.digest()
    }
}
