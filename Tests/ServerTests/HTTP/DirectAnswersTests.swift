import HTTPTypes
import NIOCore
import NIOPosix
import Testing

@testable import Server
@testable import Web

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

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
    private let descriptor: CInt
    private let bodySize: Int

    init(bodySize: Int) throws {
        var ends: [CInt] = [-1, -1]
        #if canImport(Glibc)
            let type = CInt(SOCK_STREAM.rawValue)
        #else
            let type = SOCK_STREAM
        #endif
        unsafe try #require(socketpair(AF_UNIX, type, 0, &ends) == 0)
        var size: CInt = 8192
        unsafe setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<CInt>.size))
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        self.descriptor = ends[1]
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
            .withConnectedSocket(ends[0]).wait()
    }

    func close() {
        try? self.channel.close().wait()
        try? self.group.syncShutdownGracefully()
        #if canImport(Glibc)
            _ = Glibc.close(self.descriptor)
        #else
            _ = Darwin.close(self.descriptor)
        #endif
    }

    func goAway() {
        shutdown(self.descriptor, CInt(SHUT_RDWR))
    }

    func send(_ text: String) throws {
        unsafe try #require(write(self.descriptor, text, text.utf8.count) == text.utf8.count)
    }

    /// Waits for so many answers, and takes their bodies.
    func bodies(_ count: Int) throws -> [[UInt8]] {
        var bodies: [[UInt8]] = []
        var received: [UInt8] = []
        while bodies.count < count {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let size = unsafe recv(self.descriptor, &bytes, bytes.count, 0)
            try #require(size > 0, "nothing came, or the end")
            received += bytes.prefix(size)
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
