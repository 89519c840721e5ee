import LogValues
import Logging
import NIOCore
import NIOPosix
import Projections
import RawJSON
import Synchronization
import Testing

@testable import Hub

@Suite("The hub", .serialized)
struct HubTests {
    @Test("a command is answered when its events are committed, and not before")
    func answersAfterCommit() async throws {
        let hub = try await HubFixture()
        let reply = hub.submit(.connect(Command.Connect(user: UserName("ada"), channels: [ChannelName("lobby")])))
        await hub.settle()
        #expect(reply.value == nil)
        #expect(hub.changes.batches.isEmpty)
        hub.sequencer.commit()
        await hub.settle()
        #expect(try reply.json().contains(#""username":"ada""#))
        await hub.end()
    }

    @Test("commands that come together are committed and distributed together, in their order")
    func sharesACommit() async throws {
        let hub = try await HubFixture()
        let channel = ChannelName("lobby")
        hub.submit(.configureChannels([ChannelSeed(name: channel, settings: ChannelSettings())]))
        hub.sequencerCommitsAfterSettling()
        await hub.settle()
        for text in ["1", "2", "3"] {
            hub.submit(.postMessages([.saying(text, in: channel)]))
        }
        await hub.settle()
        #expect(hub.sequencer.waiting.count == 3)
        hub.sequencer.commit()
        await hub.settle()
        #expect(hub.changes.batches.last?.changes.count == 3)
        #expect(hub.changes.texts == ["1", "2", "3"])
        await hub.end()
    }

