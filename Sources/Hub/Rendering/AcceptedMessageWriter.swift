import LogValues
import Projections
import RawJSON

/// Writes the answers of `POST`, `PATCH` and `DELETE /message`: the list as accepted, from the events it became.
enum AcceptedMessageWriter {
    /// The events are those of one command; others than messages, edits and deletions are passed over.
    ///
    /// - Parameters:
    ///   - events: In their order.
    ///   - namingType: The messages, by number, that are answered with their `type`.
    ///   - writer: Where the list is appended.
    static func write(
        _ events: [Event],
        namingType: Set<Int> = [],
        into writer: inout JSONWriter
    ) {
        writer.beginArray()
        for index in events.indices {
            let time = events[index].time
            switch events[index].payload.aboutMessages {
            case .posted(let message):
                self.write(message, time: time, namesType: namingType.contains(index), into: &writer)
            case .edited(let edit): self.write(edit, time: time, into: &writer)
            case .deleted(let deletion): self.write(deletion, into: &writer)
            case .erased, nil: break
            }
        }
        writer.endArray()
    }

    private static func write(
        _ message: MessagePosted,
        time: Timestamp,
        namesType: Bool,
        into writer: inout JSONWriter
    ) {
        writer.beginObject()
        if namesType {
            writer.key("type")
            writer.string("message")
        }
        writer.key("uuid")
        writer.uuid(message.uuid)
        writer.key("timestamp")
        writer.timestamp(message.timestamp, else: time)
        writer.key("user")
        writer.name(message.user)
        writer.key("channel")
        writer.nameOrNull(message.addressing.channel)
        writer.contentMembers(message.content)
        writer.deliveryMembers(message.addressing, keepsOutOfHistory: message.keepsOutOfHistory)
        writer.key("edited")
        writer.null()
        writer.endObject()
    }

    private static func write(_ edit: MessageEdited, time: Timestamp, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.changedMessage(edit.uuid, edit.addressing)
        writer.editMembers(edit, time: time)
        writer.deliveryMembers(edit.addressing, keepsOutOfHistory: edit.keepsOutOfHistory)
        writer.endObject()
    }

    private static func write(_ deletion: MessageDeleted, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.changedMessage(deletion.uuid, deletion.addressing)
        writer.deliveryMembers(deletion.addressing, keepsOutOfHistory: deletion.keepsOutOfHistory)
        writer.endObject()
    }
}
