import LogValues
import Projections
import RawJSON
import Testing

@Suite("Connections")
struct ConnectionTests {
    private var story = Story()

    @Test("connecting makes user and channels known")
    mutating func connecting() throws {
        #expect(self.story.connect("ann", to: ["a", "b"]) == .channelsChanged([ChannelName("a"), ChannelName("b")]))
        let connection = try #require(self.story.connection("ann"))
        #expect(connection.user == UserName("ann"))
        #expect(connection.channels == [ChannelName("a"), ChannelName("b")])
        #expect(connection.position == self.story.state.position)
        #expect(!connection.isAttached)
        #expect(self.story.user("ann")?.connections == [id("ann")])
        #expect(self.story.channel("a")?.userNames == [UserName("ann")])
        #expect(self.story.channel("a")?.settings == ChannelSettings())
        #expect(self.story.channel("a")?.uuid != self.story.channel("b")?.uuid)
        #expect(self.story.channel("a")?.uuid != self.story.user("ann")?.uuid)
    }

    @Test("settings that come with a channel count only if it is created")
    mutating func seeds() {
        self.story.configure("old")
        var settings = ChannelSettings()
        settings.notifyState = true
        let uuid = self.story.channel("old")?.uuid
        self.story.happens(
            .userConnected(
                UserConnected(
                    seed: id("seed"),
                    connection: id("ann"),
                    user: UserName("ann"),
                    channels: ["new", "old"].map { ChannelSeed(name: ChannelName($0), settings: settings) },
                    publicKeys: [],
                    content: nil
                )
            )
        )
        #expect(self.story.channel("new")?.settings == settings)
        #expect(self.story.channel("old")?.settings == ChannelSettings())
        #expect(self.story.channel("old")?.uuid == uuid)
    }

    @Test("the same identity again stays one connection, which joins what it is not in yet")
    mutating func connectingAgain() throws {
        self.story.connect("ann", to: ["a"])
        let position = try #require(self.story.connection("ann")).position
        #expect(self.story.connect("ann", to: ["a", "b"]) == .channelsChanged([ChannelName("b")]))
        #expect(self.story.channel("a")?.connectionCount == 1)
        #expect(self.story.user("ann")?.connections.count == 1)
        #expect(self.story.connection("ann")?.channels == [ChannelName("a"), ChannelName("b")])
        #expect(self.story.connection("ann")?.position == position)
    }

    @Test("the identity of another user's connection is refused")
    mutating func anotherUsersConnection() {
        self.story.connect("ann", as: "one")
        #expect(self.story.connect("bob", as: "one", to: ["a"]) == .rejected(.connectionOfAnotherUser))
        #expect(self.story.user("bob") == nil)
        #expect(self.story.channel("a") == nil)
    }

