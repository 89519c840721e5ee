import NIOCore
import Synchronization

/// What the task that answers requests sees of a connection: the channel, until it becomes a websocket.
///
/// Hummingbird's answers are written through a `NIOAsyncChannel`, whose scope ends by closing its channel and waiting
/// for that. Here the waiting ends when the connection is taken over; the websocket's handler swallows the closing, which
/// goes through the pipeline.
final class ExchangeChannel: Channel {
    private let base: any Channel
    private let ended: EventLoopPromise<Void>
    private let isDetached = Atomic(false)

    init(_ base: any Channel) {
        self.base = base
        self.ended = base.eventLoop.makePromise()
        base.closeFuture.whenComplete { [ended, self] _ in
            if !self.isDetached.load(ordering: .relaxed) { ended.succeed() }
        }
    }

    /// Called on the loop, once: from here on the channel belongs to somebody else.
    func detach() {
        self.base.eventLoop.assertInEventLoop()
        guard self.base.isActive, !self.isDetached.exchange(true, ordering: .relaxed) else { return }
        self.ended.succeed()
    }

    var closeFuture: EventLoopFuture<Void> { self.ended.futureResult }

    var allocator: ByteBufferAllocator { self.base.allocator }
    var pipeline: ChannelPipeline { self.base.pipeline }
    var localAddress: SocketAddress? { self.base.localAddress }
    var remoteAddress: SocketAddress? { self.base.remoteAddress }
    var parent: (any Channel)? { self.base.parent }
    var isWritable: Bool { self.base.isWritable }
    var isActive: Bool { self.base.isActive }
    var _channelCore: any ChannelCore { self.base._channelCore }
    var eventLoop: any EventLoop { self.base.eventLoop }

    func setOption<Option: ChannelOption>(_ option: Option, value: Option.Value) -> EventLoopFuture<Void> {
        self.base.setOption(option, value: value)
    }

    func getOption<Option: ChannelOption>(_ option: Option) -> EventLoopFuture<Option.Value> {
        self.base.getOption(option)
    }
}
