import HTTPTypes
import NIOCore
import NIOPosix
import Testing

@testable import Server
@testable import Web

@Suite("Answers that go straight to the kernel")
struct DirectAnswersTests {
    @Test(
        "what the kernel does not take is neither lost nor doubled nor out of order",
        arguments: [1, 700, 9000, 60_000]
    )
    func survivesFullBuffers(size: Int) throws {
        let peer = try HTTPPeer(bodySize: size)
        defer { peer.close() }
        let count = 40
        try peer.send(String(repeating: HTTPConnectionTests.get, count: count))
        let numbers = try peer.bodies(count).map { $0.first }
        #expect(numbers == (0..<count).map { UInt8($0) })
    }

    @Test("an answer to somebody who is gone closes the connection")
    func noticesLoss() throws {
        let peer = try HTTPPeer(bodySize: 10)
        defer { peer.close() }
        try peer.send(HTTPConnectionTests.get)
        peer.goAway()
        try peer.channel.closeFuture.wait()
    }
}

/// A connection whose requests are answered a moment later, each with a body that begins with its number, and the
/// client's end of it, which has small buffers.
private final class HTTPPeer {
    private struct Responder: RequestResponder {
        let loop: any EventLoop
        let size: Int
        let count: NIOLoopBoundBox<UInt8>

        func admit(_ request: APIRequest) -> BodyAdmission { .upTo(0, nil) }

        func respond(to request: APIRequest, reply: @escaping @Sendable (APIResponse) -> Void) {
            self.loop.execute {
                var body = [UInt8](repeating: UInt8(ascii: "x"), count: self.size)
                body[0] = self.count.value
                self.count.value += 1
                reply(APIResponse(status: .ok, body: ByteBuffer(bytes: body)))
            }
        }
    }

    let channel: any Channel
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let pair: SocketPair
    private let bodySize: Int

    init(bodySize: Int) throws {
        self.pair = try SocketPair()
        self.bodySize = bodySize
        let loop = self.group.next()
        self.channel = try ClientBootstrap(group: self.group)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let count = NIOLoopBoundBox(UInt8(0), eventLoop: loop)
                    let handler = HTTPConnectionHandler(
                        settings: HTTPConnectionSettings(),
                        responder: Responder(loop: loop, size: bodySize, count: count),
                        now: loop.now
                    )
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .withConnectedSocket(self.pair.channelEnd).wait()
    }

    func close() {
        try? self.channel.close().wait()
        try? self.group.syncShutdownGracefully()
    }

    func goAway() { self.pair.goAway() }

    func send(_ text: String) throws { try self.pair.send(Array(text.utf8)) }

    /// Waits for so many answers, and takes their bodies.
    func bodies(_ count: Int) throws -> [[UInt8]] {
        var bodies: [[UInt8]] = []
        var received: [UInt8] = []
        while bodies.count < count {
            received += try self.pair.receive(4096)
            while let headEnd = received.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound,
                received.count >= headEnd + self.bodySize
            {
                bodies.append(Array(received[headEnd..<(headEnd + self.bodySize)]))
                received.removeFirst(headEnd + self.bodySize)
            }
        }
        #expect(received.isEmpty)
        return bodies
    }
}
