import LogValues
package import Projections
package import RawJSON

/// Writes what is sent to clients: one JSON object a frame, without the list around it.
///
/// Each frame is written once and shared by all who get it. Content goes in as the bytes that came in, and the order of
/// keys is fixed. `pm_users`, `exclude_users` and `no_history` never appear.
package enum FrameWriter {
    /// `catchUp` tells that the client gets it late, when it takes up its connection.
    package static func write(_ frame: Frame, catchUp: Bool, into writer: inout JSONWriter) {
        writer.beginObject()
        switch frame.kind {
        case .message(let message): self.writeMembers(of: message, catchUp: catchUp, into: &writer)
        case .edit(let edit, let time): self.writeMembers(of: edit, time: time, catchUp: catchUp, into: &writer)
        case .deletion(let deletion): self.writeMembers(of: deletion, catchUp: catchUp, into: &writer)
        case .presence(let presence): self.writeMembers(of: presence, catchUp: catchUp, into: &writer)
        case .stateChange(let change): self.writeMembers(of: change, catchUp: catchUp, into: &writer)
        }
        writer.endObject()
    }

    private static func writeMembers(of message: Message, catchUp: Bool, into writer: inout JSONWriter) {
        writer.messageHead(message)
        writer.contentMembers(message.content, editedBy: message.editedContent)
        writer.messageTail(message, catchUp: catchUp)
    }

    private static func writeMembers(
        of edit: MessageEdited,
        time: Timestamp,
        catchUp: Bool,
        into writer: inout JSONWriter
    ) {
        writer.changedMessage(edit.uuid, edit.addressing)
        writer.editMembers(edit, time: time)
        writer.key("type")
        writer.string("message:edit")
        self.writeCatchUpMark(catchUp, into: &writer)
    }

    private static func writeMembers(of deletion: MessageDeleted, catchUp: Bool, into writer: inout JSONWriter) {
        writer.changedMessage(deletion.uuid, deletion.addressing)
        writer.key("type")
        writer.string("message:delete")
        self.writeCatchUpMark(catchUp, into: &writer)
    }

    /// Edits and deletions carry the mark only when they are late.
    private static func writeCatchUpMark(_ catchUp: Bool, into writer: inout JSONWriter) {
        guard catchUp else { return }
        writer.key("catchup")
        writer.bool(true)
    }

    /// Who does something, where and when.
    private static func writeHead(
        _ uuid: UUID128,
        _ time: Timestamp,
        _ user: UserName,
        _ channel: ChannelName,
        into writer: inout JSONWriter
    ) {
        writer.key("uuid")
        writer.uuid(uuid)
        writer.key("timestamp")
        writer.timestamp(time)
        writer.key("user")
        writer.name(user)
        writer.key("channel")
        writer.name(channel)
    }

    private static func writeMembers(of presence: Presence, catchUp: Bool, into writer: inout JSONWriter) {
        self.writeHead(presence.uuid, presence.time, presence.user, presence.channel, into: &writer)
        writer.key("message")
        writer.beginObject()
        writer.key("action")
        switch presence.action {
        case .joined: writer.string("joined")
        case .parted: writer.string("parted")
        }
        writer.endObject()
        writer.key("type")
        writer.string("presence")
        writer.key("state")
        if let state = presence.state {
            writer.value(state)
        } else {
            writer.null()
        }
        writer.key("users")
        writer.beginArray()
        for present in presence.users {
            writer.userAndState(present.user, present.state)
        }
        writer.endArray()
        writer.key("catchup")
        writer.bool(catchUp)
    }

    private static func writeMembers(of change: StateChange, catchUp: Bool, into writer: inout JSONWriter) {
        self.writeHead(change.uuid, change.time, change.user, change.channel, into: &writer)
        writer.key("message")
        writer.beginObject()
        writer.key("state")
        writer.value(change.state)
        writer.key("changed")
        writer.value(change.changed)
        writer.endObject()
        writer.key("type")
        writer.string("user_state_change")
        writer.key("catchup")
        writer.bool(catchUp)
    }
}
