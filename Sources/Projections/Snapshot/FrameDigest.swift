import LogValues

extension Frame {
    /// The digest of a frame as it was when its event was applied.
    ///
    /// Presence goes without states and lists, which follow from users and members; a state change depends on content
    /// and is never kept where digests are taken.
    func digest(using input: inout DigestInput) -> Hash256 {
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
    /// The digest of a message after this edit, given its digest before.
    func digest(
        at position: SequenceNumber,
        time: Timestamp,
        after previous: Hash256,
        using input: inout DigestInput
    ) -> Hash256 {
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
