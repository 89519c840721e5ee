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
    package typealias OutboundOut = ByteBuffer

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
    private var timer: Scheduled<Void>?
    private var answerIsComplete = false
    private var inputIsClosed = false
    private var isQuiescing = false
    private(set) var holdsRead = false
    private var thrownAway = 0
    private var timerDue = NIODeadline.distantFuture
    /// Whether requests are being taken out of `received`; and whether an answer to one of them waits for its flush.
    private var isAdvancing = false
    private var needsFlush = false
    /// While nothing waits in the channel, answers go straight to the kernel, as the frames of ``WebSocketHandler`` do.
    ///
    /// Nil without a channel, and for channels that are no sockets.
    private var descriptor: CInt?
    /// Writes that the channel has not completed, of a socket with a descriptor, or of large answers.
    private var queuedCount = 0
    private let unsent: UnsentAnswers
    /// Bytes of large answers that are counted in ``unsent``.
    private var unsentSize = 0

    /// - Parameters:
    ///   - settings: Of the configuration.
    ///   - upgrades: Takes the channel over for another protocol; nil: nobody does.
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
        self.unsent = unsent
        self.gauge = gauge
        self.upgrades = upgrades
        self.responder = responder
        self.parser = HTTPRequestParser(limits: .init(settings))
        self.deadline = HTTPDeadline(settings: settings, now: now)
    }

    // MARK: Coming and going

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // Handed out of its scope; SwiftNIO closes it on this loop, and calls `channelInactive` before anything else.
        self.descriptor = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { $0 }
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
        self.largeAnswersAreOut()
        self.descriptor = nil
        self.timer?.cancel()
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

    package func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
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

    /// Reads on for as long as it is the client's turn.
    ///
    /// An answer that comes at once comes back here: the loop goes on with the next request then.
    private func advance() {
        guard !self.isAdvancing else { return }
        self.isAdvancing = true
        while self.isClientsTurn, let context = self.context, let event = self.parser.next(&self.received) {
            self.handle(event, context: context)
        }
        self.isAdvancing = false
        if self.needsFlush {
            self.needsFlush = false
            if let context = self.context { self.flushQueued(context: context) }
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
                self.write(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"), context: context)
                self.flushQueued(context: context)
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
        let size: Int
        switch head.framing {
        case .none: return true
        case .sized(let announced) where announced <= smallSize && !head.expectsContinue: return true
        case .sized(let announced): size = announced
        case .chunked: size = 0
        }
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

    /// A request that was let in; in a box, since few connections have one.
    private final class AdmittedRequest {
        private let head: APIRequest

        init(_ head: APIRequest) {
            self.head = head
        }

        func request(with body: ByteBuffer) -> APIRequest {
            var request = self.head
            request.body = body
            return request
        }
    }

    private func request(_ head: HTTPRequestHead, body: ByteBuffer = ByteBuffer()) -> APIRequest {
        // Not known before the channel is active; local sockets have none.
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
            if response.countedSize > 0 { self.unsent.leave(response.countedSize) }
            return
        }
        self.answerIsComplete = true
        let answer = response.bodySize > UnsentAnswers.smallSize ? self.countedIn(response) : response
        self.write(self.encoder.encode(answer, date: HTTPDate.now), context: context)
        if self.queuedCount == 0 { self.largeAnswersAreOut() }
        self.flushSoon(context: context)
        self.answered(context: context)
    }

    /// Counts a large answer; where there is no room for it, it becomes the advice to come back.
    private func countedIn(_ response: APIResponse) -> APIResponse {
        guard response.countedSize == 0 else {
            self.unsentSize += response.countedSize
            return response
        }
        guard self.unsent.enter(response.bodySize) else {
            var busy = Refusal.unavailable("Too many large answers have not been taken by their clients yet.").response
            busy.crossOrigin = response.crossOrigin
            return busy
        }
        self.unsentSize += response.bodySize
        return response
    }

    private func largeAnswersAreOut() {
        guard self.unsentSize > 0 else { return }
        self.unsent.leave(self.unsentSize)
        self.unsentSize = 0
    }

    private func write(_ output: HTTPResponseEncoder.Output, context: ChannelHandlerContext) {
        self.write(output.first, context: context)
        if let second = output.second { self.write(second, context: context) }
    }

    func write(_ bytes: ByteBuffer, context: ChannelHandlerContext) {
        // Answers that come while requests are being read leave together.
        guard let descriptor = self.descriptor, self.queuedCount == 0, !self.isAdvancing else {
            return self.queue(bytes, context: context)
        }
        // Of a socket that is broken the channel will find out by itself.
        let count = max(0, bytes.withUnsafeReadableBytes { DirectOutput.send($0, to: descriptor) })
        guard count < bytes.readableBytes else { return }
        var rest = bytes
        rest.moveReaderIndex(forwardBy: count)
        self.queue(rest, context: context)
    }

    /// Writes through the channel, behind everything else; to be flushed.
    private func queue(_ bytes: ByteBuffer, context: ChannelHandlerContext) {
        guard self.descriptor != nil || self.unsentSize > 0 else {
            return context.write(self.wrapOutboundOut(bytes), promise: nil)
        }
        self.queuedCount += 1
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in
            self.queuedCount -= 1
            if self.queuedCount == 0 { self.largeAnswersAreOut() }
        }
        context.write(self.wrapOutboundOut(bytes), promise: promise)
    }

    /// Flushes what was queued; what went to the descriptor is out already.
    private func flushQueued(context: ChannelHandlerContext) {
        guard self.descriptor == nil || self.queuedCount > 0 else { return }
        context.flush()
    }

    private func flushSoon(context: ChannelHandlerContext) {
        if self.isAdvancing { self.needsFlush = true } else { self.flushQueued(context: context) }
    }

    private func isWritable(_ context: ChannelHandlerContext) -> Bool {
        self.descriptor != nil && self.queuedCount == 0 || context.channel.isWritable
    }

    /// The answer is out, or on its way; the next request is not read while the client does not take this one's answer.
    private func answered(context: ChannelHandlerContext) {
        guard self.encoder.keepsAlive else { return self.linger(context: context) }
        guard self.isWritable(context) else { return self.flushQueued(context: context) }
        self.phase = .head
        self.deadline.nextRequest(now: context.eventLoop.now)
        self.advance()
        if self.holdsRead {
            self.holdsRead = false
            context.read()
        }
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
        self.write(self.encoder.encode(response, date: HTTPDate.now), context: context)
        self.flushQueued(context: context)
        self.linger(context: context)
    }

    /// Closes one direction, and the other when the client has done so too: closing at once would reset the connection
    /// while bytes lie unread, and the answer could be lost.
    private func linger(context: ChannelHandlerContext) {
        if case .closed = self.phase { return }
        self.needsFlush = false
        self.flushQueued(context: context)
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
            self.refuse(Refusal(.requestTimeout, "The request took too long."))
        case .head, .answering, .upgrading, .lingering, .closed:
            context.close(promise: nil)
        }
    }
}
