import EventLog
import Foundation
import LogValues
import NIOCore
import NIOEmbedded
import Projections
import RawJSON
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Archive
@testable import FanOut
@testable import Hub

@Suite("Sockets that fall behind further than the ring reaches")
struct LogCatchUpTests {
    @Test("a slow socket gets what a fast one of the same user gets, in the same order, once", arguments: 0..<40)
    func followsTheFast(seed: UInt64) throws {
        var world = try SlowAndFast(seed: seed)
        for _ in 0..<400 { try world.step() }
        try world.finish()
        #expect(world.slowItems == world.fastItems, "seed \(seed)")
        #expect(world.fastItems.count > 50)
        #expect(world.slow.closeCode == nil)
    }

    @Test("what the log cannot tell and nobody remembers any more ends the socket")
    func givesUp() throws {
        var world = try SlowAndFast(seed: 1, asideSize: 3000)
        world.setSlow(isWritable: false)
        for number in 0..<60 { world.changeState("ann", number) }
        try world.finish()
        #expect(world.slow.closeCode == 1013)
    }

    @Test("the log on disk is read in parts, from wherever the last part ended", arguments: [1, 2000, 1 << 20])
    func readsParts(size: Int) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "catch-up-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try SampleLog.write(to: FilePath(folder.path))
        let log = LogReader(FilePath(folder.path))
        func request(after: SequenceNumber, size: Int) -> CatchUpRequest {
            CatchUpRequest(
                connection: ShardFixture.connection(1),
                user: UserName("alice"),
                channels: SampleLog.channels,
                after: after,
                through: SequenceNumber(280),
                size: size
            )
        }
        var whole = CatchUpScan(request(after: SequenceNumber(20), size: .max))
        var decoder = EventDecoder()
        try log.forEachLine(from: SequenceNumber(21)) { line in
            whole.take(try decoder.decode(line.bytes).event, at: line.sequenceNumber)
        }
        let source = LogCatchUp { log }
        var items: [CatchUp.Item] = []
        var after = SequenceNumber(20)
        while after < SequenceNumber(280) {
            let wanted = request(after: after, size: size)
            let reply = await withCheckedContinuation { continuation in
                source.read(wanted) { continuation.resume(returning: $0) }
            }
            let part = try #require(reply)
            try #require(part.through > after)
            items += part.items
            after = part.through
        }
        #expect(items.count > 50)
        #expect(items == whole.catchUp.items)
    }

    @Test("what is being erased is not told any more, though the log still holds it")
    func pendingErasure() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "catch-up-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try SampleLog.write(to: FilePath(folder.path))
        let log = LogReader(FilePath(folder.path))
        let request = CatchUpRequest(
            connection: ShardFixture.connection(1),
            user: UserName("alice"),
            channels: SampleLog.channels,
            after: SequenceNumber(20),
            through: SequenceNumber(280),
            size: 1 << 20
        )
        func read(_ source: LogCatchUp) async throws -> [CatchUp.Item] {
            let reply = await withCheckedContinuation { continuation in
                source.read(request) { continuation.resume(returning: $0) }
            }
            return try #require(reply).items
        }
        let shown = Self.contents(of: try await read(LogCatchUp { log }))
        let some = try #require(shown.dropFirst(10).first)
        let erasures = PendingErasures()
        erasures.add([some])
        let rest = Self.contents(of: try await read(LogCatchUp({ log }, erasures: { erasures })))
        #expect(rest == shown.filter { $0 != some })
    }

    /// The events whose contents are told.
    private static func contents(of items: [CatchUp.Item]) -> [SequenceNumber] {
        items.compactMap { item in
            guard case .frame(let frame) = item else { return nil }
            switch frame.kind {
            case .message(let message): return message.content?.plain == nil ? nil : frame.position
            case .edit(let edit, _): return edit.content?.plain == nil ? nil : frame.position
            case .deletion, .presence, .stateChange: return nil
            }
        }
    }

    @Test("what is no longer in the log cannot be told")
    func noticesMissingLines() async {
        let source = LogCatchUp { nil }
        let request = CatchUpRequest(
            connection: ShardFixture.connection(1),
            user: UserName("alice"),
            channels: [],
            after: .start,
            through: SequenceNumber(1),
            size: 1
        )
        let reply = await withCheckedContinuation { continuation in
            source.read(request) { continuation.resume(returning: $0) }
        }
        #expect(reply == nil)
    }

    @Test("a reading tells of nobody else's messages, of channels from when they are entered to when they are left")
    func scans() throws {
        let connection = ShardFixture.connection(1)
        let request = CatchUpRequest(
            connection: connection,
            user: UserName("ann"),
            channels: [ChannelName("a")],
            after: SequenceNumber(10),
            through: SequenceNumber(17),
            size: 1 << 20
        )
        var scan = CatchUpScan(request)
        let seed = UUID128(high: 0, low: 0)
        let b = ChannelSeed(name: ChannelName("b"), settings: ChannelSettings())
        let events: [Event.Payload] = [
            Self.post("a"), Self.post("b"),
            .connectionSubscribed(.init(seed: seed, connection: connection, channels: [b])),
            Self.post("b"),
            .connectionUnsubscribed(.init(seed: seed, connection: connection, channels: [ChannelName("a")])),
            Self.post("a"), Self.post(nil, only: ["ann"]), Self.post("b"),
        ]
        for (index, payload) in events.enumerated() {
            let event = Event(time: Timestamp(microseconds: 0), source: NodeName("n"), payload: payload)
            scan.take(event, at: SequenceNumber(11 + UInt64(index)))
        }
        let told = scan.catchUp.items.map { item in
            switch item {
            case .frame(let frame): "\(frame.position)"
            case .entered(let names, let position): "+\(names.map(\.description).joined()) \(position)"
            case .left(let names, let position): "-\(names.map(\.description).joined()) \(position)"
            }
        }
        #expect(told == ["11", "+b 13", "14", "-a 15", "17"])
        #expect(scan.catchUp.through == SequenceNumber(17))
    }

    fileprivate static func post(_ channel: String?, only: [String] = []) -> Event.Payload {
        .messagePosted(
            MessagePosted(
                uuid: UUID128(high: 1, low: 1),
                user: UserName("sender"),
                addressing: Addressing(
                    channel: channel.map { ChannelName($0) },
                    only: only.map { UserName($0) },
                    except: []
                ),
                keepsOutOfHistory: false,
                timestamp: nil,
                content: nil
            )
        )
    }
}

