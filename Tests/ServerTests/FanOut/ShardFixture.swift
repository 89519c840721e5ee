import Foundation
import LogValues
import NIOCore
import NIOEmbedded
import Projections
import RawJSON
import Testing

@testable import FanOut
@testable import Hub
@testable import Web

/// A shard on a loop whose clock the test moves.
final class ShardFixture {
    let loop = EmbeddedEventLoop()
    let hub = RecordingHub()
    let shard: FanOutShard
    private(set) var position: UInt64 = 0

    init(
        catchUpSource: (any CatchUpSource)? = nil,
        unsent: UnsentAnswers = UnsentAnswers(limit: .max),
        configure: (inout FanOutSettings) -> Void = { _ in }
    ) {
        var settings = FanOutSettings()
        configure(&settings)
        self.shard = FanOutShard(
            index: 0,
            eventLoop: self.loop,
            settings: settings,
            commands: self.hub,
            catchUpSource: catchUpSource,
            unsent: unsent
        )
        self.shard.start()
    }

    /// Delivers changes as one batch.
    func receive(_ changes: [Change], tickets: [Int: AttachmentTicket] = [:]) {
        self.position += 1
        let batch = ChangeBatch(changes: changes, tickets: tickets, position: SequenceNumber(self.position))
        self.shard.receive([EncodedBatch(batch, runSize: self.shard.settings.runSize)])
    }

    /// A message in a channel, or a private one; its number is its position.
    func message(
        _ channel: String? = "room",
        only: [String] = [],
        except: [String] = [],
        size: Int = 0
    ) -> Change {
        self.position += 1
        let audience = Addressing(
            channel: channel.map { ChannelName($0) },
            only: only.map { UserName($0) },
            except: except.map { UserName($0) }
        )
        return .frame(Self.frame(self.position, audience, size: size), audience)
    }

    /// A message alone in its batch.
    func post(_ channel: String? = "room", only: [String] = [], except: [String] = [], size: Int = 0) {
        self.receive([self.message(channel, only: only, except: except, size: size)])
    }

    static func frame(_ number: UInt64, _ audience: Addressing, size: Int = 0) -> Frame {
        let text = String(repeating: "x", count: size)
        let json = #"{"message":{"n":\#(number),"text":"\#(text)"}}"#
        let posted = MessagePosted(
            uuid: UUID128(high: 0, low: number),
            user: UserName("sender"),
            addressing: audience,
            keepsOutOfHistory: false,
            timestamp: Array("2026-01-01T00:00:00".utf8),
            content: Content(salt: Salt(high: 1, low: 2), json: RawJSON(trusted: Array(json.utf8)))
        )
        let message = Message(posted, time: Timestamp(microseconds: 0))
        return Frame(position: SequenceNumber(number), kind: .message(message))
    }

    static func connection(_ number: UInt64) -> ConnectionID { ConnectionID(high: 1, low: number) }

    /// A socket of a user, taken up with the next batch.
    @discardableResult
    func join(
        _ user: String,
        connection: UInt64,
        channels: [String] = ["room"],
        catchUp: [Frame] = [],
        missed: MissedPart? = nil
    ) throws -> TestSocket {
        let socket = TestSocket(self)
        socket.number = self.shard.requestAttachment(of: Self.connection(connection), for: socket)
        let ticket = try #require(self.hub.lastTicket)
        self.hub.answerAttachments(.attached)
        let attached = Change.attached(
            Self.connection(connection),
            user: UserName(user),
            channels: channels.map { ChannelName($0) },
            missed: missed ?? .whole(catchUp)
        )
        self.receive([attached], tickets: [0: ticket])
        return socket
    }

    func subscribe(_ connection: UInt64, _ user: String, _ channels: String...) {
        self.receive([
            .subscribed(Self.connection(connection), user: UserName(user), channels: channels.map { ChannelName($0) })
        ])
    }

    func unsubscribe(_ connection: UInt64, _ channels: String...) {
        self.receive([.unsubscribed(Self.connection(connection), channels: channels.map { ChannelName($0) })])
    }
}

/// A socket without a network: what is written to it can be read back as messages.
final class TestSocket: SocketRequester {
    let channel: EmbeddedChannel
    let handler: WebSocketHandler
    private(set) var refusal: AttachmentRefusal?
    /// Whether its client went away before the hub answered.
    var isGone = false
    var number: UInt64?
    private let recorder = WriteRecorder()

    init(_ fixture: ShardFixture) {
        self.channel = EmbeddedChannel(loop: fixture.loop)
        self.handler = WebSocketHandler(purpose: .listen, shard: fixture.shard)
    }

