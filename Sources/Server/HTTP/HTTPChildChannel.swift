import HTTPTypes
package import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes
import Synchronization

/// How Hummingbird serves a connection: our own handler reads and writes, Hummingbird's responder answers.
///
/// A connection that opens a websocket with its first request, as nearly all of them do, never gets the machinery that
/// answers requests, and its task ends with the handshake.
struct HTTPChildChannel: ServerChildChannel {
    typealias Exchange = NIOAsyncChannel<CollectedRequest, HTTPResponsePart>

    /// A connection and, once it is known, the requests to answer; nil when there are none.
    struct Connection: ServerChildChannelValue {
        let channel: any Channel
        let exchange: EventLoopFuture<Exchange?>
    }

    let settings: HTTPConnectionSettings
    let fanOut: FanOut
    let responder: HTTPChannelHandler.Responder
    private let gauge = ConnectionGauge()

    init(
        settings: HTTPConnectionSettings,
        fanOut: FanOut,
        responder: @escaping HTTPChannelHandler.Responder
    ) {
        self.settings = settings
        self.fanOut = fanOut
        self.responder = responder
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Connection> {
        channel.eventLoop.makeCompletedFuture {
            let exchange = channel.eventLoop.makePromise(of: Exchange?.self)
            let connection = Connection(channel: channel, exchange: exchange.futureResult)
            guard self.gauge.enter(limit: self.settings.connectionCount) else {
                Self.turnAway(channel)
                exchange.succeed(nil)
                return connection
            }
            channel.closeFuture.whenComplete { [gauge] _ in gauge.leave() }
            do {
                try self.settings.socket.apply(to: channel)
                let handler = HTTPConnectionHandler(
                    settings: self.settings,
                    shard: self.fanOut.shard(on: channel.eventLoop),
                    now: channel.eventLoop.now
                ) { handler, beginning in
                    exchange.completeWith(Result { try Self.begin(beginning, handler, on: channel) })
                }
                try channel.pipeline.syncOperations.addHandler(handler)
            } catch {
                // A client that is gone already; without an answer the task would wait forever.
                exchange.succeed(nil)
                channel.close(promise: nil)
            }
            return connection
        }
    }

    private static func begin(
        _ beginning: HTTPConnectionHandler.Beginning,
        _ handler: HTTPConnectionHandler,
        on channel: any Channel
    ) throws -> Exchange? {
        switch beginning {
        case .nothing:
            return nil
        case .requests:
            let exchangeChannel = ExchangeChannel(channel)
            handler.exchange = exchangeChannel
            return try Exchange(wrappingChannelSynchronously: exchangeChannel)
        }
    }

    func handle(value connection: Connection, logger: Logger) async {
        await withTaskCancellationHandler {
            do {
                guard let exchange = try await connection.exchange.get() else { return }
                try await exchange.executeThenClose { requests, answers in
                    for try await request in requests {
                        let writer = ResponseWriter(outbound: answers)
                        let request = Request(
                            head: request.head,
                            body: HummingbirdCore.RequestBody(buffer: request.body)
                        )
                        try await self.responder(request, writer, exchange.channel)
                    }
                }
            } catch {
                // The client is gone, or took no answer: nothing that an operator could mend.
                logger.trace("connection ended", metadata: ["error": "\(error)"])
            }
        } onCancel: {
            connection.channel.close(promise: nil)
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

extension HTTPServerBuilder {
    /// Serves HTTP, and websockets on `/ws`.
    package static func channelstream(_ settings: HTTPConnectionSettings, fanOut: FanOut) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            HTTPChildChannel(settings: settings, fanOut: fanOut, responder: responder)
        }
    }
}

/// Counts the open connections of all loops.
private final class ConnectionGauge: Sendable {
    private let count = Atomic(0)

    /// - Returns: Whether there is room for one more, which is counted then.
    func enter(limit: Int) -> Bool {
        guard self.count.wrappingAdd(1, ordering: .relaxed).newValue > limit else { return true }
        self.leave()
        return false
    }

    func leave() {
        self.count.wrappingSubtract(1, ordering: .relaxed)
    }
}