    @Test("a bulk is proposed in pieces, and answered once, when the last of them is committed")
    func proposesBulks() async throws {
        let hub = try await HubFixture()
        let channel = ChannelName("lobby")
        hub.submit(.configureChannels([ChannelSeed(name: channel, settings: ChannelSettings())]))
        await hub.commit()
        let texts = (1...(2 * CommandPlanner.pieceCount + 1)).map(String.init)
        let reply = hub.submit(.postInBulk(texts.map { .saying($0, in: channel) }))
        await hub.settle()
        #expect(hub.sequencer.waiting.map(\.events.count) == [CommandPlanner.pieceCount, CommandPlanner.pieceCount, 1])
        let uuids = hub.sequencer.waiting.flatMap(\.events).compactMap { event in
            if case .messagePosted(let message) = event.payload { message.uuid } else { nil }
        }
        #expect(reply.value == nil)
        await hub.commit()
        let (first, last) = (try #require(uuids.first), try #require(uuids.last))
        #expect(try reply.json() == #"{"accepted":\#(texts.count),"first":"\#(first)","last":"\#(last)"}"#)
        #expect(hub.changes.texts == texts)
        let nothing = hub.submit(.postInBulk([]))
        await hub.settle()
        #expect(try nothing.json() == #"{"accepted":0,"first":null,"last":null}"#)
        await hub.end()
    }

    @Test("what the state does not allow is refused without an event")
    func refusesWithoutAnEvent() async throws {
        let hub = try await HubFixture()
        let reply = hub.submit(.setUserState(Command.SetUserState(user: UserName("nobody"))))
        await hub.settle()
        #expect(hub.sequencer.waiting.isEmpty)
        guard case .invalid(.unknownUser) = reply.value else {
            Issue.record("a reply of the kind invalid")
            return
        }
        await hub.end()
    }

    @Test("a failed log answers everything that is in flight, refuses what comes, and still answers reads")
    func survivesAFailedLog() async throws {
        let hub = try await HubFixture()
        let inFlight = hub.submit(.connect(Command.Connect(user: UserName("ada"))))
        await hub.settle()
        hub.sequencer.fail("no space left on the disk")
        await hub.settle()
        let later = hub.submit(.connect(Command.Connect(user: UserName("bob"))))
        let read = hub.ask(.info(nil))
        await hub.settle()
        #expect(inFlight.isUnavailable)
        #expect(later.isUnavailable)
        #expect(try read.json() == #"{"channels":{},"users":[]}"#)
        await hub.end()
    }

    @Test("the end of an older listener does not end a connection that a newer one took up")
    func ignoresOlderListeners() async throws {
        let hub = try await HubFixture()
        let connection = UUID128(random: 1, 2)
        let older = AttachmentTicket(shard: 0, number: 1)
        let newer = AttachmentTicket(shard: 0, number: 2)
        hub.submit(.connect(Command.Connect(user: UserName("ada"), connection: connection)))
        await hub.commit()
        hub.submit(.attach(connection, .webSocket, older))
        hub.submit(.attach(connection, .webSocket, newer))
        await hub.commit()
        #expect(hub.changes.batches.last?.tickets.count == 2)
        hub.tell(.listenerClosed(connection, older))
        await hub.settle()
        #expect(hub.sequencer.waiting.isEmpty)
        hub.tell(.listenerClosed(connection, newer))
        await hub.settle()
        #expect(hub.sequencer.waiting.count == 1)
        await hub.end()
    }

    @Test("a listener that is lost detaches its connection, where it surely was, and a newer one goes on from there")
    func detachesLostListeners() async throws {
        let hub = try await HubFixture()
        let connection = UUID128(random: 1, 2)
        let channel = ChannelName("lobby")
        let ticket = AttachmentTicket(shard: 0, number: 1)
        hub.submit(
            .connect(Command.Connect(user: UserName("ada"), connection: connection, channels: [channel]))
        )
        await hub.commit()
        hub.submit(.attach(connection, .webSocket, ticket))
        await hub.commit()
        let seen = try #require(hub.changes.batches.last?.position)
        hub.submit(.postMessages([.saying("1", in: channel)]))
        await hub.commit()
        hub.tell(.listenerLost(connection, ticket, seen: seen))
        await hub.settle()
        let events = hub.sequencer.waiting.flatMap(\.events).map(\.payload)
        guard case .connectionDetached(let detached) = events.first else {
            Issue.record("the connection is detached")
            return
        }
        #expect(events.count == 1 && detached == ConnectionDetached(connection: connection, position: seen))
        await hub.commit()
        hub.submit(.attach(connection, .webSocket, AttachmentTicket(shard: 0, number: 2)))
        await hub.commit()
        guard case .attached(_, _, _, let missed) = hub.changes.batches.last?.changes.first else {
            Issue.record("the connection is attached")
            return
        }
        #expect(missed.frames.count == 1 && missed.isComplete)
        await hub.end()
    }

    @Test("what a listener may not have received is told to the one that replaces it, until it is known to be received")
    func tellsAgainWhatIsOwed() async throws {
        let hub = try await HubFixture()
        let connection = UUID128(random: 1, 2)
        let channel = ChannelName("lobby")
        hub.submit(
            .connect(Command.Connect(user: UserName("ada"), connection: connection, channels: [channel]))
        )
        await hub.commit()
        hub.submit(.postMessages([.saying("1", in: channel)]))
        await hub.commit()
        func attach(_ number: UInt64) async throws -> Int {
            hub.submit(.attach(connection, .webSocket, AttachmentTicket(shard: 0, number: number)))
            await hub.commit()
            guard case .attached(_, _, _, let missed) = hub.changes.batches.last?.changes.first else { return -1 }
            return missed.frames.count
        }
        #expect(try await attach(1) == 1)
        hub.submit(.postMessages([.saying("2", in: channel)]))
        await hub.commit()
        // The first one is dead, and nobody has noticed yet.
        #expect(try await attach(2) == 2)
        hub.tell(.caughtUp(connection, AttachmentTicket(shard: 0, number: 1)))
        #expect(try await attach(3) == 2)
        hub.tell(.caughtUp(connection, AttachmentTicket(shard: 0, number: 3)))
        #expect(try await attach(4) == 0)
        await hub.end()
    }

    @Test(
        "a part of what was missed is told from what is kept; what is gone is refused, or left out where that is right"
    )
    func tellsMissedParts() async throws {
        let hub = try await HubFixture()
        let connection = UUID128(random: 1, 2)
        let channel = ChannelName("lobby")
        hub.submit(
            .connect(Command.Connect(user: UserName("ada"), connection: connection, channels: [channel]))
        )
        await hub.commit()
        let after = try #require(hub.changes.batches.last?.position)
        hub.submit(.postMessages((1...3).map { .saying("\($0)", in: channel) }))
        await hub.commit()
        let through = try #require(hub.changes.batches.last?.position)
        var request = Question.MissedRequest(
            user: UserName("ada"),
            channels: [channel],
            after: after,
            through: through,
            size: 1,
            allowsGaps: false
        )
        let first = hub.ask(.missedPart(request))
        await hub.settle()
        #expect(first.missed?.frames.count == 1)
        request.after = try #require(first.missed?.through)
        hub.submit(.postMessages((1...120).map { .saying("\($0)", in: channel) }))
        await hub.commit()
        let refused = hub.ask(.missedPart(request))
        request.allowsGaps = true
        let rest = hub.ask(.missedPart(request))
        await hub.settle()
        guard case .refused = refused.value else {
            Issue.record("what is gone is refused")
            return
        }
        #expect(rest.missed?.isComplete == true)
        #expect(rest.missed?.frames.isEmpty == true)
        await hub.end()
    }

    @Test("no large answer is made while there is no room for it")
    func makesNoAnswersWithoutRoom() async throws {
        let hub = try await HubFixture { $0.hasRoomForAnswers = { false } }
        let info = hub.ask(.info(nil))
        let admin = hub.ask(.adminInfo)
        await hub.settle()
        #expect(info.isUnavailable)
        #expect(admin.isUnavailable)
        await hub.end()
    }

    @Test("a stop detaches the listeners, writes a checkpoint, and ends the epoch last")
    func stopsInOrder() async throws {
        let hub = try await HubFixture()
        let connection = UUID128(random: 3, 4)
        hub.submit(.connect(Command.Connect(user: UserName("ada"), connection: connection)))
        await hub.commit()
        hub.submit(.attach(connection, .webSocket, AttachmentTicket(shard: 0, number: 1)))
        await hub.commit()
        let types = await hub.end()
        #expect(types == ["connection.detached", "log.checkpointed", "node.stopped"])
    }
}

// MARK: - Fixture

/// A hub on a loop of its own, whose commits the test makes.
private struct HubFixture {
    let sequencer = ManualSequencer()
    let changes = RecordedChanges()
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let hub: Hub

