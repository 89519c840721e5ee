import LogValues
import RawJSON

/// A frame as a snapshot keeps it: once, even if both history and catch-up hold it.
struct KeptFrame {
    let frame: Frame
    /// An edited message has one, since its digest cannot be computed from what it is now.
    let digest: Hash256?
    var isInHistory: Bool
    var isInFrames: Bool

    init(frame: Frame, digest: Hash256?, isInHistory: Bool, isInFrames: Bool) {
        self.frame = frame
        self.digest = digest
        self.isInHistory = isInHistory
        self.isInFrames = isInFrames
    }

    init(_ stored: StoredFrame, isInHistory: Bool = false, isInFrames: Bool = true) {
        self.init(
            frame: stored.frame,
            digest: stored.editedDigest,
            isInHistory: isInHistory,
            isInFrames: isInFrames
        )
    }

    var stored: StoredFrame { StoredFrame(self.frame, digest: self.digest) }
}

/// The kinds of frames, as clients and snapshots name them.
enum FrameType: String {
    case message
    case edit = "message:edit"
    case deletion = "message:delete"
    case presence
    case stateChange = "user_state_change"
}

// MARK: - Writing

extension KeptFrame {
    func writeSnapshot(_ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("frame")
        writer.string(self.type.rawValue)
        writer.key("position")
        writer.integer(self.frame.position.rawValue)
        if self.isInHistory {
            writer.key("history")
            writer.bool(true)
        }
        if !self.isInFrames {
            writer.key("catchup")
            writer.bool(false)
        }
        switch self.frame.kind {
        case .message(let message): Self.write(message, digest: self.digest, &writer)
        case .edit(let edit, let time): Self.write(edit, time: time, &writer)
        case .deletion(let deletion):
            writer.key("data")
            writer.data(.messageDeleted(deletion))
        case .presence(let presence): Self.write(presence, &writer)
        case .stateChange(let change): Self.write(change, &writer)
        }
        writer.endObject()
    }

    private var type: FrameType {
        switch self.frame.kind {
        case .message: .message
        case .edit: .edit
        case .deletion: .deletion
        case .presence: .presence
        case .stateChange: .stateChange
        }
    }

    /// `data` is that of an edit which would make the message what it is.
    private static func write(_ message: Message, digest: Hash256?, _ writer: inout JSONWriter) {
        writer.key("data")
        writer.data(
            .messageEdited(
                MessageEdited(
                    uuid: message.uuid,
                    addressing: message.addressing,
                    keepsOutOfHistory: message.keepsOutOfHistory,
                    user: message.user,
                    timestamp: message.timestamp,
                    edited: message.edited,
                    content: nil
                )
            )
        )
        writer.content(message.content)
        if let digest {
            writer.key("digest")
            writer.hash(digest)
        }
        guard let content = message.editedContent, let position = message.editedPosition else { return }
        writer.key("edit")
        writer.beginObject()
        writer.key("position")
        writer.integer(position.rawValue)
        writer.content(content)
        writer.endObject()
    }

    private static func write(_ edit: MessageEdited, time: Timestamp, _ writer: inout JSONWriter) {
        writer.key("time")
        writer.timestamp(time)
        writer.key("data")
        writer.data(.messageEdited(edit))
        writer.content(edit.content)
    }

    private static func write(_ presence: Presence, _ writer: inout JSONWriter) {
        writer.key("time")
        writer.timestamp(presence.time)
        writer.key("uuid")
        writer.uuid(presence.uuid)
        writer.key("user")
        writer.string(utf8: presence.user.utf8)
        writer.key("channel")
        writer.string(utf8: presence.channel.utf8)
        writer.key("action")
        writer.string(presence.action.rawValue)
        if let state = presence.state {
            writer.key("state")
            writer.value(state)
            writer.key("origins")
            writer.positions(presence.stateOrigins)
        }
        guard !presence.users.isEmpty else { return }
        writer.key("users")
        writer.beginArray()
        for present in presence.users {
            writer.beginObject()
            writer.key("user")
            writer.string(utf8: present.user.utf8)
            writer.key("state")
            writer.value(present.state)
            writer.key("origins")
            writer.positions(present.stateOrigins)
            writer.endObject()
        }
        writer.endArray()
    }

    private static func write(_ change: StateChange, _ writer: inout JSONWriter) {
        writer.key("time")
        writer.timestamp(change.time)
        writer.key("uuid")
        writer.uuid(change.uuid)
        writer.key("user")
        writer.string(utf8: change.user.utf8)
        writer.key("channel")
        writer.string(utf8: change.channel.utf8)
        writer.key("state")
        writer.value(change.state)
        writer.key("origins")
        writer.positions(change.stateOrigins)
        writer.key("changed")
        writer.value(change.changed)
    }
}

// MARK: - Reading

extension KeptFrame {
    init(_ entry: SnapshotEntry) throws(EventCodingError) {
        let kind: Frame.Kind =
            switch try entry.frame.required("frame") {
            case .message: .message(try Message(entry))
            case .edit: .edit(try entry.data.messageEdited(entry.content), time: try entry.time.required("time"))
            case .deletion: .deletion(try entry.data.messageDeleted())
            case .presence: .presence(try Presence(entry))
            case .stateChange: .stateChange(try StateChange(entry))
            }
        self.init(
            frame: Frame(position: try entry.position.required("position"), kind: kind),
            digest: entry.digest,
            isInHistory: entry.isInHistory,
            isInFrames: entry.isInFrames
        )
    }
}

extension Message {
    fileprivate init(_ entry: SnapshotEntry) throws(EventCodingError) {
        let data = try entry.data.messageEdited(nil)
        let posted = MessagePosted(
            uuid: data.uuid,
            user: try data.user.required("user"),
            addressing: data.addressing,
            keepsOutOfHistory: data.keepsOutOfHistory,
            timestamp: try data.timestamp.required("timestamp"),
            content: entry.content
        )
        self.init(
            posted,
            edited: data.edited,
            editedContent: entry.edit?.content,
            editedPosition: entry.edit?.position
        )
    }
}

extension Presence {
    fileprivate init(_ entry: SnapshotEntry) throws(EventCodingError) {
        self.init(
            uuid: try entry.uuid.required("uuid"),
            time: try entry.time.required("time"),
            user: try entry.user.required("user"),
            channel: try entry.channel.required("channel"),
            action: try entry.action.required("action"),
            state: entry.state,
            stateOrigins: entry.origins,
            users: entry.users
        )
    }
}

extension StateChange {
    fileprivate init(_ entry: SnapshotEntry) throws(EventCodingError) {
        self.init(
            uuid: try entry.uuid.required("uuid"),
            time: try entry.time.required("time"),
            user: try entry.user.required("user"),
            channel: try entry.channel.required("channel"),
            state: try entry.state.required("state"),
            stateOrigins: entry.origins,
            changed: try entry.changed.required("changed")
        )
    }
}
