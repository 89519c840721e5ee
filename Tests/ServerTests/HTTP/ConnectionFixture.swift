import HTTPTypes
import NIOCore
import NIOEmbedded
import Testing

@testable import Web

/// A connection of HTTP without a network, whose responder is the test.
final class ConnectionFixture {
    let shard: ShardFixture
    let channel: EmbeddedChannel
    let halves = HalfCloser()
    let reads = ReadCounter()
    let responder = ScriptedResponder()
    let gauge = ConnectionGauge()

    init(
        _ shard: ShardFixture = ShardFixture(),
        unsent: UnsentAnswers = UnsentAnswers(limit: .max),
        configure: (inout HTTPConnectionSettings) -> Void = { _ in }
    ) throws {
        var settings = HTTPConnectionSettings()
        configure(&settings)
        self.shard = shard
        self.channel = EmbeddedChannel(handlers: [self.halves, self.reads], loop: shard.loop)
        let handler = HTTPConnectionHandler(
            settings: settings,
            upgrades: shard.shard,
            responder: self.responder,
            gauge: self.gauge,
            unsent: unsent,
            now: shard.loop.now
        )
        _ = self.gauge.enter(limit: 1)
        try self.channel.pipeline.syncOperations.addHandler(handler)
        try self.channel.connect(to: SocketAddress(unixDomainSocketPath: "/test")).wait()
    }

    var isOpen: Bool { self.channel.isActive }

    func send(_ text: String) throws {
        try self.channel.writeInbound(ByteBuffer(string: text))
    }

    /// The next request that has to be answered.
    func request() -> APIRequest? {
        self.responder.takeRequest()
    }

    /// Answers the oldest request that was not answered.
    func answer(_ body: String, headers: HTTPFields = [:]) {
        self.responder.answer(APIResponse(status: .ok, headers: headers, body: ByteBuffer(string: body)))
    }

    /// Everything that was written since the last call.
    func output() throws -> String {
        var text = ""
        while let buffer = try self.channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
        return text
    }

    /// The status of the one answer that was written; nil when there was none.
    func status() throws -> Int? {
        try Int(self.output().split(separator: " ").dropFirst().first ?? "")
    }

    func advance(_ seconds: Int64) {
        self.shard.loop.advanceTime(by: .seconds(seconds))
    }
}
