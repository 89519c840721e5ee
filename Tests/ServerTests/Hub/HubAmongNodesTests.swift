import LogValues
import Logging
import NIOCore
import NIOPosix
import Projections
import Synchronization
import Testing

@testable import Hub

@Suite("The hub among other nodes", .serialized)
struct HubAmongNodesTests {
    private static let connection = UUID128(random: 1, 2)

    @Test("a node that holds listeners and falls silent has lost them; their connections end with that reason")
    func nodeLost() async throws {
        let fixture = NodeFixture()
        await fixture.start()
        await fixture.connect(Self.connection)
        await fixture.attach(Self.connection)
        fixture.clock.advance(by: .seconds(20))
        await fixture.tell(.nodeSeen(NodeName("two"), alive: []))
        fixture.clock.advance(by: .seconds(20))
        await fixture.hub.tick()
        #expect(fixture.sequencer.waiting.isEmpty)
        fixture.clock.advance(by: .seconds(10))
        await fixture.hub.tick()
        guard case .connectionClosed(let closed) = fixture.sequencer.waiting.first?.events.first?.payload else {
            Issue.record("the connection is closed")
            return
        }
        #expect(closed.connection == Self.connection && closed.reason == .nodeLost)
        await fixture.commit()
        await fixture.end()
    }

    @Test("the end of a listener here does not end a connection that another node has taken up")
    func takenUpElsewhere() async throws {
        let fixture = NodeFixture()
        await fixture.start()
        await fixture.connect(Self.connection)
        let ticket = AttachmentTicket(shard: 0, number: 1)
        await fixture.submit(.attach(Self.connection, .webSocket, ticket))
        await fixture.commit()
        await fixture.attach(Self.connection)
        await fixture.tell(.listenerClosed(Self.connection, ticket))
        #expect(fixture.sequencer.waiting.isEmpty)
        await fixture.end()
    }

    @Test("listeners that another node lost in a crash have their time to come back, and no more")
    func otherNodeStartsAgain() async throws {
        let fixture = NodeFixture()
        await fixture.start()
        await fixture.connect(Self.connection)
        await fixture.attach(Self.connection)
        await fixture.apply([.nodeStarted(NodeStarted(epoch: 2, version: "1", afterCrash: true))])
        fixture.clock.advance(by: .seconds(14))
        await fixture.hub.tick()
        #expect(fixture.sequencer.waiting.isEmpty)
        fixture.clock.advance(by: .seconds(1))
        await fixture.hub.tick()
        #expect(fixture.proposedTypes == ["connection.closed"])
        await fixture.commit()
        await fixture.end()
    }

    @Test("a follower ends nothing and writes no checkpoints; it passes signs of life on")
    func followerDecidesNothing() async throws {
        let fixture = NodeFixture(isFollower: true)
        await fixture.start()
        await fixture.connect(Self.connection)
        await fixture.tell(.signOfLife(Self.connection))
        #expect(fixture.sequencer.signsOfLife == [Self.connection])
        fixture.clock.advance(by: .seconds(100_000))
        await fixture.hub.tick()
        #expect(fixture.sequencer.waiting.isEmpty)
        let types = await fixture.end()
        #expect(types == ["node.stopped"])
    }

    @Test(
        "until it has come up with its primary, a follower applies what comes; what it would propose waits, for a while"
    )
    func waitsForItsEpoch() async throws {
        let fixture = NodeFixture(isFollower: true)
        await fixture.hub.follow()
        await fixture.connect(Self.connection, from: "one")
        let replies = Mutex<[Reply]>([])
        for _ in 0..<2 {
            fixture.hub.submit(.disconnect(Self.connection)) { reply in replies.withLock { $0.append(reply) } }
            await fixture.settle()
            fixture.clock.advance(by: .seconds(2))
            await fixture.hub.answerOverdue()
        }
        guard case .unavailable = replies.withLock({ $0.first }) else {
            Issue.record("the first one is refused for the time being")
            return
        }
        #expect(replies.withLock { $0.count } == 1)
        await fixture.hub.openEpoch(listenersHadSeen: .start)
        #expect(fixture.proposedTypes == ["node.started", "connection.closed"])
        await fixture.commit()
        guard case .json = replies.withLock({ $0.last }) else {
            Issue.record("the second one is answered when it is decided")
            return
        }
        #expect(replies.withLock { $0.count } == 2)
        await fixture.end()
    }