    init(configure: (inout Hub.Settings) -> Void = { _ in }) async throws {
        var settings = Hub.Settings(node: NodeName("test"), version: "1")
        configure(&settings)
        self.hub = Hub(
            state: HubState(),
            sequencer: self.sequencer,
            fanOut: self.changes,
            settings: settings,
            eventLoop: self.group.next(),
            clock: StillClock(),
            entropy: EntropyPool { [1, 2, 3, 4, 5, 6, 7, 8] },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        async let started: Void = self.hub.start(listenersHadSeen: .start)
        while self.sequencer.waiting.isEmpty { await self.settle() }
        self.sequencer.commit()
        await started
    }

    @discardableResult
    func submit(_ command: Command) -> RecordedReply {
        let reply = RecordedReply()
        self.hub.submit(command) { value in reply.set(value) }
        return reply
    }

    func ask(_ question: Question) -> RecordedReply {
        let reply = RecordedReply()
        self.hub.ask(question) { value in reply.set(value) }
        return reply
    }

    func tell(_ notice: Notice) {
        self.hub.tell(notice)
    }

    /// Waits until the hub has done what reached its loop so far.
    func settle() async {
        for _ in 0..<3 { try? await self.group.next().submit {}.get() }
    }

    func commit() async {
        await self.settle()
        self.sequencer.commit()
        await self.settle()
    }

    func sequencerCommitsAfterSettling() {
        self.group.next().execute { self.sequencer.commit() }
    }

    /// Stops the hub.
    ///
    /// - Returns: The types of the events that this brought.
    @discardableResult
    func end() async -> [String] {
        var types: [String] = []
        let stopped = RecordedReply()
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                await self.hub.stop(listenersBehind: [:])
                stopped.set(.json([]))
            }
            while stopped.value == nil {
                await self.settle()
                types += self.sequencer.waiting.flatMap(\.events).map {
                    String(decoding: $0.payload.typeName, as: UTF8.self)
                }
                self.sequencer.commit()
            }
        }
        try? await self.group.shutdownGracefully()
        return types
    }
}

private struct StillClock: HubClock {
    var now: Timestamp { Timestamp(microseconds: 1_700_000_000_000_000) }
    var elapsed: Duration { .seconds(1) }
}

private final class RecordedReply: Sendable {
    private let box = Mutex<Reply?>(nil)

    func set(_ reply: Reply) { self.box.withLock { $0 = reply } }

    var value: Reply? { self.box.withLock { $0 } }

    var isUnavailable: Bool {
        if case .unavailable = self.value { true } else { false }
    }

    var missed: MissedPart? {
        if case .missed(let part) = self.value { part } else { nil }
    }

    func json() throws -> String {
        guard case .json(let bytes) = try #require(self.value) else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}

private final class RecordedChanges: ChangeReceiver {
    private let box = Mutex<[ChangeBatch]>([])

    func receive(_ batch: ChangeBatch) {
        guard !batch.changes.isEmpty else { return }
        self.box.withLock { $0.append(batch) }
    }

    var batches: [ChangeBatch] { self.box.withLock { $0 } }

    /// Of all messages, in order.
    var texts: [String] {
        self.batches.flatMap(\.changes).compactMap { change in
            guard case .frame(let frame, _) = change, case .message(let message) = frame.kind else { return nil }
            let json = message.content?.plain.map { String(decoding: $0.json.bytes, as: UTF8.self) }
            return json.map { String($0.dropFirst(#"{"message":{"text":""#.count).dropLast(3)) }
        }
    }
}

extension Command.PostMessage {
    fileprivate static func saying(_ text: String, in channel: ChannelName) -> Command.PostMessage {
        Command.PostMessage(
            user: UserName("ada"),
            addressing: Addressing(channel: channel, only: [], except: []),
            content: RawJSON(trusted: Array(#"{"message":{"text":"\#(text)"}}"#.utf8))
        )
    }
}
