import HTTPTypes
import NIOCore
import Web

/// How a connection becomes a websocket: the hub is asked for its listener, then 101 is written and the channel changes
/// hands.
final class WebSocketUpgrade: ConnectionUpgrade {
    private let accepted: WebSocketHandshake.Accepted
    private let shard: FanOutShard
    /// Until the upgrade is decided.
    private var connection: HTTPConnectionHandler?
    /// The number of the question to the hub, while it is open.
    private var request: UInt64?

    init(_ accepted: WebSocketHandshake.Accepted, _ shard: FanOutShard) {
        self.accepted = accepted
        self.shard = shard
    }

    func begin(on connection: HTTPConnectionHandler) {
        self.connection = connection
        switch self.accepted.purpose {
        case .echo:
            guard let (socket, rest) = self.takeOver(as: .echo) else { return }
            socket.flush()
            socket.receive(rest)
        case .listen(let id):
            let request = self.shard.requestAttachment(of: id, for: self)
            // It may be refused already.
            if self.connection != nil { self.request = request }
        }
    }

    func cancel() {
        self.connection = nil
        if let request = self.request { self.shard.cancelRequest(request) }
        self.request = nil
    }

    /// Writes 101 and puts a websocket in the place of the connection's handler.
    private func takeOver(as purpose: WebSocketHandler.Purpose) -> (WebSocketHandler, rest: ByteBuffer)? {
        guard let connection = exchange(&self.connection, with: nil) else { return nil }
        self.request = nil
        let handOver = connection.handOver { gauge in
            WebSocketHandler(purpose: purpose, shard: self.shard, gauge: gauge)
        } prepare: { channel in
            if case .listen = purpose { try SocketSettings.shrink(channel) }
        }
        guard let (socket, rest) = handOver else { return nil }
        var head = ByteBuffer()
        head.writeStaticString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
        head.writeStaticString("Sec-WebSocket-Accept: ")
        head.writeString(self.accepted.acceptance)
        head.writeStaticString("\r\n\r\n")
        socket.open(with: head)
        return (socket, rest)
    }
}

extension WebSocketUpgrade: SocketRequester {
    func attachmentGranted() -> WebSocketHandler? {
        guard let (socket, rest) = self.takeOver(as: .listen) else { return nil }
        if rest.readableBytes > 0 { socket.keep(rest) }
        return socket
    }

    func attachmentRefused(_ refusal: AttachmentRefusal) {
        guard let connection = exchange(&self.connection, with: nil) else { return }
        self.request = nil
        switch refusal {
        case .unknownConnection:
            connection.refuse(Refusal(.unauthorized, "Unknown connection"))
        case .unavailable:
            connection.refuse(.unavailable("The server takes no listeners now."))
        }
    }
}

extension FanOutShard: UpgradeResponder {
    func judge(_ head: HTTPRequestHead) -> UpgradeVerdict {
        switch self.settings.handshake.judge(head) {
        case .notForUs: .notForUs
        case .refuse(let refusal): .refuse(refusal)
        case .accept(let accepted): .accept(WebSocketUpgrade(accepted, self))
        }
    }
}