    @Test("what waits for an epoch is answered when the node stops")
    func stopsWithoutAnEpoch() async throws {
        let fixture = NodeFixture(isFollower: true)
        await fixture.hub.follow()
        let replies = Mutex<[Reply]>([])
        fixture.hub.submit(.disconnect(Self.connection)) { reply in replies.withLock { $0.append(reply) } }
        await fixture.settle()
        await fixture.hub.stop(listenersBehind: [:])
        #expect(replies.withLock { $0.count } == 1)
        await fixture.shutdown()
    }

    @Test("a command that the primary does not decide in time is answered, once, and may happen all the same")
    func overdue() async throws {
        let fixture = NodeFixture(isFollower: true)
        await fixture.start()
        await fixture.connect(Self.connection)
        let replies = Mutex<[Reply]>([])
        fixture.hub.submit(.disconnect(Self.connection)) { reply in replies.withLock { $0.append(reply) } }
        await fixture.settle()
        fixture.clock.advance(by: .seconds(2))
        fixture.hub.submit(.attach(Self.connection, .webSocket, AttachmentTicket(shard: 0, number: 1))) { reply in
            replies.withLock { $0.append(reply) }
        }
        await fixture.settle()
        await fixture.hub.answerOverdue()
        #expect(replies.withLock { $0.count } == 0)
        for count in [1, 2, 2] {
            fixture.clock.advance(by: .seconds(count == 1 ? 1 : 2))
            await fixture.hub.answerOverdue()
            #expect(replies.withLock { $0.count } == count)
        }
        for reply in replies.withLock({ $0 }) {
            guard case .unavailable(let reason) = reply else {
                Issue.record("503, not \(reply)")
                return
            }
            #expect(reason.contains("may happen all the same"))
        }
        // Both are still proposed, and counted when they come.
        #expect(fixture.proposedTypes == ["connection.closed", "connection.attached"])
        await fixture.commit()
        #expect(replies.withLock { $0.count } == 2)
        let reply = await fixture.submit(.disconnect(Self.connection))
        guard case .json = reply else {
            Issue.record("the connection is gone, and that is answered at once")
            return
        }
        await fixture.end()
    }

    @Test("a stop does not wait for a log that commits nothing, and waits for one that does", arguments: [false, true])
    func stopsThoughStuck(isFollower: Bool) async throws {
        let fixture = NodeFixture(isFollower: isFollower)
        await fixture.start()
        await fixture.connect(Self.connection)
        await fixture.submit(.disconnect(Self.connection))
        async let stopped: Void = fixture.hub.stop(listenersBehind: [:])
        await fixture.settle()
        await fixture.hub.giveUpIfStuck()
        for _ in 0..<3 {
            // It commits something now and then.
            fixture.clock.advance(by: .seconds(2))
            await fixture.apply([.channelForgotten(ChannelForgotten(channel: ChannelName("c")))], commitsAll: false)
            await fixture.hub.giveUpIfStuck()
            #expect(await !fixture.hub.isAbandoned)
        }
        fixture.clock.advance(by: .seconds(3))
        await fixture.hub.giveUpIfStuck()
        await stopped
        // The log may come back: it must not hold a clean end then, and no checkpoint.
        #expect(fixture.proposedTypes == ["connection.closed"])
        await fixture.shutdown()
    }