/// A hub's state, a shard with a ring of next to nothing, and two sockets of one user that are in the same channels: one
/// takes everything at once, one stutters.
private struct SlowAndFast {
    private static let rooms = ["a", "b", "c"]
    private static let others = ["bob", "eve", "joe"]

    let source = EventsInMemory()
    let slow: TestSocket
    private let fast: TestSocket
    private let fixture: ShardFixture
    private let stutter = Stutter()
    private var state = HubState()
    private var generator: SplitMix
    private var number: UInt64 = 0
    private(set) var slowItems: [String] = []
    private(set) var fastItems: [String] = []

    init(seed: UInt64, asideSize: Int = 1 << 20) throws {
        self.generator = SplitMix(seed: seed)
        self.fixture = ShardFixture(catchUpSource: self.source) {
            $0.ringSize = 3000
            $0.asideSize = asideSize
        }
        let sockets = [TestSocket(self.fixture), TestSocket(self.fixture)]
        (self.slow, self.fast) = (sockets[0], sockets[1])
        for room in Self.rooms {
            var settings = ChannelSettings()
            settings.notifyPresence = true
            settings.notifyState = true
            self.apply(.channelConfigured(.init(seed: self.draw(), channel: ChannelName(room), settings: settings)))
        }
        for (index, socket) in sockets.enumerated() {
            let connection = ShardFixture.connection(UInt64(index))
            self.connect("ann", connection)
            socket.number = self.fixture.shard.requestAttachment(of: connection, for: socket)
            let ticket = try #require(self.fixture.hub.lastTicket)
            self.fixture.hub.answerAttachments(.attached)
            self.apply(.connectionAttached(.init(connection: connection, transport: .webSocket)), ticket: ticket)
        }
        try self.slow.channel.pipeline.syncOperations.addHandler(self.stutter, position: .first)
        self.stutter.channel = self.slow.channel
    }

