import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOEmbedded
import Projections
import Testing

@testable import Server

@Suite("The task behind a connection")
struct HTTPChildChannelTests {
    /// A connection, its task, and a loop that the test turns.
    struct Fixture {
        let loop = NIOAsyncTestingEventLoop()
        let hub = RecordingHub()
        let fanOut: FanOut
        let channel: NIOAsyncTestingChannel
        let child: HTTPChildChannel
        let task: Task<Void, Never>

        init(connectionCount: Int = 10) async throws {
            var settings = HTTPConnectionSettings()
            settings.connectionCount = connectionCount
            self.fanOut = FanOut(group: self.loop)
            self.fanOut.start(commands: self.hub)
            await self.loop.run()
            let child = HTTPChildChannel(settings: settings, fanOut: self.fanOut) { request, writer, _ in
                let body = HummingbirdCore.ResponseBody(byteBuffer: ByteBuffer(string: request.uri.path))
                try await writer.write(response: HTTPResponse(status: .ok), body: body)
            }
            self.child = child
            let channel = NIOAsyncTestingChannel(loop: self.loop)
            self.channel = channel
            try await channel.connect(to: SocketAddress(unixDomainSocketPath: "/test"))
            let logger = Logger(label: "test")
            let connection = try await self.loop.executeInContext { child.setup(channel: channel, logger: logger) }
                .get()
            self.task = Task { await child.handle(value: connection, logger: logger) }
        }

        func send(_ text: String) async throws {
            try await self.channel.writeInbound(ByteBuffer(string: text))
        }

        /// What is written next, turning the loop until it is.
        func output() async throws -> String {
            while true {
                await self.loop.run()
                if let buffer = try await self.channel.readOutbound(as: ByteBuffer.self) {
                    return String(buffer: buffer)
                }
                guard self.channel.isActive else { throw ChannelError.alreadyClosed }
                await Task.yield()
            }
        }

        /// Turns the loop until the task has ended.
        func end() async {
            let loop = self.loop
            let turning = Task {
                while !Task.isCancelled {
                    await loop.run()
                    await Task.yield()
                }
            }
            await self.task.value
            turning.cancel()
            await turning.value
        }

        func grant() throws {
            let ticket = try #require(self.hub.lastTicket)
            let attached = Change.attached(
                ShardFixture.connection(1),
                user: UserName("ann"),
                channels: [ChannelName("room")],
                catchUp: []
            )
            self.fanOut.receive(ChangeBatch(changes: [attached], tickets: [0: ticket], position: Position(1)))
        }

        func post() {
            let frame = Change.frame(ShardFixture.frame(2, LongPollTests.room), LongPollTests.room)
            self.fanOut.receive(ChangeBatch(changes: [frame], tickets: [:], position: Position(2)))
        }

        func close() async throws {
            try await self.channel.close()
            await self.end()
        }
    }

    @Test("it answers one request after the other, and ends with the connection")
    func answers() async throws {
        let fixture = try await Fixture()
        for path in ["/one", "/two"] {
            try await fixture.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await fixture.output().hasSuffix(path))
        }
        try await fixture.close()
    }

    @Test(
        "it ends when the connection becomes a websocket, whether it answered before or not",
        arguments: [true, false]
    )
    func endsWithTheUpgrade(answeredBefore: Bool) async throws {
        let fixture = try await Fixture()
        if answeredBefore {
            try await fixture.send(HTTPConnectionTests.get)
            #expect(try await fixture.output().hasSuffix("/info"))
        }
        try await fixture.send(UpgradeTests.handshake)
        try fixture.grant()
        #expect(try await fixture.output() == UpgradeTests.accepted)
        await fixture.end()
        #expect(fixture.channel.isActive)
        fixture.post()
        #expect(try await fixture.output().contains(#""n":2"#))
        try await fixture.close()
        #expect(fixture.hub.closedListeners == [ShardFixture.connection(1)])
    }

    @Test("it ends with a connection that never asked for anything")
    func endsWithNothing() async throws {
        let fixture = try await Fixture()
        try await fixture.close()
    }

    @Test("one connection too many is answered with 503 and closed")
    func turnsAway() async throws {
        let fixture = try await Fixture(connectionCount: 0)
        #expect(try await fixture.output().hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        await fixture.end()
        #expect(!fixture.channel.isActive)
    }
}
