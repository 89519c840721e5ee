import NIOCore
import NIOEmbedded
import Testing

@testable import Web

@Suite("Large answers that are not taken")
struct UnsentAnswersTests {
    private static let get = "GET /x HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let large = String(repeating: "x", count: 100_000)

    /// A connection whose client takes nothing: it was sent a large answer.
    private static func stuck(_ unsent: UnsentAnswers) throws -> (ConnectionFixture, Stopper) {
        let connection = try ConnectionFixture(unsent: unsent)
        let stopper = Stopper()
        try connection.channel.pipeline.syncOperations.addHandler(stopper, position: .first)
        try connection.send(Self.get)
        connection.answer(Self.large)
        return (connection, stopper)
    }

    @Test("all together they are bounded: what does not fit is answered with 503 and the advice to come back")
    func areBounded() throws {
        let unsent = UnsentAnswers(limit: 250_000)
        let stuck = try (0..<2).map { _ in try Self.stuck(unsent) }
        #expect(unsent.current == 200_000)
        #expect(unsent.hasRoom)
        let late = try ConnectionFixture(unsent: unsent)
        try late.send(Self.get)
        late.answer(Self.large)
        let answer = try late.output()
        #expect(answer.hasPrefix("HTTP/1.1 503 "))
        #expect(answer.lowercased().contains("retry-after: 5\r\n"))
        // Small answers always have room.
        try late.send(Self.get)
        late.answer("small")
        #expect(try late.status() == 200)
        #expect(unsent.current == 200_000)
        withExtendedLifetime(stuck) {}
    }

    @Test("an answer that is taken makes room, and so does a client that goes")
    func makeRoom() throws {
        let unsent = UnsentAnswers(limit: 150_000)
        let (taking, stopper) = try Self.stuck(unsent)
        #expect(unsent.current == 100_000)
        stopper.letGo()
        #expect(unsent.current == 0)
        let (leaving, _) = try Self.stuck(unsent)
        #expect(unsent.current == 100_000)
        leaving.channel.close(promise: nil)
        leaving.shard.loop.run()
        #expect(unsent.current == 0)
        #expect(taking.isOpen)
    }

    @Test("one that is larger than the limit is given while there are no others")
    func givesOne() throws {
        let unsent = UnsentAnswers(limit: 1000)
        let (_, stopper) = try Self.stuck(unsent)
        #expect(!unsent.hasRoom)
        let second = try ConnectionFixture(unsent: unsent)
        try second.send(Self.get)
        second.answer(Self.large)
        #expect(try second.status() == 503)
        stopper.letGo()
        #expect(unsent.hasRoom)
    }
}

/// Holds what is written, as a kernel does whose buffer is full.
private final class Stopper: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private var held: [(data: NIOAny, promise: EventLoopPromise<Void>?)] = []
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        self.held.append((data, promise))
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        for (_, promise) in self.held { promise?.fail(ChannelError.ioOnClosedChannel) }
        self.held = []
        context.close(mode: mode, promise: promise)
    }

    func letGo() {
        for (data, promise) in self.held { self.context?.write(data, promise: promise) }
        self.held = []
        self.context?.flush()
    }
}