    @Test("a follower's stop does not wait for a primary that never answers")
    func stopsAlone() async throws {
        let fixture = NodeFixture(isFollower: true)
        await fixture.start()
        async let stopped: Void = fixture.hub.stop(listenersBehind: [:])
        await fixture.settle()
        await fixture.hub.abandon(reason: "gone")
        await stopped
        await fixture.shutdown()
    }
}

/// A hub with a sequencer that commits on demand, and a clock that stands still until it is told to go on.
private struct NodeFixture {
    let sequencer = ManualSequencer()
    let clock = ManualHubClock()
    let hub: Hub
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    init(isFollower: Bool = false) {
        var settings = Hub.Settings(node: NodeName("test"), version: "1")
        settings.isFollower = isFollower
        self.hub = Hub(
            state: HubState(),
            sequencer: self.sequencer,
            fanOut: Nobody(),
            settings: settings,
            eventLoop: self.group.next(),
            clock: self.clock,
            entropy: EntropyPool { [1, 2, 3, 4, 5, 6, 7, 8] },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    var proposedTypes: [String] {
        self.sequencer.waiting.flatMap(\.events).map { String(decoding: $0.payload.typeName, as: UTF8.self) }
    }

    func start() async {
        await self.hub.follow()
        await self.hub.openEpoch(listenersHadSeen: .start)
        await self.commit()
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

    @discardableResult
    func submit(_ command: Command) async -> Reply? {
        let shared = Shared()
        self.hub.submit(command) { reply in shared.box.withLock { $0 = reply } }
        await self.settle()
        return shared.box.withLock { $0 }
    }

    func tell(_ notice: Notice) async {
        self.hub.tell(notice)
        await self.settle()
    }

    /// Commits events of another node; with `commitsAll`, together with everything that waits.
    func apply(_ payloads: [Event.Payload], from node: String = "two", commitsAll: Bool = true) async {
        let events = payloads.map { Event(time: self.clock.now, source: NodeName(node), payload: $0) }
        let proposal = Proposal(id: ProposalID(node: NodeName(node), epoch: 0, number: 0), events: events)
        guard commitsAll else {
            self.sequencer.commit(only: proposal)
            return await self.settle()
        }
        self.sequencer.propose([proposal])
        await self.commit()
    }

    func connect(_ connection: ConnectionID, from node: String = "two") async {
        let connected = UserConnected(
            seed: connection,
            connection: connection,
            user: UserName("ada"),
            channels: [],
            publicKeys: [],
            content: nil
        )
        await self.apply([.userConnected(connected)], from: node)
    }

    /// A listener at another node takes the connection up.
    func attach(_ connection: ConnectionID) async {
        await self.apply([.connectionAttached(ConnectionAttached(connection: connection, transport: .webSocket))])
    }

    /// Stops the hub.
    ///
    /// - Returns: The types of the events that this brought.
    @discardableResult
    func end() async -> [String] {
        var types: [String] = []
        let flag = Flag()
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                await self.hub.stop(listenersBehind: [:])
                flag.value.store(true, ordering: .releasing)
            }
            while !flag.value.load(ordering: .acquiring) {
                await self.settle()
                types += self.proposedTypes
                self.sequencer.commit()
            }
        }
        await self.shutdown()
        return types
    }

    func shutdown() async {
        try? await self.group.shutdownGracefully()
    }

    private final class Shared: Sendable {
        let box = Mutex<Reply?>(nil)
    }

    private final class Flag: Sendable {
        let value = Atomic(false)
    }
}

private struct Nobody: ChangeReceiver {
    func receive(_ batch: ChangeBatch) {}
}

/// A clock that a test moves.
private final class ManualHubClock: HubClock {
    private let time = Mutex(Duration.seconds(1))

    var elapsed: Duration { self.time.withLock { $0 } }
    var now: Timestamp { Timestamp(microseconds: 1_700_000_000_000_000) }

    func advance(by duration: Duration) {
        self.time.withLock { $0 += duration }
    }
}
