/// Posting, editing and deleting messages.
extension HubState {
    /// A message is accepted whether or not its channel or its receivers exist: then it is counted and reaches nobody.
    mutating func apply(_ message: MessagePosted, at place: Place, into changes: inout ChangeList) -> Outcome {
        self.statistics.totalUniqueMessages &+= 1
        let addressing = message.addressing
        if let name = addressing.channel {
            guard let index = self.channelsByName.index(forKey: name) else { return .applied }
            let frame = Frame(position: place.position, kind: .message(Message(message, time: place.time)))
            let connections = self.change(channelAt: index) { channel in
                channel.lastActive = place.time
                channel.keep(frame, outOfHistory: message.keepsOutOfHistory)
                return channel.connectionCount
            }
            self.statistics.totalMessages &+= UInt64(self.reach(of: addressing, in: name, ofAll: connections))
            changes.append(.frame(frame, addressing))
        } else {
            let receivers = self.receivers(of: addressing)
            guard !receivers.isEmpty else { return .applied }
            let frame = Frame(position: place.position, kind: .message(Message(message, time: place.time)))
            for index in receivers {
                let connections = self.usersByName.values[index].value.connections.count
                self.statistics.totalMessages &+= UInt64(connections)
            }
            self.keep(frame, for: receivers)
            changes.append(.frame(frame, addressing))
        }
        return .applied
    }

    /// The message changes wherever it is kept; the edit is shown in any case.
    mutating func apply(_ edit: MessageEdited, at place: Place, into changes: inout ChangeList) -> Outcome {
        let frame = Frame(position: place.position, kind: .edit(edit, time: place.time))
        var input = DigestInput()
        var isFound = false
        if let name = edit.addressing.channel {
            guard let index = self.channelsByName.index(forKey: name) else { return .messageFound(false) }
            isFound = self.change(channelAt: index) { $0.apply(edit, frame: frame, at: place, using: &input) }
            changes.append(.frame(frame, edit.addressing))
        } else {
            for index in self.known(edit.addressing.only) {
                let isHere = self.change(userAt: index) { user in
                    user.privateFrames.apply(edit, at: place.position, time: place.time, using: &input)
                }
                isFound = isFound || isHere
            }
            self.show(frame, edit.addressing, into: &changes)
        }
        return .messageFound(isFound)
    }

    /// The message goes wherever it is kept, with its edits; the deletion is shown in any case.
    mutating func apply(_ deletion: MessageDeleted, at place: Place, into changes: inout ChangeList) -> Outcome {
        let frame = Frame(position: place.position, kind: .deletion(deletion))
        var isFound = false
        if let name = deletion.addressing.channel {
            guard let index = self.channelsByName.index(forKey: name) else { return .messageFound(false) }
            isFound = self.change(channelAt: index) { $0.apply(deletion, frame: frame, at: place) }
            changes.append(.frame(frame, deletion.addressing))
        } else {
            for index in self.known(deletion.addressing.only) {
                let isHere = self.change(userAt: index) { $0.privateFrames.removeMessage(deletion.uuid) }
                isFound = isFound || isHere
            }
            self.show(frame, deletion.addressing, into: &changes)
        }
        return .messageFound(isFound)
    }
}

// MARK: - Who is reached

extension HubState {
    /// Connections in a channel that see a message; costs what the lists name, not what the channel holds.
    private func reach(of addressing: Addressing, in channel: ChannelName, ofAll all: Int) -> Int {
        switch addressing.recipients {
        case .everybody: all
        case .everybodyBut(let users): all - self.connections(of: users, in: channel)
        case .users(let users): self.connections(of: users, in: channel)
        }
    }

    /// Connections of these users that are subscribed to a channel.
    private func connections(of users: [UserName], in channel: ChannelName) -> Int {
        Set(users).reduce(0) { count, name in
            count + (self.usersByName[name]?.value.subscriptions[channel] ?? 0)
        }
    }

    /// Those of these users that are known, each once, in the order given.
    private func known(_ users: [UserName]) -> [UserIndex] {
        // A list of one, by far the most frequent, needs no set.
        guard users.count > 1 else { return users.compactMap { self.usersByName.index(forKey: $0) } }
        var seen: Set<UserName> = []
        return users.compactMap { name in
            seen.insert(name).inserted ? self.usersByName.index(forKey: name) : nil
        }
    }

    /// The users with connections whom a private addressing reaches.
    private func receivers(of addressing: Addressing) -> [UserIndex] {
        guard case .users(let users) = addressing.recipients else { return [] }
        return self.known(users).filter { !self.usersByName.values[$0].value.connections.isEmpty }
    }

    /// Keeps a private frame for each of these users.
    private mutating func keep(_ frame: Frame, for receivers: [UserIndex]) {
        for index in receivers {
            self.change(userAt: index) { $0.privateFrames.append(frame, keeping: Self.framesKeptPerUser) }
        }
    }

    /// Keeps and announces a private frame, if there is anybody to see it.
    private mutating func show(_ frame: Frame, _ addressing: Addressing, into changes: inout ChangeList) {
        let receivers = self.receivers(of: addressing)
        guard !receivers.isEmpty else { return }
        self.keep(frame, for: receivers)
        changes.append(.frame(frame, addressing))
    }
}

// MARK: - In one channel

extension ChannelState {
    /// Whether the message was found.
    fileprivate mutating func apply(
        _ edit: MessageEdited,
        frame: Frame,
        at place: Place,
        using input: inout DigestInput
    ) -> Bool {
        self.lastActive = place.time
        let isInHistory = self.storedHistory.apply(edit, at: place.position, time: place.time, using: &input)
        let isInFrames = self.frames.apply(edit, at: place.position, time: place.time, using: &input)
        self.keepForCatchUp(frame)
        return isInHistory || isInFrames
    }

    /// Whether the message was found.
    fileprivate mutating func apply(_ deletion: MessageDeleted, frame: Frame, at place: Place) -> Bool {
        self.lastActive = place.time
        let isInHistory = self.storedHistory.removeMessage(deletion.uuid)
        let isInFrames = self.frames.removeMessage(deletion.uuid)
        self.keepForCatchUp(frame)
        return isInHistory || isInFrames
    }
}
