import Archive
import Hub
import LogValues
import Projections
import RawJSON

/// Writes the answers of ``LookBack``.
enum LookBackWriter {
    /// Bytes after which a page of history is ended, whatever its limit; the message that crosses the mark still goes in.
    static let pageSizeBytes = 4 << 20

    /// A page of history.
    ///
    ///     {"channel": …, "as_of": 120, "messages": [{"seq": 117, "time": …, "edited": true, "deleted": false,
    ///      "erased": false, "last_edit": {"seq": 119, "time": …}, "deletion": null, "message": {…}}],
    ///      "next": {"before": 117}}
    ///
    /// `message` is what a channels_info shows of a message; of a deleted one, without what people wrote.
    static func write(
        _ page: HistoryPage,
        of channel: ChannelName,
        pageSizeBytes: Int = pageSizeBytes,
        into writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.key("channel")
        writer.name(channel)
        writer.key("as_of")
        writer.integer(page.asOf.rawValue)
        writer.key("messages")
        writer.beginArray()
        var count = 0
        for record in page.messages where writer.bytes.count < pageSizeBytes {
            self.write(record, into: &writer)
            count += 1
        }
        writer.endArray()
        writer.key("next")
        if count > 0, page.hasMore || count < page.messages.count {
            writer.beginObject()
            if page.isNewestFirst { writer.key("before") } else { writer.key("after") }
            writer.integer(page.messages[count - 1].posted.position.rawValue)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.endObject()
    }

    private static func write(_ record: MessageRecord, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("seq")
        writer.integer(record.posted.position.rawValue)
        writer.key("time")
        writer.timestamp(record.posted.time)
        writer.key("edited")
        writer.bool(record.editCount > 0)
        writer.key("deleted")
        writer.bool(record.deletion != nil)
        writer.key("erased")
        writer.bool(record.isErased)
        writer.key("last_edit")
        self.write(record.lastEdit, into: &writer)
        writer.key("deletion")
        self.write(record.deletion, into: &writer)
        writer.key("message")
        ChannelsInfoWriter.write(record.message, showsContent: record.deletion == nil, into: &writer)
        writer.endObject()
    }

    private static func write(_ mark: MessageRecord.Mark?, into writer: inout JSONWriter) {
        guard let mark else { return writer.null() }
        writer.beginObject()
        writer.key("seq")
        writer.integer(mark.position.rawValue)
        writer.key("time")
        writer.timestamp(mark.time)
        writer.endObject()
    }

    // MARK: Lineage

    /// The lines about a message.
    ///
    ///     {"uuid": …, "lines": [{"seq": 12, "time": …, "type": "message.posted", "source": "node-1", "user": …,
    ///      "channel": …, "pm_users": [], "exclude_users": [], "no_history": false, "timestamp": …, "erased": false,
    ///      "content": {"message": {…}}}, …]}
    ///
    /// An erasure has `ordered_by`, `reason`, and `lines`: those of this message that it names. At the end stands `next`,
    /// as in a page of history: `{"after": 12}` or null.
    static func write(
        _ lineage: MessageLineage,
        pageSizeBytes: Int = pageSizeBytes,
        into writer: inout JSONWriter
    ) {
        var count = 0
        writer.beginObject()
        writer.key("uuid")
        writer.uuid(lineage.message)
        writer.key("lines")
        writer.beginArray()
        for line in lineage.lines where writer.bytes.count < pageSizeBytes {
            count += 1
            writer.beginObject()
            writer.key("seq")
            writer.integer(line.position.rawValue)
            writer.key("time")
            writer.timestamp(line.event.time)
            writer.key("type")
            writer.string(utf8: line.event.payload.typeName)
            writer.key("source")
            writer.name(line.event.source)
            self.writeMembers(of: line.event.payload, ofMessage: lineage.numbers, into: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.key("next")
        if count > 0, count < lineage.lines.count {
            writer.beginObject()
            writer.key("after")
            writer.integer(lineage.lines[count - 1].position.rawValue)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.endObject()
    }

    private static func writeMembers(
        of payload: Event.Payload,
        ofMessage positions: Set<SequenceNumber>,
        into writer: inout JSONWriter
    ) {
        switch payload.aboutMessages {
        case .posted(let posted):
            writer.key("user")
            writer.name(posted.user)
            self.write(posted.addressing, posted.keepsOutOfHistory, into: &writer)
            writer.key("timestamp")
            self.write(given: posted.timestamp, into: &writer)
            self.write(posted.content, into: &writer)
        case .edited(let edit):
            writer.key("user")
            writer.nameOrNull(edit.user)
            self.write(edit.addressing, edit.keepsOutOfHistory, into: &writer)
            writer.key("timestamp")
            self.write(given: edit.timestamp, into: &writer)
            writer.key("edited")
            self.write(given: edit.edited, into: &writer)
            self.write(edit.content, into: &writer)
        case .deleted(let deletion):
            self.write(deletion.addressing, deletion.keepsOutOfHistory, into: &writer)
        case .erased(let erased):
            writer.key("ordered_by")
            writer.string(erased.orderedBy)
            writer.key("reason")
            writer.string(erased.reason)
            writer.key("lines")
            writer.beginArray()
            for line in erased.lines where positions.contains(line) { writer.integer(line.rawValue) }
            writer.endArray()
        case nil:
            // No message's lineage has such a line.
            break
        }
    }

    private static func write(_ addressing: Addressing, _ keepsOutOfHistory: Bool, into writer: inout JSONWriter) {
        writer.key("channel")
        writer.nameOrNull(addressing.channel)
        writer.deliveryMembers(addressing, keepsOutOfHistory: keepsOutOfHistory)
    }

    private static func write(given timestamp: [UInt8]?, into writer: inout JSONWriter) {
        if let timestamp { writer.timestamp(timestamp) } else { writer.null() }
    }

    private static func write(_ content: Content?, into writer: inout JSONWriter) {
        writer.key("erased")
        writer.bool(content.map { $0.plain == nil } ?? false)
        writer.key("content")
        if let plain = content?.plain { writer.value(plain.json) } else { writer.null() }
    }
}