    @Test("subscribing tells what is new, unsubscribing what was there, sorted")
    mutating func subscribing() {
        self.story.connect("ann", to: ["m"])
        #expect(
            self.story.subscribe("ann", to: "z", "m", "a", "z") == .channelsChanged(["a", "z"].map { ChannelName($0) })
        )
        #expect(self.story.connection("ann")?.channels == ["a", "m", "z"].map { ChannelName($0) })
        #expect(
            self.story.unsubscribe("ann", from: "z", "nowhere", "a", "z")
                == .channelsChanged(["a", "z"].map { ChannelName($0) })
        )
        #expect(self.story.channel("nowhere") == nil)
        #expect(self.story.channel("a")?.userNames == [])
        #expect(self.story.channel("a") != nil, "a channel outlives its users")
        #expect(self.story.subscribe("ann", to: "m") == .channelsChanged([]))
    }

    @Test("connections of the same user are independent of each other")
    mutating func independence() {
        self.story.connect("ann", as: "one", to: ["a"])
        self.story.connect("ann", as: "two", to: ["a", "b"])
        self.story.unsubscribe("two", from: "a")
        #expect(self.story.connection("one")?.channels == [ChannelName("a")])
        #expect(self.story.channel("a")?.connectionCount == 1)
        #expect(self.story.channel("a")?.userNames == [UserName("ann")])
    }

    @Test("what is about an unknown connection is rejected and changes nothing")
    mutating func unknownConnections() {
        #expect(self.story.subscribe("ghost", to: "a") == .rejected(.unknownConnection))
        #expect(self.story.unsubscribe("ghost", from: "a") == .rejected(.unknownConnection))
        self.story.attach("ghost")
        #expect(self.story.lastOutcome == .rejected(.unknownConnection))
        #expect(self.story.detach("ghost", at: .start) == .rejected(.unknownConnection))
        #expect(self.story.close("ghost") == .rejected(.unknownConnection))
        #expect(self.story.changes.isEmpty)
        #expect(self.story.channel("a") == nil)
    }

    @Test("a closed connection leaves its channels and is unknown, its user stays")
    mutating func closing() {
        self.story.connect("ann", to: ["a", "b"], state: #"{"k":1}"#)
        self.story.attach("ann")
        self.story.forgetChanges()
        #expect(self.story.close("ann") == .applied)
        #expect(self.story.changes == [.closed(id("ann"))])
        #expect(self.story.connection("ann") == nil)
        #expect(self.story.channel("a")?.connectionCount == 0)
        #expect(self.story.user("ann")?.connections == [])
        #expect(self.story.user("ann")?.stateJSON.description == #"{"k":1}"#)
        #expect(self.story.user("ann")?.lastActive == self.story.now)
        #expect(self.story.close("ann") == .rejected(.unknownConnection))
    }

    @Test("attaching hands over what was missed, once, and a newer listener takes over")
    mutating func attaching() {
        self.story.connect("ann", to: ["a"])
        self.story.say("early", in: "a")
        #expect(self.story.attach("ann").map(\.summary) == ["early"])
        #expect(self.story.connection("ann")?.transport == .webSocket)
        #expect(self.story.attach("ann").isEmpty)
    }

    @Test("after a detach, what came behind the given position is caught up")
    mutating func detaching() throws {
        self.story.connect("ann", to: ["a"])
        self.story.attach("ann")
        self.story.say("seen", in: "a")
        let seen = self.story.state.position
        self.story.say("missed", in: "a")
        #expect(self.story.detach("ann", at: seen) == .applied)
        #expect(self.story.changes.last == .detached(id("ann")))
        #expect(self.story.connection("ann")?.isAttached == false)
        self.story.say("later", in: "a")
        #expect(self.story.attach("ann").map(\.summary) == ["missed", "later"])
    }

    @Test("a detach that lies ahead counts as here, so that nothing is lost")
    mutating func detachingAhead() {
        self.story.connect("ann", to: ["a"])
        self.story.attach("ann")
        self.story.detach("ann", at: SequenceNumber(1_000_000))
        self.story.say("later", in: "a")
        #expect(self.story.attach("ann").map(\.summary) == ["later"])
    }

    @Test("only the node that holds the listener can detach it, and only while there is one")
    mutating func staleDetach() {
        self.story.connect("ann", to: ["a"])
        #expect(self.story.detach("ann", at: .start) == .rejected(.notAttached))
        self.story.attach("ann", on: NodeName("node-b"))
        #expect(self.story.detach("ann", at: .start) == .rejected(.notAttached))
        #expect(self.story.connection("ann")?.isAttached == true)
        #expect(self.story.detach("ann", at: .start, on: NodeName("node-b")) == .applied)
    }

    @Test("a node that starts has lost its listeners, in the order of their identities, and no others")
    mutating func nodeStarts() {
        for label in ["one", "two", "three"] {
            self.story.connect("ann", as: label, to: ["a"])
            self.story.attach(label)
        }
        self.story.connect("bob", to: ["a"])
        self.story.attach("bob", on: NodeName("node-b"))
        self.story.say("seen", in: "a")
        let seen = self.story.state.position
        self.story.say("missed", in: "a")
        self.story.forgetChanges()
        self.story.happens(
            .nodeStarted(NodeStarted(epoch: 2, version: "1.0", afterCrash: true, listenersHadSeen: seen))
        )
        #expect(self.story.changes == ["one", "two", "three"].map { id($0) }.sorted().map { .detached($0) })
        #expect(self.story.connection("bob")?.isAttached == true)
        #expect(self.story.attach("two").map(\.summary) == ["missed"])
    }

    @Test("a node that starts with a position ahead loses nothing that comes after")
    mutating func nodeStartsAhead() {
        self.story.connect("ann", to: ["a"])
        self.story.attach("ann")
        self.story.happens(
            .nodeStarted(
                NodeStarted(epoch: 2, version: "1.0", afterCrash: true, listenersHadSeen: SequenceNumber(1_000_000))
            )
        )
        self.story.say("later", in: "a")
        #expect(self.story.attach("ann").map(\.summary) == ["later"])
    }

    @Test("nodes are known by their epoch, and whether they run")
    mutating func nodes() throws {
        self.story.happens(.nodeStarted(NodeStarted(epoch: 7, version: "1.0", afterCrash: false)))
        var node = try #require(self.story.state.nodes[Story.node])
        #expect((node.epoch, node.isRunning) == (7, true))
        self.story.happens(.nodeStopped(NodeStopped(epoch: 7)))
        node = try #require(self.story.state.nodes[Story.node])
        #expect((node.epoch, node.isRunning) == (7, false))
    }
}
