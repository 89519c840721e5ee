import DequeModule
package import LogValues
import OrderedCollections
import RawJSON

/// Taking erased contents out of the state, so that no snapshot, catch-up or answer shows them again.
///
/// All that can go at once is what came from the erased events themselves. The values that they had overwritten do not
/// come back: a replay of the erased log has them, this state does not. The digest is the same in both (see
/// `StateDigest.swift`).
extension HubState {
    /// An operator's act, rare and slow: it looks at everything that is kept.
    ///
    /// Who shows a public state is told what is left of it, as of any other change. That is not kept: a replay of the
    /// erased log does not know what was there, and must come to the same state.
    mutating func apply(_ erased: ContentErased, at place: Place, into changes: inout ChangeList) -> Outcome {
        let lines = Set(erased.lines)
        guard !lines.isEmpty else { return .applied }
        let losses = self.usersByName.values.compactMap { user in
            user.value.publicLoss(of: lines).map { (name: user.value.name, changed: $0) }
        }
        self.erase(lines)
        changes.append(.erased(erased.lines))
        for loss in losses.sorted(by: { $0.name < $1.name }) {
            guard let user = self.usersByName.index(forKey: loss.name) else { continue }
            // The order has no seed; nothing rests on these identities being hard to guess.
            let seed = UUID128(random: place.position.rawValue, UInt64(bitPattern: place.time.microseconds))
            self.announceState(
                of: user,
                changed: loss.changed,
                seed: seed,
                isKept: false,
                at: place,
                into: &changes
            )
        }
        return .applied
    }

    /// Takes out what these events brought in; the digest stays what it is.
    package mutating func erase(_ lines: Set<SequenceNumber>) {
        // In any order: nothing is announced, and no channel's or user's erasure depends on another's. What is not
        // affected is only read, because writing to it could mean copying it.
        for index in self.channelsByName.indices where self.channelsByName.values[index].value.holds(lines) {
            self.changeUncovered(channelAt: index) { $0.erase(lines) }
        }
        for index in self.usersByName.indices where self.usersByName.values[index].value.holds(lines) {
            self.changeUncovered(userAt: index) { $0.erase(lines) }
        }
    }
}

extension ChannelState {
    fileprivate func holds(_ lines: Set<SequenceNumber>) -> Bool {
        self.storedHistory.contains { $0.frame.erasing(lines) != nil }
            || self.frames.contains { $0.frame.erasing(lines) != nil }
            || self.stateChanges.contains { lines.contains($0.position) || $0.erasing(lines) != nil }
    }

    fileprivate mutating func erase(_ lines: Set<SequenceNumber>) {
        self.storedHistory.replace { $0.erasing(lines) }
        self.frames.replace { $0.erasing(lines) }
        // A replay does not know that there was a change at all.
        self.stateChanges.removeAll { lines.contains($0.position) }
        for index in self.stateChanges.indices {
            if let erased = self.stateChanges[index].erasing(lines) {
                self.stateChanges[index] = erased
            }
        }
    }
}

extension UserState {
    /// The public keys whose values these events set, each with null, as an array of `{"key":…,"value":…}`; nil if there
    /// are none.
    fileprivate func publicLoss(of lines: Set<SequenceNumber>) -> RawJSON? {
        guard self.publicState.origins.contains(where: lines.contains) else { return nil }
        let isPublic = Set(self.publicKeys)
        var writer = JSONWriter()
        writer.beginArray()
        for (key, origin) in zip(self.values.keys, self.valueOrigins)
        where lines.contains(origin) && isPublic.contains(key) {
            writer.beginObject()
            writer.key("key")
            writer.string(utf8: key)
            writer.key("value")
            writer.null()
            writer.endObject()
        }
        writer.endArray()
        return RawJSON(trusted: writer.bytes)
    }

    fileprivate func holds(_ lines: Set<SequenceNumber>) -> Bool {
        self.valueOrigins.contains(where: lines.contains)
            || self.privateFrames.contains { $0.frame.erasing(lines) != nil }
    }

    fileprivate mutating func erase(_ lines: Set<SequenceNumber>) {
        self.eraseValues(from: lines)
        self.privateFrames.replace { $0.erasing(lines) }
    }
}

