import HummingbirdCore
import Logging
package import NIOCore
import Synchronization

/// How Hummingbird's server hands over a connection: our own handler reads, asks for answers, and writes.
///
/// Hummingbird accepts, counts tasks and ends; the task that it makes for a connection ends at once.
package struct HTTPChildChannel: ServerChildChannel {
    struct Connection: ServerChildChannelValue {
        let channel: any Channel
    }

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

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Connection> {
        channel.eventLoop.makeCompletedFuture {
            self.gauge.arrive()
            let connection = Connection(channel: channel)
            guard self.gauge.enter(limit: self.settings.connectionCount) else {
                Self.turnAway(channel)
                return connection
            }
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
                // A client that is gone already.
                self.gauge.leave()
                channel.close(promise: nil)
            }
            return connection
        }
    }

    func handle(value connection: Connection, logger: Logger) async {}

    /// There are as many connections as there may be: says so and closes, without a handler.
    private static func turnAway(_ channel: any Channel) {
        let answer = ByteBuffer(
            staticString:
                "HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        )
        channel.writeAndFlush(answer).whenComplete { _ in channel.close(promise: nil) }
    }
}

/// Counts the open connections of all loops.
///
/// The handler that a connection has at its end takes it out: a callback of the channel's close would take 150 bytes each.
package final class ConnectionGauge: Sendable {
    private let count = Atomic(0)
    private let arrivingCount = Atomic(0)

    var current: Int { self.count.load(ordering: .relaxed) }
    /// Connections that were accepted, and are on their way to their event loop.
    var arriving: Int { self.arrivingCount.load(ordering: .relaxed) }

    /// One was accepted.
    func depart() {
        self.arrivingCount.wrappingAdd(1, ordering: .relaxed)
    }

    /// One has come to its event loop.
    func arrive() {
        let left = self.arrivingCount.wrappingSubtract(1, ordering: .relaxed).newValue
        // It was forgotten, or accepted before anybody counted.
        if left < 0 { self.arrivingCount.wrappingAdd(1, ordering: .relaxed) }
    }

    func forgetArriving() {
        self.arrivingCount.store(0, ordering: .relaxed)
    }

    /// - Returns: Whether there is room for one more, which is counted then.
    func enter(limit: Int) -> Bool {
        guard self.count.wrappingAdd(1, ordering: .relaxed).newValue > limit else { return true }
        self.leave()
        return false
    }

    package func leave() {
        self.count.wrappingSubtract(1, ordering: .relaxed)
    }
}
