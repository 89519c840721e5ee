import LogValues
import Projections
import RawJSON
import Testing

@Suite("Presence")
struct PresenceTests {
    private var story = Story()

    init() {
        self.story.configure("room") { $0.notifyPresence = true }
        self.story.connect("watcher", to: ["room"])
        self.story.forgetChanges()
    }

    @Test("joined comes with the first connection of a user, parted after the last")
    mutating func firstAndLast() {
        self.story.connect("ann", as: "one", to: ["room"])
        self.story.connect("ann", as: "two", to: ["room"])
        self.story.unsubscribe("one", from: "room")
        self.story.close("two")
        #expect(self.story.frames.map(\.summary) == ["ann joined room", "ann parted room"])
    }

    @Test("joined shows the public state as it is after the connect, parted shows none")
    mutating func states() throws {
        self.story.connect("ann", state: #"{"level":1,"secret":1}"#, publicKeys: ["level"])
        self.story.connect("ann", to: ["room"], state: #"{"level":2}"#, publicKeys: ["level"])
        self.story.close("ann")
        let presence = self.story.frames.compactMap(\.presence)
        #expect(presence.map(\.state?.description) == [#"{"level":2}"#, nil])
        #expect(
            presence.map(\.time) == [Timestamp(microseconds: self.story.now.microseconds - 1_000_000), self.story.now]
        )
        #expect(Set(presence.map(\.uuid)).count == 2)
    }

    @Test("it is for the others in the channel, and not for any connection of the user concerned")
    mutating func notForTheUser() throws {
        self.story.connect("ann", to: ["room"])
        guard case .frame(let frame, let addressing)? = self.story.changes.first else {
            Issue.record("no frame comes first")
            return
        }
        #expect(addressing == Addressing(channel: ChannelName("room"), only: [], except: [UserName("ann")]))
        #expect(!frame.isVisible(to: UserName("ann")))
        #expect(frame.isVisible(to: UserName("watcher")))
    }

    @Test("it comes before the subscription, so that a newcomer hears nothing from before")
    mutating func beforeTheSubscription() {
        self.story.connect("ann", to: ["room"])
        #expect(self.story.changes.count == 2)
        guard case .frame = self.story.changes.first, case .subscribed = self.story.changes.last else {
            Issue.record("expected a frame, then the subscription: \(self.story.changes)")
            return
        }
    }

    @Test("user lists show everybody present with their public states, sorted, the newcomer included")
    mutating func userLists() {
        self.story.configure("room") {
            $0.notifyPresence = true
            $0.broadcastsUserLists = true
        }
        self.story.connect("ann", to: ["room"], state: #"{"p":1,"q":2}"#, publicKeys: ["p"])
        self.story.connect("zoe", to: ["room"])
        self.story.close("ann")
        let lists = self.story.frames.compactMap(\.presence).map { $0.users.map { "\($0.user) \($0.state)" } }
        #expect(
            lists == [
                [#"ann {"p":1}"#, "watcher {}"],
                [#"ann {"p":1}"#, "watcher {}", "zoe {}"],
                ["watcher {}", "zoe {}"],
            ]
        )
    }

    @Test("without lists asked for, the list is empty")
    mutating func noLists() {
        self.story.connect("ann", to: ["room"])
        #expect(self.story.frames.compactMap(\.presence).map(\.users.count) == [0])
    }

    @Test("a channel is silent by default, and lists alone announce nothing")
    mutating func silence() {
        self.story.configure("lists") { $0.broadcastsUserLists = true }
        self.story.connect("ann", to: ["lists", "plain"])
        self.story.close("ann")
        #expect(self.story.frames.isEmpty)
    }

    @Test("each channel announces for itself, in the order of their names")
    mutating func eachChannel() {
        self.story.configure("a room") { $0.notifyPresence = true }
        self.story.connect("ann", to: ["a room", "room", "silent"])
        self.story.unsubscribe("ann", from: "room")
        #expect(self.story.frames.map(\.summary) == ["ann joined a room", "ann joined room", "ann parted room"])
    }

    @Test("switched on while people are in, it tells when they leave")
    mutating func switchedOnLate() {
        self.story.connect("ann", to: ["quiet"])
        self.story.configure("quiet") { $0.notifyPresence = true }
        self.story.close("ann")
        #expect(self.story.frames.map(\.summary) == ["ann parted quiet"])
    }

    @Test("leaving a channel that one is not in is not announced")
    mutating func neverJoined() {
        self.story.connect("stranger")
        #expect(self.story.unsubscribe("stranger", from: "room") == .channelsChanged([]))
        #expect(self.story.changes.isEmpty)
    }

    @Test("it is kept for catch-up, and is no history")
    mutating func isKept() {
        self.story.configure("room") {
            $0.notifyPresence = true
            $0.storesHistory = true
        }
        self.story.connect("ann", to: ["room"])
        #expect(self.story.catchUp("watcher").map(\.summary) == ["ann joined room"])
        #expect(self.story.catchUp("ann").isEmpty)
        #expect(self.story.historyTexts("room").isEmpty)
    }
}
