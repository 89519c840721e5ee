package import LogValues

/// A message as it stands now: as posted, or as last edited.
package struct Message: Sendable {
    /// The author, the timestamp and the content that edits have given it.
    private struct Edits: Equatable {
        var user: UserName?
        var timestamp: [UInt8]?
        /// The moment of the last one.
        var edited: [UInt8]
        var content: Content?
        var position: SequenceNumber?
    }

    /// On the heap: few messages are ever edited.
    private indirect enum EditState: Equatable {
        case edited(Edits)
    }

    private let posted: MessagePosted
    /// When it was posted: its timestamp, unless the client gave one.
    private let time: Timestamp
    private var editState: EditState?

    package var uuid: UUID128 { self.posted.uuid }
    package var user: UserName { self.edits?.user ?? self.posted.user }
    package var addressing: Addressing { self.posted.addressing }
    package var keepsOutOfHistory: Bool { self.posted.keepsOutOfHistory }
    /// ISO 8601 as answered: the client's own, or the event's time without offset.
    package var timestamp: [UInt8] { self.givenTimestamp ?? self.time.clientForm }
    /// Its timestamp, if the client gave one; otherwise ``postingTime`` counts.
    package var givenTimestamp: [UInt8]? { self.edits?.timestamp ?? self.posted.timestamp }
    /// The time of the event.
    package var postingTime: Timestamp { self.time }
    /// The same form; nil until it is edited.
    package var edited: [UInt8]? { self.edits?.edited }
    /// The content as posted: `message` and extra keys.
    package var content: Content? { self.posted.content }
    /// The content of the last edit that gave a `message`, which replaces the posted `message` (not the extra keys).
    package var editedContent: Content? { self.edits?.content }
    /// The event of that edit: what an erasure of it takes away.
    package var editedPosition: SequenceNumber? { self.edits?.position }

    private var edits: Edits? {
        if case .edited(let edits) = self.editState { edits } else { nil }
    }

    /// A message as it was posted at this time.
    package init(_ posted: MessagePosted, time: Timestamp) {
        self.posted = posted
        self.time = time
    }

    /// A message as a snapshot kept it: `posted` with the author and the timestamp that it has by now.
    ///
    /// - Parameters:
    ///   - posted: What it says; it has a timestamp.
    ///   - edited: The moment of the last edit, nil if there was none.
    ///   - editedContent: The content of the last edit that gave a `message`.
    ///   - editedPosition: Of that edit.
    package init(
        _ posted: MessagePosted,
        edited: [UInt8]?,
        editedContent: Content? = nil,
        editedPosition: SequenceNumber? = nil
    ) {
        self.posted = posted
        // Not asked for: what a snapshot keeps has its timestamp.
        self.time = Timestamp(microseconds: 0)
        self.editState = edited.map {
            .edited(Edits(edited: $0, content: editedContent, position: editedPosition))
        }
    }

    private init(_ posted: MessagePosted, time: Timestamp, _ edits: Edits?) {
        self.posted = posted
        self.time = time
        self.editState = edits.map { .edited($0) }
    }

    /// Takes over what an edit gives; extra keys of an edit are delivered, not kept.
    mutating func apply(_ edit: MessageEdited, at position: SequenceNumber, time: Timestamp) {
        let moment = edit.edited ?? time.clientForm
        var edits = self.edits ?? Edits(edited: moment)
        edits.edited = moment
        edits.user = edit.user ?? edits.user
        edits.timestamp = edit.timestamp ?? edits.timestamp
        if !edit.keepsMessage {
            edits.content = edit.content
            edits.position = position
        }
        self.editState = .edited(edits)
    }

    /// The same message without what people wrote in it.
    func erasing(posted isPostErased: Bool, edit isEditErased: Bool) -> Message {
        var edits = self.edits
        if isEditErased { edits?.content = self.editedContent?.erased }
        let posted = isPostErased ? self.posted.replacing(content: self.content?.erased) : self.posted
        return Message(posted, time: self.time, edits)
    }
}

extension Message: Equatable {
    package static func == (left: Message, right: Message) -> Bool {
        left.uuid == right.uuid && left.user == right.user && left.addressing == right.addressing
            && left.keepsOutOfHistory == right.keepsOutOfHistory && left.timestamp == right.timestamp
            && left.edited == right.edited && left.content == right.content
            && left.editedContent == right.editedContent && left.editedPosition == right.editedPosition
    }
}

extension Message: CustomReflectable {
    /// The mirror shows what it says, not how that is kept.
    package var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "uuid": self.uuid, "user": self.user, "addressing": self.addressing,
                "keepsOutOfHistory": self.keepsOutOfHistory, "timestamp": self.timestamp,
                "edited": self.edited as Any, "content": self.content as Any,
                "editedContent": self.editedContent as Any, "editedPosition": self.editedPosition as Any,
            ],
            displayStyle: .struct
        )
    }
}
