import DequeModule

/// A frame as kept for history and catch-up, with what finding and digesting it needs at hand.
struct StoredFrame: Sendable {
    private(set) var frame: Frame
    /// Half of the uuid of the message that a message, an edit or a deletion is about, 0 for all others.
    ///
    /// Edits and deletions look for it, and so hardly touch what the frames say.
    private let mark: UInt64
    /// Known once it was asked for.
    ///
    /// An edited message always has one: it chains the digests of the message as posted and of its edits, because what
    /// an erased edit changed can no longer be seen from the message.
    private(set) var knownDigest: Digest256?

    init(_ frame: Frame, digest: Digest256? = nil) {
        self.frame = frame
        self.knownDigest = digest
        self.mark = frame.kind.message?.low ?? 0
    }

    /// The uuid of the message that a message, an edit or a deletion is about, nil for all others.
    var message: UUID128? { self.frame.kind.message }

    /// Whether a message, an edit or a deletion is about this message.
    @inline(__always)
    func isAbout(_ message: UUID128) -> Bool {
        self.mark == message.low && self.message == message
    }

    /// The digest, computed at most once; content enters by its commitment.
    mutating func digest(using input: inout DigestInput) -> Digest256 {
        if let digest = self.knownDigest {
            return digest
        }
        let digest = self.frame.digest(using: &input)
        self.knownDigest = digest
        return digest
    }

    /// Takes the digest of the same frame, kept elsewhere.
    mutating func adopt(_ digest: Digest256) {
        self.knownDigest = digest
    }

    /// Takes over an edit, if this is the message that it is about; whether it is.
    mutating func apply(
        _ edit: MessageEdited,
        at position: Position,
        time: Timestamp,
        using input: inout DigestInput
    ) -> Bool {
        guard self.isAbout(edit.uuid), case .message(var message) = self.frame.kind else { return false }
        let digest = self.digest(using: &input)
        self.knownDigest = edit.digest(at: position, time: time, after: digest, using: &input)
        message.apply(edit, at: position, time: time)
        self.frame = Frame(position: self.frame.position, kind: .message(message))
        return true
    }

    /// Puts another form of the same frame in its place: one without contents that were erased.
    ///
    /// The digest stays, since it never saw content.
    mutating func replace(_ frame: Frame) {
        self.frame = frame
    }
}

extension Frame.Kind {
    /// The uuid of the message that it is about, nil for presence and state changes.
    fileprivate var message: UUID128? {
        switch self {
        case .message(let message): message.uuid
        case .edit(let edit, _): edit.uuid
        case .deletion(let deletion): deletion.uuid
        case .presence, .stateChange: nil
        }
    }
}

extension Deque<StoredFrame> {
    /// Adds a frame and drops the oldest beyond the limit.
    mutating func append(_ frame: Frame, keeping limit: Int) {
        self.append(StoredFrame(frame))
        // Nearly always one.
        if self.count == limit + 1 {
            _ = self.removeFirst()
        } else if self.count > limit {
            self.removeFirst(self.count - limit)
        }
    }

    /// Edits the messages with that uuid; whether there were any.
    mutating func apply(
        _ edit: MessageEdited,
        at position: Position,
        time: Timestamp,
        using input: inout DigestInput
    ) -> Bool {
        var isFound = false
        for index in self.indices where self[index].apply(edit, at: position, time: time, using: &input) {
            isFound = true
        }
        return isFound
    }

    /// Removes the messages with that uuid, and what was said about their edits; whether there were any messages.
    mutating func removeMessage(_ uuid: UUID128) -> Bool {
        var isFound = false
        guard self.contains(where: { $0.isAbout(uuid) }) else { return false }
        self.removeAll { stored in
            guard stored.isAbout(uuid) else { return false }
            switch stored.frame.kind {
            case .message:
                isFound = true
                return true
            case .edit:
                return true
            case .deletion, .presence, .stateChange:
                return false
            }
        }
        return isFound
    }
}
