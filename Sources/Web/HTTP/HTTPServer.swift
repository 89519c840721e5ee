package import Logging
package import NIOCore
import NIOExtras
import NIOPosix

/// Binds an address, accepts, and gives each connection its handler.
package struct HTTPServer: Sendable {
    /// Connections that the kernel holds until they are accepted.
    private static let backlog: Int32 = 4096

    let settings: HTTPConnectionSettings
    /// Who takes connections of a loop over; asked on that loop.
    let upgrades: @Sendable (any EventLoop) -> (any UpgradeResponder)?
    let responder: any RequestResponder
    private let gauge: ConnectionGauge
    private let unsent: UnsentAnswers

    package init(
        settings: HTTPConnectionSettings,
        upgrades: @escaping @Sendable (any EventLoop) -> (any UpgradeResponder)?,
        responder: any RequestResponder,
        unsent: UnsentAnswers = UnsentAnswers(limit: .max),
        gauge: ConnectionGauge = ConnectionGauge()
    ) {
        self.unsent = unsent
        self.gauge = gauge
        self.settings = settings
        self.upgrades = upgrades
        self.responder = responder
    }

    /// Accepts connections from now on, each on one of the group's loops.
    ///
    /// - Throws: Why the address cannot be had.
    package func listen(
        on host: String,
        port: Int,
        group: any EventLoopGroup,
        logger: Logger
    ) async throws -> ListeningSocket {
        let quiescing = ServerQuiescingHelper(group: group)
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let operations = channel.pipeline.syncOperations
                    try operations.addHandler(AcceptGate(gauge: self.gauge, logger: logger))
                    try operations.addHandler(quiescing.makeServerChannelHandler(channel: channel))
                }
            }
            .childChannelInitializer { channel in
                self.takeUp(channel)
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: host, port: port)
            .get()
        return ListeningSocket(channel: channel, quiescing: quiescing)
    }

    /// Gives a connection that was accepted its handler; on its loop.
    func takeUp(_ channel: any Channel) {
        self.gauge.arrive()
        guard self.gauge.enter(limit: self.settings.connectionCount) else { return Self.turnAway(channel) }
        do {
            try self.settings.socket.apply(to: channel)
            let handler = HTTPConnectionHandler(
                settings: self.settings,
                upgrades: self.upgrades(channel.eventLoop),
                responder: self.responder,
                gauge: self.gauge,
                unsent: self.unsent,
                now: channel.eventLoop.now
            )
            try channel.pipeline.syncOperations.addHandler(handler)
        } catch {
            // The client is gone already.
            self.gauge.leave()
            channel.close(promise: nil)
        }
    }

    /// There are as many connections as there may be: says so and closes, without a handler.
    private static func turnAway(_ channel: any Channel) {
        let answer = ByteBuffer(
            staticString:
                "HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        )
        channel.writeAndFlush(answer).whenComplete { _ in channel.close(promise: nil) }
    }
}

/// The socket that connections come in by.
package struct ListeningSocket: Sendable {
    private let channel: any Channel
    private let quiescing: ServerQuiescingHelper

    fileprivate init(channel: any Channel, quiescing: ServerQuiescingHelper) {
        self.channel = channel
        self.quiescing = quiescing
    }

    package var address: SocketAddress? { self.channel.localAddress }

    /// Closes it, and tells open connections to end when they have answered what they were asked.
    package func stop() {
        self.quiescing.initiateShutdown(promise: nil)
    }

    /// Returns when nothing is accepted any more; connections may still be open.
    package func waitUntilClosed() async {
        // A socket that could not be closed properly is gone as well.
        try? await self.channel.closeFuture.get()
    }
}