    func attachmentGranted() -> WebSocketHandler? {
        guard !self.isGone else { return nil }
        do {
            try self.channel.connect(to: SocketAddress(unixDomainSocketPath: "/test")).wait()
            try self.channel.pipeline.syncOperations.addHandlers([self.recorder, self.handler])
        } catch {
            Issue.record("no channel: \(error)")
        }
        return self.handler
    }

    func attachmentRefused(_ refusal: AttachmentRefusal) {
        self.refusal = refusal
    }

    var isOpen: Bool { self.channel.isActive }
    var flushCount: Int { self.recorder.flushCount }
    /// Of a close frame, when one came.
    private(set) var closeCode: UInt16?
    private(set) var pongs: [[UInt8]] = []
    private(set) var frameCount = 0
    private(set) var heartbeatCount = 0

    /// What a kernel does whose buffer is full, or drained.
    func setWritable(_ isWritable: Bool) {
        self.channel.isWritable = isWritable
        self.channel.pipeline.fireChannelWritabilityChanged()
    }

    func send(_ frame: ClientFrame) throws {
        try self.channel.writeInbound(ByteBuffer(bytes: frame.bytes))
    }

    /// Numbers of the messages that came since the last call.
    func numbers() throws -> [UInt64] { try self.messages().map(\.number) }

    /// Messages that came since the last call, and whether they were marked as caught up.
    func messages() throws -> [(number: UInt64, isCatchUp: Bool)] {
        var messages: [(UInt64, Bool)] = []
        while let buffer = try self.channel.readOutbound(as: ByteBuffer.self) {
            for (opcode, payload) in try Self.frames(buffer) {
                switch opcode {
                case 1:
                    self.frameCount += 1
                    if payload == Array("[]".utf8) { self.heartbeatCount += 1 }
                    messages += try TestMessages.read(payload)
                case 8: self.closeCode = Self.code(payload)
                case 10: self.pongs.append(payload)
                default: Issue.record("opcode \(opcode)")
                }
            }
        }
        return messages
    }

    private static func code(_ payload: [UInt8]) -> UInt16 {
        payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : 1005
    }

    /// Everything in the lists that came since the last call, in a form that can be compared: without what tells that it
    /// came late.
    func items() throws -> [String] {
        var items: [String] = []
        while let buffer = try self.channel.readOutbound(as: ByteBuffer.self) {
            for (opcode, payload) in try Self.frames(buffer) {
                if opcode == 8 { self.closeCode = Self.code(payload) }
                guard opcode == 1 else { continue }
                let list = try JSONSerialization.jsonObject(with: Data(payload)) as? [[String: Any]]
                for var item in try #require(list) {
                    item["catchup"] = nil
                    let json = try JSONSerialization.data(withJSONObject: item, options: .sortedKeys)
                    items.append(String(decoding: json, as: UTF8.self))
                }
            }
        }
        return items
    }

    private static func frames(_ buffer: ByteBuffer) throws -> [(opcode: UInt8, payload: [UInt8])] {
        var buffer = buffer
        var frames: [(UInt8, [UInt8])] = []
        while let first: UInt8 = buffer.readInteger(), let length: UInt8 = buffer.readInteger() {
            #expect(length & 0x80 == 0, "a server does not mask")
            let size: Int?
            switch length {
            case 126: size = buffer.readInteger(as: UInt16.self).map(Int.init)
            case 127: size = buffer.readInteger(as: UInt64.self).map(Int.init)
            default: size = Int(length)
            }
            let payload = buffer.readBytes(length: try #require(size))
            frames.append((first & 0x0F, try #require(payload)))
        }
        return frames
    }
}

extension MissedPart {
    /// All that was missed, told at once.
    static func whole(_ frames: [Frame]) -> MissedPart {
        let end = frames.last?.position ?? .start
        return MissedPart(frames: frames, after: .start, through: end, end: end, isWhole: true)
    }
}

enum TestMessages {
    /// The numbers in a JSON list of messages.
    static func read(_ list: [UInt8]) throws -> [(number: UInt64, isCatchUp: Bool)] {
        struct Item: Decodable {
            struct Payload: Decodable { let n: UInt64 }
            let message: Payload
            let catchup: Bool
        }
        return try JSONDecoder().decode([Item].self, from: Data(list)).map { ($0.message.n, $0.catchup) }
    }
}

/// Counts the flushes that a socket costs.
private final class WriteRecorder: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private(set) var flushCount = 0

    func flush(context: ChannelHandlerContext) {
        self.flushCount += 1
        context.flush()
    }
}
