import HTTPTypes
import NIOCore
import Projections
import RawJSON

/// A request as the hub is asked, and what its answer has to show beside that.
struct APICall: Sendable {
    let command: Command
    var typeEcho = TypeEcho([])
}

/// Reads the command out of a request whose caller may call.
struct CommandReader: Sendable {
    let limits: APILimits

    func call(_ request: APIRequest, body: ByteBuffer, at endpoint: Endpoint) throws(BodyError) -> APICall {
        switch endpoint {
        case .message:
            return try self.messages(request.method, body: body)
        case .connect:
            return APICall(command: .connect(try self.decode(body, ConnectBody.read)))
        case .subscribe:
            return APICall(command: .subscribe(try self.subscription(request, body: body)))
        case .unsubscribe:
            return APICall(command: .unsubscribe(try self.subscription(request, body: body)))
        case .userState:
            return APICall(command: .setUserState(try self.decode(body, UserStateBody.read)))
        case .channelConfig:
            return APICall(command: .configureChannels(try self.decode(body, ChannelConfigBody.read)))
        case .info, .openAPI:
            // Without a body: everything.
            guard body.readableBytes > 0 else { return APICall(command: .info(nil)) }
            return APICall(command: .info(try self.decode(body, InfoBody.read)))
        case .disconnect:
            return APICall(command: .disconnect(try self.disconnection(request, body: body)))
        }
    }

    private func messages(_ method: HTTPRequest.Method, body: ByteBuffer) throws(BodyError) -> APICall {
        switch method {
        case .patch:
            return APICall(command: .editMessages(try self.decodeList(MessageEditBody.self, body)))
        case .delete:
            return APICall(command: .deleteMessages(try self.decodeList(MessageDeleteBody.self, body)))
        default:
            let items = try self.decodeList(MessageBody.self, body)
            return APICall(command: .postMessages(items.map(\.message)), typeEcho: TypeEcho(items))
        }
    }

    private func subscription(_ request: APIRequest, body: ByteBuffer) throws(BodyError) -> Command.Subscription {
        let draft = try self.decode(body, SubscriptionBody.read)
        return try Self.value(draft.finish(queryConnection: request.query.value("conn_id")))
    }

    /// On POST the query is not looked at.
    private func disconnection(_ request: APIRequest, body: ByteBuffer) throws(BodyError) -> ConnectionID {
        guard request.method == .get else { return try self.decode(body, DisconnectBody.read) }
        return try Self.value(ConnectionQuery.read(request.query.value("conn_id")))
    }

    private func decodeList<Item: ObjectBody>(_ item: Item.Type, _ body: ByteBuffer) throws(BodyError) -> [Item.Value] {
        try self.decode(body) { (scanner) throws(RawJSONError) in
            try MessageList<Item>.read(from: &scanner, maximumCount: self.limits.batchCount)
        }
    }

    private func decode<Value>(
        _ body: ByteBuffer,
        _ read: (inout JSONScanner) throws(RawJSONError) -> Result<Value, ValidationFailure>
    ) throws(BodyError) -> Value {
        // `withUnsafeReadableBytes` knows no typed errors, so that the result travels as a value.
        let result = body.withUnsafeReadableBytes { bytes in
            do throws(BodyError) {
                return Result<Value, BodyError>.success(
                    try RequestBody.decode(bytes, maximumDepth: self.limits.depth, read)
                )
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func value<Value>(_ result: Result<Value, ValidationFailure>) throws(BodyError) -> Value {
        switch result {
        case .success(let value): return value
        case .failure(let failure): throw .invalid(failure)
        }
    }
}
