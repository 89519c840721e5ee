import HTTPTypes
import Hub
import NIOCore
import RawJSON
import Web

extension HubEndpoints {
    /// `POST /message`: sends messages to channels and users; as `application/x-ndjson`, many, which are only counted.
    var postMessages: Endpoint {
        let read = self.list(of: MessageBody.self)
        let operation = Operation(
            "message",
            "Sends messages to channels and users; as application/x-ndjson, many, which are only counted",
            takes: "MessagesBody",
            answers: "MessagesReply"
        )
        return Endpoint(.post, "/message", for: .backend, body: .large, operation) { (request, reply) throws(Refusal) in
            self.submit(reply) { () throws(BodyError) in
                if request.fields.withValue(of: "content-type", BulkBody.isMediaType) == true {
                    return .postInBulk(try self.bulk(request.body))
                }
                return .postMessages(try self.decode(request.body, read))
            }
        }
    }

    /// `PATCH /message`: edits messages and tells everybody.
    var editMessages: Endpoint {
        let operation = Operation(
            "messages_edit",
            "Edits messages and tells everybody",
            takes: "MessageEditBody",
            answers: "MessagesReply"
        )
        return self.backend(.patch, "/message", operation, self.list(of: MessageEditBody.self)) { .editMessages($0) }
    }

    /// `DELETE /message`: deletes messages and tells everybody.
    var deleteMessages: Endpoint {
        let operation = Operation(
            "messages_delete",
            "Deletes messages and tells everybody",
            takes: "MessagesDeleteBody",
            answers: "MessagesReply"
        )
        return self.backend(.delete, "/message", operation, self.list(of: MessageDeleteBody.self)) {
            .deleteMessages($0)
        }
    }

    private func list<Item: ObjectBody & SendableMetatype>(of item: Item.Type) -> Read<[Item.Value]> {
        let maximumCount = self.limits.batchCount
        return { (scanner) throws(RawJSONError) in
            try MessageList<Item>.read(from: &scanner, maximumCount: maximumCount)
        }
    }

    private func bulk(_ body: ByteBuffer) throws(BodyError) -> [Command.PostMessage] {
        try BulkBody.read(body.readableBytesUInt8Span, maximumDepth: self.limits.depth)
    }
}
