import NIOCore
import Web

/// One websocket after its handshake, the only handler of its channel.
///
/// It reads frames, answers pings, and carries out the close handshake; what is written to it was encoded by others.
/// Everything happens on the channel's loop, whose shard it tells what becomes of it.
///
/// It knows the descriptor of a listener's socket. While nothing waits in the channel, bytes go straight to the kernel,
/// by ``write(_:)`` or by the shard itself; what the kernel does not take goes through the channel, and so does
/// everything after it until the channel has written all. So the bytes keep their order, and a socket that is not
/// ``isWritable`` holds the rest of one frame.
final class WebSocketHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Purpose {
        /// Receives what its connection's channels carry; what it sends is a sign of life and nothing else.
        case listen
        /// Sends back whatever comes (`/ws-echo`).
        case echo
    }

    private enum Phase {
        case open
        /// A close frame went out, the other side's has not come.
        case closing
        /// Both went out, or the connection has failed: waits for the other side to close, and reads nothing any more.
        case lingering
        case closed
    }

    /// How a listener goes.
    private enum Departure {
        /// Its client is done with the connection.
        case goodbye
        /// Its client may come back: the socket broke or fell silent, or was closed from here.
        case withoutGoodbye
    }

    /// Bytes that are thrown away while the other side ought to be closing.
    private static let lingeringSize: Int32 = 1024 * 1024

    // There are as many of these as sockets: numbers are as small as they may be, and those of one size stand together.

    private let shard: FanOutShard
    private let gauge: ConnectionGauge?
    private var context: ChannelHandlerContext?
    private var listener: Listener?
    /// It is nil between two messages of a socket that is well.
    private var inbound: WebSocketInbound?
    private(set) var closeDeadline = NIODeadline.distantFuture
    private var thrownAway: Int32 = 0
    /// Heartbeats in a row that the socket did not take.
    var missedHeartbeats: Int32 = 0
    /// Writes that the channel has not completed, of a socket with a descriptor.
    private var queuedCount: Int32 = 0

    /// It is nil without an open channel, and for channels that are no sockets: then everything goes through the channel.
    ///
    /// SwiftNIO closes a descriptor on this loop and nowhere else, and says so with `channelInactive` before it runs
    /// anything but the completions of writes that fail thereby. The one that is made here does nothing then, so that
    /// nobody writes to a number that may be another file's already.
    private var descriptor: CInt?
    private let purpose: Purpose
    private var phase = Phase.open
    private var needsFlush = false
    private var holdsRead = false
    private var hasFailed = false
    /// Whether the channel takes more, as its last event said: spares a question to the channel for each delivery.
    private var channelIsWritable = true

    /// - Parameters:
    ///   - purpose: The one that the path stands for.
    ///   - shard: The shard of the channel's loop.
    ///   - gauge: Has counted the connection, and is told of its end.
    init(purpose: Purpose, shard: FanOutShard, gauge: ConnectionGauge? = nil) {
        self.purpose = purpose
        self.shard = shard
        self.gauge = gauge
    }

    /// - Returns: The one that is there, or else a new one.
    private func makeInbound() -> WebSocketInbound {
        if let inbound = self.inbound { return inbound }
        let inbound = WebSocketInbound(for: self.purpose, self.shard.settings)
        self.inbound = inbound
        return inbound
    }

    var isClosed: Bool { self.phase == .closed }

    // MARK: What the shard does

    /// Bytes that came with the handshake, or while it waited: read when the listener is there.
    func keep(_ bytes: ByteBuffer) {
        self.makeInbound().kept = bytes
    }

    /// From here on the socket belongs to this listener; flushes what was written before.
    func begin(_ listener: Listener) {
        self.listener = listener
        self.flush()
        self.shard.noteStanding(listener)
        if let bytes = self.inbound?.kept {
            self.inbound?.kept = nil
            self.receive(bytes)
        }
    }

    /// Reads bytes as if they had come just now.
    func receive(_ bytes: ByteBuffer) {
        guard let context = self.context else { return }
        self.read(bytes, context: context)
        self.flushIfNeeded()
    }

    /// Whether what is written next is for the kernel and not for a queue.
    var isWritable: Bool {
        self.descriptor == nil ? self.channelIsWritable : self.queuedCount == 0 && !self.hasFailed
    }

    /// The descriptor, while frames may be written to it past this handler.
    var directDescriptor: CInt? {
        self.phase == .open && self.queuedCount == 0 && !self.hasFailed ? self.descriptor : nil
    }

    /// Whether the other side's kernel has everything that was written; taken for granted where nobody knows.
    var isAcknowledged: Bool {
        guard self.isWritable else { return false }
        return self.descriptor.flatMap(DirectOutput.isAcknowledged) ?? true
    }

    /// Whether the kernel holds bytes that it could not send yet, for the other side takes none.
    var hasUnsent: Bool { self.descriptor.map(DirectOutput.hasUnsent) ?? false }

    /// Writes the head of the handshake's answer, behind whatever the channel still holds of former answers.
    func open(with head: ByteBuffer) {
        self.queue(head)
    }

    /// - Parameter frame: Whole frames, encoded, or the rest of one that was begun.
    func write(_ frame: ByteBuffer) {
        guard let descriptor = self.descriptor, self.queuedCount == 0 else { return self.queue(frame) }
        guard !self.hasFailed else { return }
        let count = DirectOutput.send(frame.readableBytesUInt8Span, to: descriptor)
        guard count != DirectOutput.failure else { return self.writingFailed() }
        guard count < frame.readableBytes else { return }
        var rest = frame
        rest.moveReaderIndex(forwardBy: count)
        self.queue(rest)
    }

    /// Writes behind everything else, through the channel; to be flushed.
    func queue(_ bytes: ByteBuffer) {
        guard let context = self.context else { return }
        guard self.descriptor != nil else { return context.write(self.wrapOutboundOut(bytes), promise: nil) }
        self.queuedCount += 1
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenSuccess { self.queuedWriteCompleted() }
        context.write(self.wrapOutboundOut(bytes), promise: promise)
        if self.queuedCount == 1, let listener = self.listener { self.shard.noteStanding(listener) }
    }

    private func queuedWriteCompleted() {
        self.queuedCount -= 1
        guard self.queuedCount == 0, self.phase != .closed else { return }
        self.missedHeartbeats = 0
        self.becameWritable()
    }

    /// The other side is gone: the socket is closed when whoever is writing is done.
    func writingFailed() {
        guard !self.hasFailed else { return }
        self.hasFailed = true
        if let listener = self.listener { self.shard.noteStanding(listener) }
        self.shard.closeLater(self)
    }

    /// Flushes what was queued; what went to the descriptor is out already.
    func flush() {
        guard self.descriptor == nil || self.queuedCount > 0 else { return }
        self.context?.flush()
    }

    /// Begins the close handshake; nothing else is sent after it.
    func beginClose(_ code: WebSocketCloseCode, reason: StaticString = "") {
        self.shard.eventLoop.assertInEventLoop()
        guard self.phase == .open, self.context != nil else { return }
        self.phase = .closing
        self.leaveShard(.withoutGoodbye)
        self.write(WebSocketFrameWriter.close(code, reason: reason))
        self.flush()
        self.watchClosing()
    }

    /// Closes without a handshake.
    func cut() {
        self.context?.close(promise: nil)
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.channelIsWritable = context.channel.isWritable
        if self.purpose == .listen {
            // Handed out of its scope; see `descriptor` for how long it is used.
            self.descriptor = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
                of: NIOBSDSocket.Handle.self
            ) { $0 }
        }
        self.shard.socketOpened()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.ended()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.ended()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.read(self.unwrapInboundIn(data), context: context)
    }

    private func read(_ buffer: ByteBuffer, context: ChannelHandlerContext) {
        guard self.phase == .open || self.phase == .closing else {
            // A read is of 64 KiB at most, so that the sum stays far below 2^31.
            self.thrownAway += Int32(clamping: buffer.readableBytes)
            if self.thrownAway > Self.lingeringSize { self.cut() }
            return
        }
        let inbound = self.makeInbound()
        let bytes = buffer.readableBytesUInt8Span
        var offset = 0
        while let event = inbound.parser.next(bytes, from: &offset) { self.handle(event, context: context) }
        if inbound.isAtRest { self.inbound = nil }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.flushIfNeeded()
    }

    private func flushIfNeeded() {
        guard self.needsFlush else { return }
        self.needsFlush = false
        self.flush()
        if self.hasFailed { self.cut() }
    }

    /// Reads on, except from who does not read his own echoes; what listeners send leaves nothing behind.
    func read(context: ChannelHandlerContext) {
        if self.purpose == .echo, !self.isWritable {
            self.holdsRead = true
        } else {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.channelIsWritable = context.channel.isWritable
        // A socket with a descriptor is asked for more when its channel holds nothing any more, not less.
        guard self.channelIsWritable, self.descriptor == nil else { return }
        if self.holdsRead {
            self.holdsRead = false
            context.read()
        }
        self.becameWritable()
    }

    private func becameWritable() {
        guard self.phase == .open else { return }
        if let ping = self.inbound?.unansweredPing {
            self.inbound?.unansweredPing = nil
            self.write(WebSocketFrameWriter.frame(.pong, ping))
            self.flush()
        }
        guard let listener = self.listener else { return }
        self.shard.noteStanding(listener)
        self.shard.resume(listener)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            context.close(promise: nil)
        case is ChannelShouldQuiesceEvent:
            self.beginClose(.goingAway)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    // MARK: Frames

    private func handle(_ event: WebSocketFrameParser.Event, context: ChannelHandlerContext) {
        switch event {
        case .text(let data):
            self.echo(.text, data)
        case .binary(let data):
            self.echo(.binary, data)
        case .ping(let data):
            self.answerPing(data)
        case .pong:
            break
        case .close(let code):
            self.finish(with: code, code.endsConnection ? .goodbye : .withoutGoodbye, context: context)
        case .failure(let code):
            self.finish(with: code, .withoutGoodbye, context: context)
        }
    }

    private func echo(_ opcode: WebSocketFrameWriter.Opcode, _ data: [UInt8]) {
        guard self.purpose == .echo, self.phase == .open else { return }
        self.write(WebSocketFrameWriter.frame(opcode, data))
        self.needsFlush = true
    }

    private func answerPing(_ data: [UInt8]) {
        guard self.phase == .open else { return }
        guard self.isWritable else {
            self.makeInbound().unansweredPing = data
            return
        }
        self.write(WebSocketFrameWriter.frame(.pong, data))
        self.needsFlush = true
    }

    /// The other side's close frame is here, or what it sent is wrong: answers, and closes this direction.
    private func finish(with code: WebSocketCloseCode?, _ departure: Departure, context: ChannelHandlerContext) {
        if self.phase == .open {
            self.leaveShard(departure)
            self.write(WebSocketFrameWriter.close(code))
        }
        let isWatched = self.phase == .closing
        self.phase = .lingering
        self.flush()
        // Half of it first: closing both while bytes lie unread would reset the connection, and our frame could be lost.
        context.close(mode: .output, promise: nil)
        if !isWatched { self.watchClosing() }
    }

    private func watchClosing() {
        guard self.phase != .closed else { return }
        self.closeDeadline = self.shard.eventLoop.now + self.shard.settings.closeTimeout
        self.shard.watchClosing(self)
    }

    private func leaveShard(_ departure: Departure) {
        guard let listener = self.listener else { return }
        self.listener = nil
        switch departure {
        case .goodbye: self.shard.listenerLeft(listener)
        case .withoutGoodbye: self.shard.listenerLost(listener)
        }
    }

    private func ended() {
        guard self.phase != .closed else { return }
        self.phase = .closed
        self.context = nil
        self.descriptor = nil
        self.gauge?.leave()
        self.leaveShard(.withoutGoodbye)
        self.shard.socketClosed()
    }
}
