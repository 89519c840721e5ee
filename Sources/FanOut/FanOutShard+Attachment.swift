import Hub
import LogValues
import NIOCore
import Projections
import Web

/// The side of a handshake that waits for the hub: told once, granted or refused.
protocol SocketRequester: AnyObject {
    /// Completes the upgrade.
    ///
    /// - Returns: The socket, with 101 written but not flushed; nil when the client is gone meanwhile.
    func attachmentGranted() -> WebSocketHandler?
    func attachmentRefused(_ refusal: AttachmentRefusal)
}

enum AttachmentRefusal: Equatable, Sendable {
    case unknownConnection
    /// The hub takes no commands, or the server stops.
    case unavailable
}

// MARK: - Taking up connections

extension FanOutShard {
    /// Asks for a connection on behalf of a handshake.
    ///
    /// - Returns: The number to give the request up with; nil when it was refused already.
    func requestAttachment(of connection: ConnectionID, for requester: any SocketRequester) -> UInt64? {
        self.eventLoop.assertInEventLoop()
        guard !self.isDraining else {
            requester.attachmentRefused(.unavailable)
            return nil
        }
        return self.request(connection, .webSocket, .socket(requester))
    }

    func request(
        _ connection: ConnectionID,
        _ transport: Projections.Transport,
        _ requester: PendingListener.Requester
    ) -> UInt64 {
        let ticket = self.drawTicket()
        self.pending[ticket.number] = PendingListener(connection: connection, requester: requester)
        self.hand(.command(.attach(connection, transport, ticket))) { shard, reply in
            switch reply {
            case .attached: break  // The ticket comes, or came, in the feed.
            case .unavailable: shard.refuse(ticket, .unavailable)
            case .refused, .invalid, .json, .missed: shard.refuse(ticket, .unknownConnection)
            }
        }
        return ticket.number
    }

    /// The client is gone before its request was answered; if it is granted later, the hub learns that nobody listens.
    func cancelRequest(_ number: UInt64) {
        self.pending[number] = nil
    }

    private func refuse(_ ticket: AttachmentTicket, _ refusal: AttachmentRefusal) {
        guard let request = self.pending.removeValue(forKey: ticket.number) else { return }
        switch request.requester {
        case .socket(let requester): requester.attachmentRefused(refusal)
        case .poll(let session): session.refuse(refusal)
        }
    }

    func attach(
        _ connection: ConnectionID,
        ticket: AttachmentTicket?,
        user: UserName,
        channels: [ChannelName],
        missed: MissedPart
    ) {
        // Whoever served it until now, here or on another loop or node, is replaced.
        if let older = self.tables.listener(connection), older.ticket != ticket {
            self.end(older, code: .replaced, reason: "replaced")
        }
        guard let ticket, ticket.shard == self.index else { return }
        guard let transport = self.takeUp(ticket) else {
            return self.commands.tell(.listenerLost(connection, ticket, seen: missed.after))
        }
        let listener = Listener(
            connection: connection,
            ticket: ticket,
            user: self.tables.user(user),
            transport: transport,
            receipt: missed.isNothing ? Receipt(missed.end) : Receipt(missed.after, owed: missed.end)
        )
        self.enter(listener)
        for channel in channels { self.tables.join(listener, channel, since: self.ring.end) }
        switch transport {
        case .socket(let socket):
            self.begin(missed, of: channels, for: listener, socket)
        case .poll(let session):
            session.begin(listener, channels: channels, missed: missed)
        }
    }

    private func takeUp(_ ticket: AttachmentTicket) -> Listener.Transport? {
        guard let request = self.pending.removeValue(forKey: ticket.number) else { return nil }
        switch request.requester {
        case .socket(let requester): return requester.attachmentGranted().map(Listener.Transport.socket)
        case .poll(let session): return .poll(session)
        }
    }
}

// MARK: - Giving connections up

extension FanOutShard {
    /// Ends a listener because the feed says so: the hub knows.
    func end(_ listener: Listener, code: WebSocketCloseCode, reason: StaticString = "") {
        self.forget(listener)
        switch listener.transport {
        case .socket(let socket): socket.beginClose(code, reason: reason)
        case .poll(let session): session.end()
        }
    }

    /// A client has said goodbye: its connection ends.
    func listenerLeft(_ listener: Listener) {
        guard self.tables.listener(listener.connection) === listener else { return }
        self.forget(listener)
        // While the server stops, connections stay open, so that their clients can go on after the restart.
        if !self.isDraining { self.commands.tell(.listenerClosed(listener.connection, listener.ticket)) }
    }

    /// A socket is gone, or is being closed, without a goodbye of its client, which may come back.
    ///
    /// - Parameters:
    ///   - listener: The socket's.
    ///   - seen: The client has surely everything up to this event; nil: what its receipt says.
    func listenerLost(_ listener: Listener, seen: SequenceNumber? = nil) {
        guard self.tables.listener(listener.connection) === listener else { return }
        self.forget(listener)
        guard !self.isDraining else { return }
        self.commands.tell(.listenerLost(listener.connection, listener.ticket, seen: seen ?? listener.receipt.seen))
    }

    /// Ends a socket that cannot be caught up.
    ///
    /// Who comes back after the close frame has everything that was written before it.
    func giveUp(on listener: Listener) {
        guard case .socket(let socket) = listener.transport else { return }
        self.listenerLost(listener, seen: listener.backlog?.writtenThrough)
        socket.beginClose(.tryAgainLater, reason: "too slow")
    }

    /// Says goodbye to everybody and takes nobody any more.
    ///
    /// - Returns: When the last socket is closed; for sockets and polls that had not received everything, how far they
    ///   surely got.
    func drain() -> (behind: [ConnectionID: SequenceNumber], closed: EventLoopFuture<Void>) {
        self.eventLoop.assertInEventLoop()
        if let drained = self.drained { return ([:], drained.futureResult) }
        let drained = self.eventLoop.makePromise(of: Void.self)
        self.drained = drained
        for number in self.pending.keys {
            self.refuse(AttachmentTicket(shard: self.index, number: number), .unavailable)
        }
        var behind: [ConnectionID: SequenceNumber] = [:]
        for listener in self.tables.connections.values {
            switch listener.transport {
            // What the kernel holds for a socket that is cut may never arrive.
            case .socket(let socket):
                if listener.backlog != nil || !socket.isWritable {
                    behind[listener.connection] = listener.receipt.seen
                }
            case .poll(let session): behind[listener.connection] = session.finishForGood()
            }
            self.end(listener, code: .goingAway)
        }
        self.completeDrainIfEmpty()
        return (behind, drained.futureResult)
    }
}
