import Logging
import NIOCore
import SystemPackage

/// Stands in the listening socket's pipeline, before everything else, and holds it back when connections cannot be taken
/// up: because none can be accepted, or because too many were, whose event loops have not got to them yet.
///
/// SwiftNIO has an `AcceptBackoffHandler`, which holds back the reads that others ask for; but after a failed accept the
/// read that was asked for stays pending, so the socket is reported as readable again at once, and the loop spins.
/// Without `autoRead` the socket is not looked at. Connections wait in the kernel's backlog meanwhile.
///
/// Owned by the event loop of the listening socket.
package final class AcceptGate: ChannelInboundHandler {
    typealias InboundIn = any Channel

    /// Connections that may be on their way from the accepting event loop to their own; each has a descriptor that
    /// nobody has counted yet.
    package static let maximumArriving = 32
    /// How long nothing is accepted after a failure.
    static let failurePause = TimeAmount.milliseconds(250)
    /// How long nothing is accepted while many are on their way.
    static let arrivalPause = TimeAmount.milliseconds(1)
    /// After so many such pauses one after the other, what is on its way has been lost, and is not waited for.
    static let maximumArrivalPauses = 1000
    /// A failure is logged again after this time.
    static let noticeInterval = TimeAmount.seconds(60)

    private let gauge: ConnectionGauge
    private let logger: Logger
    private var isPaused = false
    private var arrivalPauses = 0
    private var noticedAt: NIODeadline?

    init(gauge: ConnectionGauge, logger: Logger) {
        self.gauge = gauge
        self.logger = logger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.gauge.depart()
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if self.gauge.arriving >= Self.maximumArriving {
            self.waitForArrivals(context)
        } else {
            self.arrivalPauses = 0
        }
        context.fireChannelReadComplete()
    }

    private func waitForArrivals(_ context: ChannelHandlerContext) {
        self.arrivalPauses += 1
        if self.arrivalPauses > Self.maximumArrivalPauses {
            self.arrivalPauses = 0
            self.gauge.forgetArriving()
        }
        self.pause(context, for: Self.arrivalPause)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError, Self.isPassing(error) else { return context.fireErrorCaught(error) }
        let now = context.eventLoop.now
        if self.noticedAt.map({ now - $0 >= Self.noticeInterval }) ?? true {
            self.noticedAt = now
            self.logger.warning(
                "connections wait: none can be accepted",
                metadata: ["error": "\(Errno(rawValue: error.errnoCode))"]
            )
        }
        self.pause(context, for: Self.failurePause)
    }

    /// Failures that the socket survives: the connection was gone already, or there is no descriptor or memory for it.
    private static func isPassing(_ error: IOError) -> Bool {
        let passing: [Errno] = [
            .connectionAbort, .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noBufferSpace, .noMemory,
        ]
        return passing.contains(Errno(rawValue: error.errnoCode))
    }

    private func pause(_ context: ChannelHandlerContext, for time: TimeAmount) {
        guard !self.isPaused, let options = context.channel.syncOptions else { return }
        do {
            try options.setOption(.autoRead, value: false)
        } catch {
            // The socket is being closed.
            return
        }
        self.isPaused = true
        let bound = NIOLoopBound((gate: self, channel: context.channel), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: time) {
            let (gate, channel) = bound.value
            gate.isPaused = false
            if channel.isActive { try? channel.syncOptions?.setOption(.autoRead, value: true) }
        }
    }
}
