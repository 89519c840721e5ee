import HTTPTypes
package import NIOCore

/// One connection as long as it speaks HTTP: reads requests, one at a time, and writes their answers.
///
/// It stands alone in front of whoever answers; what is read, refused and waited for is decided by
/// ``HTTPRequestParser``, ``UpgradeResponder`` and ``HTTPDeadline``. The next request is not looked at before the
/// answer is out: pipelined ones stay bytes in a bounded buffer. An upgrade takes the channel over.
package final class HTTPConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundIn = Never

    private enum Phase {
        /// Between requests, or inside one's head.
        case head
        case body(HTTPRequestHead)
        /// Somebody answers.
        case answering
        /// Another protocol is about to take the channel over.
        case upgrading(any ConnectionUpgrade)
        /// Everything is said; the other side is to close.
        case lingering
        case closed
    }

    private let settings: HTTPConnectionSettings
    private let upgrades: (any UpgradeResponder)?
    private let responder: any RequestResponder
    /// Has counted the connection, and is told of its end; by another when the channel changes hands.
    var gauge: ConnectionGauge?
    private var parser: HTTPRequestParser
    private var encoder = HTTPResponseEncoder()
    private var phase = Phase.head
    var received = ByteBuffer()
    private(set) var context: ChannelHandlerContext?
    private var remote: IPAddress?
    /// Whether the other side is a proxy that is believed.
    private var isTrustedProxy = false
    /// The request whose body is awaited, if its head was enough to let it in.
    private var admitted: AdmittedRequest?
    /// Requests so far, so that an answer finds out whether it is still waited for.
    private var requestCount: UInt64 = 0
    private var deadline: HTTPDeadline
    private var timer: (task: Scheduled<Void>, due: NIODeadline)?
    private var answerIsComplete = false
    private let output: AnswerOutput
    private var inputIsClosed = false
    private var isQuiescing = false
    private(set) var holdsRead = false
    private var thrownAway = 0

    /// - Parameters:
    ///   - settings: What the connection may ask for, and how long it may take.
    ///   - upgrades: Takes the channel over for another protocol, if anybody does.
    ///   - responder: Answers requests.
    ///   - gauge: Has counted the connection.
    ///   - unsent: Counts large answers.
    ///   - now: The time on the channel's loop.
    init(
        settings: HTTPConnectionSettings,
        upgrades: (any UpgradeResponder)? = nil,
        responder: any RequestResponder,
        gauge: ConnectionGauge? = nil,
        unsent: UnsentAnswers = UnsentAnswers(limit: .max),
        now: NIODeadline
    ) {
        self.settings = settings
        self.output = AnswerOutput(unsent)
        self.gauge = gauge
        self.upgrades = upgrades
        self.responder = responder
        self.parser = HTTPRequestParser(limits: .init(settings))
        self.deadline = HTTPDeadline(settings: settings, now: now)
    }

    // MARK: Coming and going

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.output.open(context)
        self.armTimer()
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        self.ended()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        self.ended()
        context.fireChannelInactive()
    }

    private func ended() {
        if case .closed = self.phase { return }
        if case .upgrading(let upgrade) = self.phase { upgrade.cancel() }
        self.phase = .closed
        self.admitted = nil
        self.context = nil
        self.gauge?.leave()
        self.output.close()
        self.timer?.task.cancel()
        self.timer = nil
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
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

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = self.unwrapInboundIn(data)
        if case .lingering = self.phase {
            self.thrownAway += bytes.readableBytes
            self.deadline.bytesCame(bytes.readableBytes, now: context.eventLoop.now)
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

    /// While a request is being answered, no more is read than fits the buffer for the next ones.
    package func read(context: ChannelHandlerContext) {
        switch self.phase {
        case .answering where self.received.readableBytes >= self.settings.headSize,
            .upgrading where self.received.readableBytes >= self.settings.headSize:
            self.holdsRead = true
        case .head, .body, .answering, .upgrading, .lingering, .closed:
            context.read()
        }
    }

    private func resumeReading(_ context: ChannelHandlerContext) {
        guard self.holdsRead else { return }
        self.holdsRead = false
        context.read()
    }

    /// Reads on for as long as it is the client's turn.
    ///
    /// An answer that comes at once comes back here: the loop goes on with the next request then.
    private func advance() {
        guard !self.output.isGathering else { return }
        self.output.beginGathering()
        while self.isClientsTurn, let context = self.context, let event = self.parser.next(&self.received) {
            self.handle(event, context: context)
        }
        self.output.endGathering(self.context)
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
            self.refuse(refusal)
        }
    }

    private func handle(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        self.encoder.begin(
            answerTo: head.method,
            minorVersion: head.minorVersion,
            keepsAlive: head.keepsAlive && !self.inputIsClosed && !self.isQuiescing
        )
        self.phase = .body(head)
        switch self.upgrades?.judge(head) ?? .notForUs {
        case .notForUs:
            guard self.admitBody(of: head) else { return }
            if head.expectsContinue, head.framing != .none, self.received.readableBytes == 0 {
                self.output.write(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"), context)
                self.output.flush(context)
            }
        case .refuse(let refusal):
            self.refuse(refusal)
        case .accept(let upgrade):
            self.phase = .upgrading(upgrade)
            upgrade.begin(on: self)
        }
    }

    /// Decides how large a body may become before it is waited for.
    ///
    /// A small one is taken from anybody, since its answer then leaves the connection as it is. For a larger one, for one
    /// of unknown size, and where the client waits to be let in, path, method and signature are looked at first.
    ///
    /// - Returns: Whether the request goes on; otherwise it was answered.
    private func admitBody(of head: HTTPRequestHead) -> Bool {
        let smallSize = min(self.settings.smallBodySize, self.settings.bodySize)
        self.parser.bodyLimit = smallSize
        guard let size = head.sizeToAdmit(beyond: smallSize) else { return true }
        var request = self.request(head)
        switch self.responder.admit(request) {
        case .refused(let response):
            self.end(with: response)
            return false
        case .upTo(let limit, let caller):
            guard size <= limit else {
                self.refuse(HTTPRequestParser.tooLarge)
                return false
            }
            self.parser.bodyLimit = limit
            request.caller = caller
            self.admitted = AdmittedRequest(request)
            return true
        }
    }

    private func request(_ head: HTTPRequestHead, body: ByteBuffer = ByteBuffer()) -> APIRequest {
        // It is not known before the channel is active; local sockets have none.
        if self.remote == nil {
            self.remote = self.context?.remoteAddress.flatMap(IPAddress.init)
            self.isTrustedProxy = self.settings.trustedProxies.allows(self.remote)
        }
        return APIRequest(
            method: head.method,
            target: head.target,
            authority: head.authority,
            fields: head.fields,
            body: body,
            remote: self.remote,
            isFromTrustedProxy: self.isTrustedProxy,
            forcedScheme: self.settings.forcedScheme
        )
    }

    // MARK: Answering

    private func answer(_ head: HTTPRequestHead, body: ByteBuffer, context: ChannelHandlerContext) {
        self.phase = .answering
        self.answerIsComplete = false
        self.requestCount += 1
        let request = self.admitted?.request(with: body) ?? self.request(head, body: body)
        self.admitted = nil
        let number = self.requestCount
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        self.responder.respond(to: request) { response in
            if eventLoop.inEventLoop {
                handler.value.send(response, to: number)
            } else {
                eventLoop.execute { handler.value.send(response, to: number) }
            }
        }
    }

    /// Writes the answer to a request, if it is still waited for.
    private func send(_ response: APIResponse, to number: UInt64) {
        guard case .answering = self.phase, !self.answerIsComplete, number == self.requestCount,
            let context = self.context
        else {
            return self.output.discard(response)
        }
        self.answerIsComplete = true
        let answer = self.output.countedIn(response)
        self.output.write(self.encoder.encode(answer, date: HTTPDate.now), context)
        self.answered(context: context)
    }

    /// The answer is out, or on its way; the next request is not read while the client does not take this one's answer.
    private func answered(context: ChannelHandlerContext) {
        guard self.encoder.keepsAlive else { return self.linger(context: context) }
        guard self.output.isWritable(context) else { return self.output.flush(context) }
        self.phase = .head
        self.deadline.nextRequest(now: context.eventLoop.now)
        self.advance()
        self.resumeReading(context)
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.deadline.writabilityChanged(context.channel.isWritable, now: context.eventLoop.now)
        context.fireChannelWritabilityChanged()
        if case .answering = self.phase, self.answerIsComplete, context.channel.isWritable {
            self.answered(context: context)
        }
        self.followDeadline()
    }

    /// Answers in the responder's place, and ends the connection.
    package func refuse(_ refusal: Refusal) {
        var response = refusal.response
        response.crossOrigin = self.settings.crossOrigin
        self.end(with: response)
    }

    /// Writes an answer without having read the request to its end, and ends the connection.
    private func end(with response: APIResponse) {
        guard let context = self.context else { return }
        if case .head = self.phase {
            let method: HTTPRequest.Method = HTTPHeadReader.asksForHead(self.received) ? .head : .get
            self.encoder.begin(answerTo: method, minorVersion: 1, keepsAlive: false)
        }
        self.encoder.close()
        self.output.write(self.encoder.encode(response, date: HTTPDate.now), context)
        self.linger(context: context)
    }

    /// Closes one direction, and the other when the client has done so too: closing at once would reset the connection
    /// while bytes lie unread, and the answer could be lost.
    private func linger(context: ChannelHandlerContext) {
        if case .closed = self.phase { return }
        self.output.flush(context)
        self.phase = .lingering
        self.received = ByteBuffer()
        guard !self.inputIsClosed else { return context.close(mode: .output, promise: nil) }
        self.deadline.lingers(now: context.eventLoop.now)
        self.armTimer()
        context.close(mode: .output, promise: nil)
        self.resumeReading(context)
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
            guard due < timer.due else { return }
            timer.task.cancel()
        }
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        self.timer = (context.eventLoop.scheduleTask(deadline: due) { handler.value.timerFired() }, due)
    }

    private func timerFired() {
        self.timer = nil
        guard let context = self.context, let due = self.deadline.due else { return }
        guard due <= context.eventLoop.now else { return self.armTimer() }
        switch self.phase {
        case .head where self.parser.isInsideHead, .body:
            self.refuse(Refusal(.requestTimeout, "The request took too long."))
        case .head, .answering, .upgrading, .lingering, .closed:
            context.close(promise: nil)
        }
    }
}
