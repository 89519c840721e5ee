import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import Server

/// A connection of HTTP without a network, whose responder is the test.
final class ConnectionFixture {
    let shard: ShardFixture
    let channel: EmbeddedChannel
    let halves = HalfCloser()
    let reads = ReadCounter()
    private(set) var beginnings: [HTTPConnectionHandler.Beginning] = []

    init(_ shard: ShardFixture = ShardFixture(), configure: (inout HTTPConnectionSettings) -> Void = { _ in }) throws {
        var settings = HTTPConnectionSettings()
        configure(&settings)
        self.shard = shard
        self.channel = EmbeddedChannel(handlers: [self.halves, self.reads], loop: shard.loop)
        let handler = HTTPConnectionHandler(settings: settings, shard: shard.shard, now: shard.loop.now) {
            [unowned self] _, beginning in self.beginnings.append(beginning)
        }
        try self.channel.pipeline.syncOperations.addHandler(handler)
        try self.channel.connect(to: SocketAddress(unixDomainSocketPath: "/test")).wait()
    }

    var isOpen: Bool { self.channel.isActive }

    func send(_ text: String) throws {
        try self.channel.writeInbound(ByteBuffer(string: text))
    }

    /// The next request that has to be answered.
    func request() throws -> CollectedRequest? {
        try self.channel.readInbound(as: CollectedRequest.self)
    }

    /// Answers as Hummingbird does: all parts, then a flush.
    func answer(_ body: String, headers: HTTPFields = [:]) {
        self.channel.pipeline.write(
            HTTPResponsePart.head(HTTPResponse(status: .ok, headerFields: headers)),
            promise: nil
        )
        self.channel.pipeline.write(HTTPResponsePart.body(ByteBuffer(string: body)), promise: nil)
        self.channel.pipeline.write(HTTPResponsePart.end(nil), promise: nil)
        self.channel.pipeline.flush()
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