extension Frame {
    /// The part that may still be shown of a frame which waits for a listener; nil when nothing may.
    package func withoutContent(of lines: Set<SequenceNumber>) -> Frame? {
        if case .stateChange = self.kind, lines.contains(self.position) { return nil }
        return self.erasing(lines) ?? self
    }

    /// The frame without what came from these events; nil when nothing did.
    fileprivate func erasing(_ lines: Set<SequenceNumber>) -> Frame? {
        let kind: Kind? =
            switch self.kind {
            case .message(let message):
                message.erasing(lines, postedAt: self.position).map { .message($0) }
            case .edit(let edit, let time):
                lines.contains(self.position) && edit.content?.plain != nil ? .edit(edit.erased, time: time) : nil
            case .deletion:
                nil
            case .presence(let presence):
                presence.erasing(lines).map { .presence($0) }
            case .stateChange(let change):
                change.erasing(lines).map { .stateChange($0) }
            }
        return kind.map { Frame(position: self.position, kind: $0) }
    }
}

extension Message {
    fileprivate func erasing(_ lines: Set<SequenceNumber>, postedAt position: SequenceNumber) -> Message? {
        let losesContent = self.content?.plain != nil && lines.contains(position)
        let losesEdit = self.editedContent?.plain != nil && (self.editedPosition.map(lines.contains) ?? false)
        guard losesContent || losesEdit else { return nil }
        return self.erasing(posted: losesContent, edit: losesEdit)
    }
}

extension MessageEdited {
    fileprivate var erased: MessageEdited {
        MessageEdited(
            uuid: self.uuid,
            addressing: self.addressing,
            keepsOutOfHistory: self.keepsOutOfHistory,
            user: self.user,
            timestamp: self.timestamp,
            edited: self.edited,
            content: self.content?.erased,
            keepsMessage: self.keepsMessage
        )
    }
}

extension Presence {
    fileprivate func erasing(_ lines: Set<SequenceNumber>) -> Presence? {
        let isAffected = self.stateOrigins.contains(where: lines.contains)
        guard isAffected || self.users.contains(where: { $0.stateOrigins.contains(where: lines.contains) }) else {
            return nil
        }
        let state = self.state.map { PublicState(json: $0, origins: self.stateOrigins).erasing(lines) }
        return Presence(
            uuid: self.uuid,
            time: self.time,
            user: self.user,
            channel: self.channel,
            action: self.action,
            state: state?.json,
            stateOrigins: state?.origins ?? [],
            users: self.users.map { present in
                let state = PublicState(json: present.state, origins: present.stateOrigins).erasing(lines)
                return PresentUser(user: present.user, state: state.json, stateOrigins: state.origins)
            }
        )
    }
}

extension StateChange {
    fileprivate func erasing(_ lines: Set<SequenceNumber>) -> StateChange? {
        guard self.stateOrigins.contains(where: lines.contains) else { return nil }
        let state = PublicState(json: self.state, origins: self.stateOrigins).erasing(lines)
        return StateChange(
            uuid: self.uuid,
            time: self.time,
            user: self.user,
            channel: self.channel,
            state: state.json,
            stateOrigins: state.origins,
            changed: self.changed
        )
    }
}

extension PublicState {
    /// Without the members that these events set.
    fileprivate func erasing(_ lines: Set<SequenceNumber>) -> PublicState {
        guard self.origins.contains(where: lines.contains) else { return self }
        var writer = JSONWriter()
        var kept: [SequenceNumber] = []
        writer.beginObject()
        try? self.json.withScanner { scanner throws(RawJSONError) in
            try scanner.beginObject()
            var index = 0
            while let name = try scanner.nextMember(), index < self.origins.count {
                let value = try scanner.readValue()
                if !lines.contains(self.origins[index]) {
                    writer.key(utf8: name.decodedUTF8())
                    writer.value(value)
                    kept.append(self.origins[index])
                }
                index += 1
            }
        }
        writer.endObject()
        return PublicState(json: RawJSON(trusted: writer.bytes), origins: kept)
    }
}
