import Projections
import Testing

@Suite("Channels")
struct ChannelTests {
    private var story = Story()

    @Test("configuring creates, and configuring again replaces all settings but not the identity")
    mutating func configuring() {
        #expect(self.story.configure("room") { $0.historySize = 3 } == .applied)
        let uuid = self.story.channel("room")?.uuid
        #expect(self.story.channel("room")?.settings.historySize == 3)
        self.story.configure("room") { $0.notifyState = true }
        #expect(self.story.channel("room")?.settings.historySize == 10)
        #expect(self.story.channel("room")?.uuid == uuid)
        #expect(self.story.channel("room")?.lastActive == self.story.now)
        #expect(self.story.changes.isEmpty)
    }

    @Test("coming and going touch a channel, a change of state does not")
    mutating func lastActive() {
        self.story.configure("room") { $0.notifyState = true }
        self.story.connect("ann", to: ["room"])
        #expect(self.story.channel("room")?.lastActive == self.story.now)
        let before = self.story.now
        self.story.setState(of: "ann", #"{"a":1}"#)
        #expect(self.story.channel("room")?.lastActive == before)
        self.story.close("ann")
        #expect(self.story.channel("room")?.lastActive == self.story.now)
    }

    @Test("a forgotten channel goes with all it kept, and its connections are taken out of it")
    mutating func forgetting() {
        let forget = Event.Payload.channelForgotten(ChannelForgotten(channel: ChannelName("room")))
        #expect(self.story.happens(forget) == .rejected(.unknownChannel))
        self.story.configure("room") { $0.storesHistory = true }
        self.story.connect("ann", as: "one", to: ["room", "stays"])
        self.story.connect("ann", as: "two", to: ["room"])
        self.story.say("gone", in: "room")
        self.story.forgetChanges()
        #expect(self.story.happens(forget) == .applied)
        #expect(
            Set(self.story.changes.map { "\($0)" })
                == Set(["one", "two"].map { "\(Change.unsubscribed(id($0), channels: [ChannelName("room")]))" })
        )
        #expect(self.story.connection("one")?.channels == [ChannelName("stays")])
        self.story.connect("ann", as: "three", to: ["room"])
        #expect(self.story.channel("room")?.connectionCount == 1)
        #expect(self.story.channel("room")?.history.isEmpty == true)
    }

    @Test("names that differ only by normalisation are different channels")
    mutating func normalisation() {
        self.story.connect("ann", to: ["\u{e9}"])
        self.story.connect("bob", to: ["e\u{301}"])
        #expect(self.story.state.channelCount == 2)
        #expect(self.story.channel("\u{e9}")?.userNames == [UserName("ann")])
    }

    @Test("an event of an unknown type is counted and otherwise passed over")
    mutating func unknownType() {
        #expect(self.story.happens(.unknown(type: Array("poll.opened".utf8))) == .rejected(.unknownType))
        #expect(self.story.state.statistics.unknownEvents == 1)
        #expect(self.story.changes.isEmpty)
    }
}