    mutating func step() throws {
        switch Int.random(in: 0..<16, using: &self.generator) {
        case 0: self.setSlow(isWritable: false)
        case 1, 2: self.setSlow(isWritable: true)
        case 3: self.subscribe()
        case 4: self.unsubscribe()
        case 5: self.comeOrGo()
        case 6: self.changeState(self.other(), Int(self.number))
        default: self.post()
        }
        self.source.limit = Int.random(in: 1...2000, using: &self.generator)
        self.stutter.patience = Int.random(in: 1...20, using: &self.generator)
        if Bool.random(using: &self.generator) { self.fixture.loop.run() }
        try self.collect()
    }

    mutating func finish() throws {
        self.stutter.patience = .max
        self.setSlow(isWritable: true)
        self.fixture.loop.run()
        try self.collect()
    }

    func setSlow(isWritable: Bool) {
        guard self.slow.channel.isActive else { return }
        self.slow.setWritable(isWritable)
    }

    private mutating func collect() throws {
        self.slowItems += try self.slow.items()
        self.fastItems += try self.fast.items()
    }

    // MARK: What happens

    mutating func changeState(_ user: String, _ value: Int) {
        self.apply(
            .userStateChanged(
                .init(
                    seed: self.draw(),
                    user: UserName(user),
                    publicKeys: [Array("mood".utf8)],
                    content: self.content(#"{"mood":\#(value)}"#)
                )
            )
        )
    }

    private mutating func post() {
        let room = self.room()
        let isPrivate = Int.random(in: 0..<6, using: &self.generator) == 0
        let names = Int.random(in: 0..<3, using: &self.generator) == 0 ? [self.pick(["ann", "bob"])] : []
        let excludes = Bool.random(using: &self.generator)
        let addressing = Addressing(
            channel: isPrivate ? nil : ChannelName(room),
            only: isPrivate ? [UserName("ann")] : excludes ? [] : names.map { UserName($0) },
            except: !isPrivate && excludes ? names.map { UserName($0) } : []
        )
        switch Int.random(in: 0..<5, using: &self.generator) {
        case 0:
            self.apply(
                .messageDeleted(.init(uuid: self.draw(), addressing: addressing, keepsOutOfHistory: false))
            )
        case 1:
            self.apply(
                .messageEdited(
                    .init(
                        uuid: self.draw(),
                        addressing: addressing,
                        keepsOutOfHistory: false,
                        user: nil,
                        timestamp: nil,
                        edited: nil,
                        content: self.content(#"{"message":{"n":\#(self.number)}}"#)
                    )
                )
            )
        default:
            self.apply(
                .messagePosted(
                    .init(
                        uuid: self.draw(),
                        user: UserName("bob"),
                        addressing: addressing,
                        keepsOutOfHistory: false,
                        timestamp: nil,
                        content: self.content(#"{"message":{"n":\#(self.number)}}"#)
                    )
                )
            )
        }
    }

    private mutating func subscribe() {
        let seeds = [ChannelSeed(name: ChannelName(self.room()), settings: ChannelSettings())]
        for index in 0..<2 {
            let connection = ShardFixture.connection(UInt64(index))
            self.apply(.connectionSubscribed(.init(seed: self.draw(), connection: connection, channels: seeds)))
        }
    }

    private mutating func unsubscribe() {
        let names = [ChannelName(self.room())]
        for index in 0..<2 {
            let connection = ShardFixture.connection(UInt64(index))
            self.apply(.connectionUnsubscribed(.init(seed: self.draw(), connection: connection, channels: names)))
        }
    }

    private mutating func comeOrGo() {
        let index = UInt64.random(in: 0..<3, using: &self.generator)
        let connection = ShardFixture.connection(100 + index)
        if self.state.connection(connection) == nil {
            self.connect(Self.others[Int(index)], connection)
        } else {
            self.apply(.connectionClosed(.init(seed: self.draw(), connection: connection, reason: .disconnect)))
        }
    }

    private mutating func connect(_ user: String, _ connection: ConnectionID) {
        self.apply(
            .userConnected(
                .init(
                    seed: self.draw(),
                    connection: connection,
                    user: UserName(user),
                    channels: Self.rooms.map { ChannelSeed(name: ChannelName($0), settings: ChannelSettings()) },
                    publicKeys: [Array("mood".utf8)],
                    content: self.content(#"{"user_state":{"mood":\#(self.number)}}"#)
                )
            )
        )
    }

    private mutating func apply(_ payload: Event.Payload, ticket: AttachmentTicket? = nil) {
        self.number += 1
        let event = Event(
            time: Timestamp(microseconds: Int64(self.number) * 1_000_000),
            source: NodeName("node"),
            payload: payload
        )
        self.source.append(event)
        var changes: [Change] = []
        _ = self.state.apply(event, at: SequenceNumber(self.number), into: &changes)
        let tickets = ticket.map { [changes.count - 1: $0] } ?? [:]
        let batch = ChangeBatch(changes: changes, tickets: tickets, position: SequenceNumber(self.number))
        self.fixture.shard.receive([EncodedBatch(batch, runSize: 512)])
    }

    private mutating func draw() -> UUID128 {
        UUID128(high: self.generator.next(), low: self.generator.next())
    }

    private mutating func room() -> String { self.pick(Self.rooms) }
    private mutating func other() -> String { self.pick(Self.others) }

    private mutating func pick(_ names: [String]) -> String {
        names[Int.random(in: 0..<names.count, using: &self.generator)]
    }

    private func content(_ json: String) -> Content {
        Content(salt: Salt(high: 1, low: 2), json: RawJSON(trusted: Array(json.utf8)))
    }
}

/// A log of which every reading tells as little as the test says.
private final class EventsInMemory: CatchUpSource {
    private let state = Mutex<(events: [Event], limit: Int, count: Int)>(([], 1, 0))

    var limit: Int {
        get { self.state.withLock { $0.limit } }
        set { self.state.withLock { $0.limit = newValue } }
    }

    /// Readings so far.
    var count: Int { self.state.withLock { $0.count } }

    func append(_ event: Event) {
        self.state.withLock { $0.events.append(event) }
    }

    func read(_ request: CatchUpRequest, reply: @escaping @Sendable (CatchUp?) -> Void) {
        let (events, limit) = self.state.withLock { state in
            state.count += 1
            return (state.events, state.limit)
        }
        var scan = CatchUpScan(
            CatchUpRequest(
                connection: request.connection,
                user: request.user,
                channels: request.channels,
                after: request.after,
                through: request.through,
                size: limit
            )
        )
        while !scan.isComplete, scan.next.rawValue <= events.count {
            scan.take(events[Int(scan.next.rawValue) - 1], at: scan.next)
        }
        reply(scan.catchUp)
    }
}

/// Stops being writable after some writes.
private final class Stutter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    weak var channel: EmbeddedChannel?
    var patience = Int.max

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(data, promise: promise)
        guard self.patience != .max, let channel = self.channel, channel.isWritable else { return }
        self.patience -= 1
        guard self.patience <= 0 else { return }
        channel.isWritable = false
        channel.pipeline.fireChannelWritabilityChanged()
    }
}
