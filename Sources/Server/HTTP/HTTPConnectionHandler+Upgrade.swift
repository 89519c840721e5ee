import HTTPTypes
import NIOCore

/// How a connection becomes a websocket: the hub is asked for its listener, then 101 is written and the channel changes
/// hands.
extension HTTPConnectionHandler {
    func upgrade(_ accepted: WebSocketHandshake.Accepted) {
        guard let shard = self.shard else { return self.refuseUpgrade(.unavailable) }
        switch accepted.purpose {
        case .echo:
            let bytes = self.received
            guard let socket = self.takeOver(accepted, as: .echo, shard: shard) else { return }
            socket.flush()
            socket.receive(bytes)
        case .listen(let connection):
            self.phase = .upgrading(accepted, request: nil)
            let request = shard.requestAttachment(of: connection, for: self)
            if case .upgrading = self.phase { self.phase = .upgrading(accepted, request: request) }
        }
    }

    func cancelUpgrade() {
        guard case .upgrading(_, let request) = self.phase, let request else { return }
        self.shard?.cancelRequest(request)
    }

    private func refuseUpgrade(_ refusal: AttachmentRefusal) {
        switch refusal {
        case .unknownConnection:
            self.refuse(.unauthorized, body: Self.body("Unknown connection"))
        case .unavailable:
            self.refuse(.serviceUnavailable, body: Self.body("The server takes no listeners now."))
        }
    }

    /// Writes 101 and puts a websocket in this handler's place.
    private func takeOver(
        _ accepted: WebSocketHandshake.Accepted,
        as purpose: WebSocketHandler.Purpose,
        shard: FanOutShard
    ) -> WebSocketHandler? {
        guard let context = self.context else { return nil }
        var head = ByteBuffer()
        head.writeStaticString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
        head.writeStaticString("Sec-WebSocket-Accept: ")
        head.writeString(accepted.acceptance)
        head.writeStaticString("\r\n\r\n")
        self.received = ByteBuffer()
        let socket = WebSocketHandler(purpose: purpose, shard: shard, gauge: self.gauge)
        let operations = context.pipeline.syncOperations
        do {
            try operations.addHandler(socket, position: .after(self))
            self.gauge = nil
            if case .listen = purpose { try SocketSettings.shrink(context.channel) }
            operations.removeHandler(self, promise: nil)
            socket.open(with: head)
        } catch {
            context.close(promise: nil)
            return nil
        }
        // What was held up while the hub was asked is the socket's to read.
        if self.holdsRead { context.channel.read() }
        return socket
    }
}

extension HTTPConnectionHandler: SocketRequester {
    func attachmentGranted() -> WebSocketHandler? {
        guard case .upgrading(let accepted, _) = self.phase, let shard = self.shard else { return nil }
        self.phase = .upgrading(accepted, request: nil)
        let bytes = self.received
        guard let socket = self.takeOver(accepted, as: .listen, shard: shard) else { return nil }
        if bytes.readableBytes > 0 { socket.keep(bytes) }
        return socket
    }

    func attachmentRefused(_ refusal: AttachmentRefusal) {
        guard case .upgrading(let accepted, _) = self.phase else { return }
        self.phase = .upgrading(accepted, request: nil)
        self.refuseUpgrade(refusal)
    }
}
