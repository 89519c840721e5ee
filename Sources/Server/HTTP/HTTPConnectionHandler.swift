import HTTPTypes
import NIOCore
import NIOHTTPTypes
import Projections

/// A request with its whole body, ready to be answered.
struct CollectedRequest: Sendable {
    let head: HTTPRequest
    let body: ByteBuffer
}

/// One connection as long as it speaks HTTP: reads requests, one at a time, and writes their answers.
///
/// It stands alone in front of whoever answers; what is read, refused and waited for is decided by
/// ``HTTPRequestParser``, ``WebSocketHandshake`` and ``HTTPDeadline``. The next request is not looked at before the
/// answer is out: pipelined ones stay bytes in a bounded buffer. A websocket handshake takes the channel over.
final class HTTPConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = CollectedRequest
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = ByteBuffer

    /// What a connection turns out to be.
    enum Beginning {
        /// There is something to answer, now.
        case requests
        /// There never was: it was closed, or opened a websocket at once.
        case nothing
    }

    private enum Phase {
        /// Between requests, or inside one's head.
        case head
        case body(HTTPRequestHead)
        /// Somebody answers.
        case answering
        /// The hub is asked for a connection.
        case upgrading(WebSocketHandshake.Accepted, request: UInt64?)
        /// Everything is said; the other side is to close.
        case lingering
        case closed
    }

    private let settings: HTTPConnectionSettings
    private let handshake: WebSocketHandshake
    private let shard: FanOutShard?
    private let begins: (HTTPConnectionHandler, Beginning) -> Void
    private var hasBegun = false
    private var parser: HTTPRequestParser
    private var encoder = HTTPResponseEncoder()
    private var phase = Phase.head
    private var received = ByteBuffer()
    private var context: ChannelHandlerContext?
    private var deadline: HTTPDeadline
    private var timer: Scheduled<Void>?
    private var answerIsComplete = false
    private var inputIsClosed = false
    private var isQuiescing = false
    private var holdsRead = false
    private var thrownAway = 0
    private var timerDue = NIODeadline.distantFuture
    /// What the answering task holds of the channel, once there is one.
    var exchange: ExchangeChannel?

    /// Takes the shard of the channel's loop, without which websockets are refused; `begins` is called once, on that loop.
    init(
        settings: HTTPConnectionSettings,
        shard: FanOutShard?,
        now: NIODeadline,
        begins: @escaping (HTTPConnectionHandler, Beginning) -> Void
    ) {
        self.settings = settings
        self.handshake = WebSocketHandshake(settings)
        self.shard = shard
        self.begins = begins
        self.parser = HTTPRequestParser(limits: .init(settings))
        self.deadline = HTTPDeadline(settings: settings, now: now)
    }

    // MARK: Coming and going

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.armTimer()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.ended()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.ended()
        context.fireChannelInactive()
    }

    private func ended() {
        if case .closed = self.phase { return }
        self.cancelUpgrade()
        self.phase = .closed
        self.context = nil
        self.timer?.cancel()
        self.timer = nil
        self.begin(.nothing)
    }

    private func begin(_ beginning: Beginning) {
        guard !self.hasBegun else { return }
        self.hasBegun = true
        self.begins(self, beginning)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            // Not passed on: who answers is to finish, and this handler closes then.
            self.inputClosed(context: context)
        case is ChannelShouldQuiesceEvent:
            self.quiesce(context: context)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    private func inputClosed(context: ChannelHandlerContext) {
        self.inputIsClosed = true
        switch self.phase {
        case .head, .body, .lingering, .closed, .upgrading:
            context.close(promise: nil)
        case .answering:
            // A client may close its sending side and wait for the answer.
            self.encoder.close()
        }
    }

    private func quiesce(context: ChannelHandlerContext) {
        self.isQuiescing = true
        switch self.phase {
        case .head where !self.parser.isInsideHead:
            context.close(promise: nil)
        case .answering:
            self.encoder.close()
        case .head, .body, .upgrading, .lingering, .closed:
            break
        }
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = self.unwrapInboundIn(data)
        if case .lingering = self.phase {
            self.thrownAway += bytes.readableBytes
            if self.thrownAway > self.settings.lingerSize { context.close(promise: nil) }
            return
        }
        self.deadline.bytesCame(bytes.readableBytes, now: context.eventLoop.now)
        if self.received.readableBytes == 0 {
            self.received = bytes
        } else {
            self.received.writeBuffer(&bytes)
        }
        self.advance()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
    }

    /// While a request is being answered, no more is read than fits the buffer for the next ones.
    func read(context: ChannelHandlerContext) {
        switch self.phase {
        case .answering where self.received.readableBytes >= self.settings.headSize,
            .upgrading where self.received.readableBytes >= self.settings.headSize:
            self.holdsRead = true
        case .head, .body, .answering, .upgrading, .lingering, .closed:
            context.read()
        }
    }

    /// Reads on for as long as it is the client's turn.
    private func advance() {
        while self.isClientsTurn, let context = self.context, let event = self.parser.next(&self.received) {
            self.handle(event, context: context)
        }
        if self.received.readableBytes == 0 { self.received = ByteBuffer() }
        self.followDeadline()
    }

    private var isClientsTurn: Bool {
        switch self.phase {
        case .head, .body: true
        case .answering, .upgrading, .lingering, .closed: false
        }
    }

    private func handle(_ event: HTTPRequestParser.Event, context: ChannelHandlerContext) {
        switch event {
        case .head(let head):
            self.handle(head, context: context)
        case .body(let body):
            guard case .body(let head) = self.phase else { return }
            self.answer(head, body: body, context: context)
        case .refusal(let refusal):
            self.refuse(refusal.status, body: Self.body(refusal.reason))
        }
    }

    private func handle(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        self.encoder.begin(
            answerTo: head.request.method,
            minorVersion: head.minorVersion,
            keepsAlive: head.keepsAlive && !self.inputIsClosed && !self.isQuiescing
        )
        self.phase = .body(head)
        switch self.handshake.judge(head) {
        case .notForUs:
            if head.expectsContinue, head.framing != .none, self.received.readableBytes == 0 {
                self.write(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"), context: context)
                context.flush()
            }
        case .refuse(let refused):
            self.refuse(refused.status, headers: refused.headers, body: ByteBuffer(staticString: refused.body))
        case .accept(let accepted):
            self.upgrade(accepted)
        }
    }

    private func answer(_ head: HTTPRequestHead, body: ByteBuffer, context: ChannelHandlerContext) {
        self.phase = .answering
        self.answerIsComplete = false
        self.begin(.requests)
        context.fireChannelRead(self.wrapInboundOut(CollectedRequest(head: head.request, body: body)))
        context.fireChannelReadComplete()
    }

    // MARK: Writing

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .answering = self.phase, !self.answerIsComplete else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        let output: HTTPResponseEncoder.Output?
        switch self.unwrapOutboundIn(data) {
        case .head(let head):
            output = self.encoder.write(head)
        case .body(let body):
            output = self.encoder.write(body)
        case .end:
            output = self.encoder.end()
            self.answerIsComplete = true
        }
        self.write(output, context: context, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        guard case .answering = self.phase else { return context.flush() }
        if !self.answerIsComplete { self.write(self.encoder.flush(), context: context, promise: nil) }
        context.flush()
        if self.answerIsComplete { self.answered(context: context) }
    }

    private func write(
        _ output: HTTPResponseEncoder.Output?,
        context: ChannelHandlerContext,
        promise: EventLoopPromise<Void>?
    ) {
        guard let output else {
            // Held back until more comes; who waits for it to leave would wait for himself.
            promise?.succeed()
            return
        }
        guard let second = output.second else { return self.write(output.first, context: context, promise: promise) }
        self.write(output.first, context: context)
        self.write(second, context: context, promise: promise)
    }

    private func write(_ bytes: ByteBuffer, context: ChannelHandlerContext, promise: EventLoopPromise<Void>? = nil) {
        context.write(self.wrapOutboundOut(bytes), promise: promise)
    }

    /// The answer is out, or on its way; the next request is not read while the client does not take this one's answer.
    private func answered(context: ChannelHandlerContext) {
        guard self.encoder.keepsAlive else { return self.linger(context: context) }
        guard context.channel.isWritable else { return }
        self.phase = .head
        self.deadline.nextRequest(now: context.eventLoop.now)
        self.advance()
        if self.holdsRead {
            self.holdsRead = false
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.deadline.writabilityChanged(context.channel.isWritable, now: context.eventLoop.now)
        context.fireChannelWritabilityChanged()
        if case .answering = self.phase, self.answerIsComplete, context.channel.isWritable {
            self.answered(context: context)
        }
        self.followDeadline()
    }

    /// Answers in the responder's place, and ends the connection.
    private func refuse(_ status: HTTPResponse.Status, headers: HTTPFields = [:], body: ByteBuffer) {
        guard let context = self.context else { return }
        var fields = self.settings.refusalHeaders
        fields.append(contentsOf: headers)
        fields[.contentType] = "application/json"
        if case .head = self.phase { self.encoder.begin(answerTo: .get, minorVersion: 1, keepsAlive: false) }
        self.encoder.close()
        _ = self.encoder.write(HTTPResponse(status: status, headerFields: fields))
        _ = self.encoder.write(body)
        self.write(self.encoder.end(), context: context, promise: nil)
        context.flush()
        self.linger(context: context)
    }

    private static func body(_ reason: StaticString) -> ByteBuffer {
        ByteBuffer(string: #"{"request": [""# + "\(reason)" + #""]}"#)
    }

    /// Closes one direction, and the other when the client has done so too: closing at once would reset the connection
    /// while bytes lie unread, and the answer could be lost.
    private func linger(context: ChannelHandlerContext) {
        if case .closed = self.phase { return }
        self.phase = .lingering
        self.received = ByteBuffer()
        guard !self.inputIsClosed else { return context.close(mode: .output, promise: nil) }
        self.deadline.lingers(now: context.eventLoop.now)
        self.armTimer()
        context.close(mode: .output, promise: nil)
        if self.holdsRead {
            self.holdsRead = false
            context.read()
        }
    }

    // MARK: Deadlines

    private func followDeadline() {
        switch self.phase {
        case .head: self.deadline.expect(self.parser.isInsideHead ? .headEnd : .request)
        case .body: self.deadline.expect(.bodyEnd)
        case .answering, .upgrading: self.deadline.expect(.answer)
        case .lingering, .closed: return
        }
        self.armTimer()
    }

    /// One timer, which looks when it fires whether its time has moved: most deadlines never come.
    private func armTimer() {
        guard let context = self.context, let due = self.deadline.due else { return }
        if let timer = self.timer {
            guard due < self.timerDue else { return }
            timer.cancel()
        }
        self.timerDue = due
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        self.timer = context.eventLoop.scheduleTask(deadline: due) { handler.value.timerFired() }
    }

    private func timerFired() {
        self.timer = nil
        guard let context = self.context, let due = self.deadline.due else { return }
        guard due <= context.eventLoop.now else { return self.armTimer() }
        switch self.phase {
        case .head where self.parser.isInsideHead, .body:
            self.refuse(.requestTimeout, body: Self.body("The request took too long."))
        case .head, .answering, .upgrading, .lingering, .closed:
            context.close(promise: nil)
        }
    }

    // MARK: Upgrade

    private func upgrade(_ accepted: WebSocketHandshake.Accepted) {
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

    private func cancelUpgrade() {
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
        let socket = WebSocketHandler(purpose: purpose, shard: shard)
        if let exchange = self.exchange {
            // The task that answered earlier requests of this connection ends, and leaves the channel alone.
            socket.ignoresNextClose = true
            exchange.detach()
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
        let operations = context.pipeline.syncOperations
        do {
            try operations.addHandler(socket, position: .after(self))
            operations.removeHandler(self, promise: nil)
            socket.open(with: head)
        } catch {
            context.close(promise: nil)
            return nil
        }
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
