import DequeModule

/// The canonical digest of a state: equal for equal logs, on every machine, with and without erased contents.
///
/// It covers what the log's `data` fields brought about, and every content by its commitment. It leaves out what only
/// contents decide, and what follows from the rest (who is in a channel follows from the connections).
/// Everything is digested at most once: a frame when it is first asked for, a channel or user when it changed since the
/// last time, and the whole by `DigestTree`. Measured: see `tools/benchmarks/ReducerBenchmarks.swift`, `digest.*`.
extension HubState {
    /// The digest now; it remembers what it computes, and nothing else changes.
    package mutating func digest() -> Digest256 {
        var input = DigestInput()
        self.renewChannelDigests(using: &input)
        self.renewUserDigests(using: &input)
        let channels = self.channelDigests.rootDigest(using: &input)
        let users = self.userDigests.rootDigest(using: &input)
        input.begin(.state)
        input.add(self.position)
        input.add(self.statistics.totalUniqueMessages)
        input.add(self.statistics.totalMessages)
        let nodes = self.nodes.sorted { $0.key < $1.key }
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

    private mutating func renewChannelDigests(using input: inout DigestInput) {
        for name in self.dirtyChannels {
            guard let index = self.channelsByName.index(forKey: name) else {
                self.channelDigests.remove(name)
                continue
            }
            guard self.channelsByName.values[index].value.isDirty else { continue }
            self.channelDigests.set(self.channelsByName.values[index].value.digest(using: &input), for: name)
            self.channelsByName.values[index].value.isDirty = false
        }
        self.dirtyChannels.removeAll(keepingCapacity: true)
    }

    private mutating func renewUserDigests(using input: inout DigestInput) {
        for name in self.dirtyUsers {
            guard let index = self.usersByName.index(forKey: name) else {
                self.userDigests.remove(name)
                continue
            }
            guard self.usersByName.values[index].value.isDirty else { continue }
            let frames = self.usersByName.values[index].value.digestOfFrames(using: &input)
            let user = self.usersByName.values[index].value
            self.userDigests.set(self.digest(of: user, frames: frames, using: &input), for: name)
            self.usersByName.values[index].value.isDirty = false
        }
        self.dirtyUsers.removeAll(keepingCapacity: true)
    }

    private func digest(of user: UserState, frames: Digest256, using input: inout DigestInput) -> Digest256 {
        input.begin(.user)
        input.add(user.name)
        input.add(user.uuid)
        input.add(user.lastActive)
        input.add(user.publicKeys)
        input.add(user.stateChain)
        input.add(frames)
        input.add(user.connections.count)
        for id in user.connections {
            guard let connection = self.connectionsByID[id] else { continue }
            input.add(id)
            input.add(connection.channels)
            input.add(connection.position)
            input.add(connection.transport.map { Array($0.rawValue.utf8) })
            input.add(connection.node?.utf8)
            input.add(connection.lastActive)
        }
        return input.digest()
    }
}

extension ChannelState {
    fileprivate mutating func digest(using input: inout DigestInput) -> Digest256 {
        let history = self.storedHistory.digest(using: &input)
        self.shareDigests()
        let frames = self.frames.digest(using: &input)
        input.begin(.channel)
        input.add(self.name)
        input.add(self.uuid)
        input.add(self.settings)
        input.add(self.lastActive)
        input.add(history)
        input.add(frames)
        return input.digest()
    }

    /// Spares the frames which the history has as well their digest: the new ones, at the ends of both.
    private mutating func shareDigests() {
        var inHistory = self.storedHistory.count
        for index in self.frames.indices.reversed() {
            guard self.frames[index].knownDigest == nil else { return }
            let position = self.frames[index].frame.position
            while inHistory > 0, self.storedHistory[inHistory - 1].frame.position > position {
                inHistory -= 1
            }
            guard inHistory > 0 else { return }
            let stored = self.storedHistory[inHistory - 1]
            if stored.frame.position == position, stored.message == self.frames[index].message,
                let digest = stored.knownDigest
            {
                self.frames[index].adopt(digest)
            }
        }
    }
}

extension UserState {
    fileprivate mutating func digestOfFrames(using input: inout DigestInput) -> Digest256 {
        self.privateFrames.digest(using: &input)
    }
}

extension Deque<StoredFrame> {
    /// The digest of all, in order.
    fileprivate mutating func digest(using input: inout DigestInput) -> Digest256 {
        for index in self.indices {
            _ = self[index].digest(using: &input)
        }
        input.begin(.contents)
        input.add(self.count)
        for index in self.indices {
            // Asked again, now that it is known, because a mutating call works in place: reading an element copies it,
            // with a retain of a frame that is in no cache any more, which made the digest a fifth slower.
            let digest = self[index].digest(using: &input)
            input.add(digest)
        }
        return input.digest()
    }
}

// MARK: - Frames

extension Frame {
    /// Of a frame as it was when its event was applied.
    ///
    /// Presence goes without states and lists, which follow from users and members; a state change depends on content
    /// and is never kept where digests are taken.
    func digest(using input: inout DigestInput) -> Digest256 {
        switch self.kind {
        case .message(let message):
            input.begin(.message)
            input.add(self.position)
            input.add(message.uuid)
            input.add(message.user)
            input.add(message.addressing)
            input.add(message.keepsOutOfHistory)
            input.add(message.givenTimestamp, else: message.postingTime)
            input.add(message.content?.commit)
        case .edit(let edit, let time):
            input.begin(.edit)
            input.add(self.position)
            input.add(edit, time: time)
        case .deletion(let deletion):
            input.begin(.deletion)
            input.add(self.position)
            input.add(deletion.uuid)
            input.add(deletion.addressing)
            input.add(deletion.keepsOutOfHistory)
        case .presence(let presence):
            input.begin(.presence)
            input.add(self.position)
            input.add(presence.uuid)
            input.add(presence.user)
            input.add(presence.action == .joined)
            input.add(presence.time)
        case .stateChange(let change):
            input.begin(.presence)
            input.add(self.position)
            input.add(change.uuid)
        }
        return input.digest()
    }
}

extension MessageEdited {
    /// Of a message after this edit, given its digest before.
    func digest(
        at position: Position,
        time: Timestamp,
        after previous: Digest256,
        using input: inout DigestInput
    ) -> Digest256 {
        input.begin(.messageEdit)
        input.add(previous)
        input.add(position)
        input.add(self, time: time)
        return input.digest()
    }
}

extension DigestInput {
    fileprivate mutating func add(_ edit: MessageEdited, time: Timestamp) {
        self.add(edit.uuid)
        self.add(edit.addressing)
        self.add(edit.keepsOutOfHistory)
        self.add(edit.user?.utf8)
        self.add(edit.timestamp)
        self.add(edit.edited)
        self.add(edit.keepsMessage)
        self.add(time)
        self.add(edit.content?.commit)
    }
}
