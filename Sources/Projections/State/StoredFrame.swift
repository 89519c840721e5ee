import LogValues

/// A frame as kept for history and catch-up, with what finding it needs at hand.
struct StoredFrame: Sendable {
    private(set) var frame: Frame
    /// Half of the uuid of the message that a message, an edit or a deletion is about, 0 for all others.
    ///
    /// Edits and deletions look for it, and so hardly touch what the frames say.
    private let mark: UInt64
    /// Only an edited message has one: it chains the digests of the message as posted and of its edits, because what an
    /// erased edit changed can no longer be seen from the message.
    private var chain: DigestChain?

    /// On the heap: few messages are ever edited.
    private indirect enum DigestChain {
        case digest(Hash256)
    }

    /// A frame to be kept.
    ///
    /// - Parameters:
    ///   - frame: As it is.
    ///   - digest: The digest that was chained, if the message was edited.
    init(_ frame: Frame, digest: Hash256? = nil) {
        self.frame = frame
        self.chain = digest.map { .digest($0) }
        self.mark = frame.kind.message?.low ?? 0
    }

    /// The uuid of the message that a message, an edit or a deletion is about, nil for all others.
    var message: UUID128? { self.frame.kind.message }

    /// Whether a message, an edit or a deletion is about this message.
    @inline(__always)
    func isAbout(_ message: UUID128) -> Bool {
        self.mark == message.low && self.message == message
    }

    /// The digest that was chained of an edited message; nil if it is that of the frame as it is.
    var editedDigest: Hash256? {
        if case .digest(let digest) = self.chain { digest } else { nil }
    }

    /// The digest; content enters by its commitment.
    func digest(using input: inout DigestInput) -> Hash256 {
        self.editedDigest ?? self.frame.digest(using: &input)
    }

    /// Takes over an edit, if this is the message that it is about; whether it is.
    mutating func apply(
        _ edit: MessageEdited,
        at position: SequenceNumber,
        time: Timestamp,
        using input: inout DigestInput
    ) -> Bool {
        guard self.isAbout(edit.uuid), case .message(var message) = self.frame.kind else { return false }
        let digest = self.digest(using: &input)
        self.chain = .digest(edit.digest(at: position, time: time, after: digest, using: &input))
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
