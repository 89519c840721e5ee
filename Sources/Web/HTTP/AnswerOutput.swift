import NIOCore

/// A connection's way out, for its answers.
///
/// While nothing waits in the channel, bytes go straight to the kernel, as the frames of websockets do. What the kernel does
/// not take goes through the channel, and so does everything after it until the channel has written all. Large answers are
/// counted until they are out.
///
/// The channel's loop owns it. It is an object, since writes that the channel completes come back to it.
final class AnswerOutput {
    /// It is nil without a channel, and for channels that are no sockets: then everything goes through the channel.
    private var descriptor: CInt?
    /// Writes that the channel has not completed, of a socket with a descriptor, or of large answers.
    private var queuedCount = 0
    private let unsent: UnsentAnswers
    /// Bytes of large answers that are counted in ``unsent``.
    private var unsentSize = 0
    /// Whether answers are to leave together, and whether one of them waits for that.
    private(set) var isGathering = false
    private var needsFlush = false

    init(_ unsent: UnsentAnswers) {
        self.unsent = unsent
    }

    func open(_ context: ChannelHandlerContext) {
        // Handed out of its scope; SwiftNIO closes it on this loop, and calls `channelInactive` before anything else.
        self.descriptor = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { $0 }
    }

    /// The channel is gone, or somebody else's.
    func close() {
        self.largeAnswersAreOut()
        self.descriptor = nil
    }

    /// Answers that come from now on, until ``endGathering(_:)``, leave together.
    func beginGathering() {
        self.isGathering = true
    }

    func endGathering(_ context: ChannelHandlerContext?) {
        self.isGathering = false
        guard self.needsFlush else { return }
        self.needsFlush = false
        if let context { self.flush(context) }
    }

    /// Whether the client takes what is written.
    func isWritable(_ context: ChannelHandlerContext) -> Bool {
        self.descriptor != nil && self.queuedCount == 0 || context.channel.isWritable
    }

    /// Counts an answer if it is large; where there is no room for it, it becomes the advice to come back.
    func countedIn(_ response: APIResponse) -> APIResponse {
        guard response.bodySize > UnsentAnswers.smallSize else { return response }
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

    /// Nobody waits for this answer any more.
    func discard(_ response: APIResponse) {
        if response.countedSize > 0 { self.unsent.leave(response.countedSize) }
    }

    private func largeAnswersAreOut() {
        guard self.unsentSize > 0 else { return }
        self.unsent.leave(self.unsentSize)
        self.unsentSize = 0
    }

    /// Writes an answer, and sees to it that it leaves.
    func write(_ answer: HTTPResponseEncoder.Output, _ context: ChannelHandlerContext) {
        self.write(answer.first, context)
        if let second = answer.second { self.write(second, context) }
        if self.queuedCount == 0 { self.largeAnswersAreOut() }
        if self.isGathering { self.needsFlush = true } else { self.flush(context) }
    }

    /// Writes bytes, to be flushed.
    func write(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard let descriptor = self.descriptor, self.queuedCount == 0, !self.isGathering else {
            return self.queue(bytes, context)
        }
        // The channel will find out by itself that a socket is broken.
        let count = max(0, DirectOutput.send(bytes.readableBytesUInt8Span, to: descriptor))
        guard count < bytes.readableBytes else { return }
        var rest = bytes
        rest.moveReaderIndex(forwardBy: count)
        self.queue(rest, context)
    }

    /// Writes through the channel, behind everything else; to be flushed.
    private func queue(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard self.descriptor != nil || self.unsentSize > 0 else {
            return context.write(NIOAny(bytes), promise: nil)
        }
        self.queuedCount += 1
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in
            self.queuedCount -= 1
            if self.queuedCount == 0 { self.largeAnswersAreOut() }
        }
        context.write(NIOAny(bytes), promise: promise)
    }

    /// Flushes what was queued; what went to the descriptor is out already.
    func flush(_ context: ChannelHandlerContext) {
        self.needsFlush = false
        guard self.descriptor == nil || self.queuedCount > 0 else { return }
        context.flush()
    }
}
