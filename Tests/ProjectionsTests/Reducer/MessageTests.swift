import LogValues
import Projections
import Testing

@Suite("Messages")
struct MessageTests {
    private var story = Story()

    @Test("a message reaches its channel's feed and is counted once for each connection there")
    mutating func isCounted() {
        self.story.connect("ann", as: "one", to: ["room"])
        self.story.connect("ann", as: "two", to: ["room"])
        self.story.connect("bob", to: ["room", "other"])
        self.story.forgetChanges()
        #expect(self.story.say("hi", in: "room") == .applied)
        #expect(self.story.frames.map(\.summary) == ["hi"])
        #expect(self.story.state.statistics.totalUniqueMessages == 1)
        #expect(self.story.state.statistics.totalMessages == 3)
    }

    @Test(
        "only connections that may see a message count as reached",
        arguments: [
            (["ann"], [], 2), (["ann", "ann"], [], 2), (["ann", "bob"], ["bob"], 2), ([], ["ann"], 1),
            ([], ["ann", "ann", "nobody"], 1), (["outside"], [], 0), (["ann"], ["ann"], 0),
        ] as [([String], [String], UInt64)]
    )
    mutating func addressingLimitsTheCount(only: [String], except: [String], reached: UInt64) {
        self.story.connect("ann", as: "one", to: ["room"])
        self.story.connect("ann", as: "two", to: ["room"])
        self.story.connect("ann", as: "elsewhere", to: ["other"])
        self.story.connect("bob", to: ["room"])
        self.story.connect("outside", to: ["other"])
        self.story.say("hi", in: "room", only: only, except: except)
        #expect(self.story.state.statistics.totalMessages == reached)
    }

    @Test("a message to a channel that does not exist is counted, and neither kept nor shown")
    mutating func missingChannel() {
        #expect(self.story.say("hello?", in: "nowhere") == .applied)
        #expect(self.story.channel("nowhere") == nil)
        #expect(self.story.changes.isEmpty)
        #expect(self.story.state.statistics.totalUniqueMessages == 1)
        #expect(self.story.state.statistics.totalMessages == 0)
    }

    @Test("a private message counts every connection of each receiver once, however often the receiver is named")
    mutating func privateMessage() {
        self.story.connect("ann", as: "one")
        self.story.connect("ann", as: "two", to: ["room"])
        self.story.connect("bob")
        self.story.forgetChanges()
        self.story.say("psst", only: ["ann", "ann", "nobody", "bob"], except: ["bob"])
        #expect(self.story.state.statistics.totalMessages == 2)
        #expect(self.story.frames.map(\.summary) == ["psst"])
        #expect(self.story.catchUp("one").map(\.summary) == ["psst"])
        #expect(self.story.catchUp("bob").isEmpty)
    }

    @Test("a private message to nobody who is there is shown to nobody")
    mutating func privateMessageToNobody() {
        self.story.connect("ann")
        self.story.close("ann")
        self.story.forgetChanges()
        self.story.say("psst", only: ["ann", "nobody"])
        self.story.say("psst")
        #expect(self.story.changes.isEmpty)
        #expect(self.story.state.statistics.totalUniqueMessages == 2)
    }

    @Test("history keeps the newest messages, as many as its size says")
    mutating func historyKeepsTheNewest() {
        self.story.configure("room") {
            $0.storesHistory = true
            $0.historySize = 3
        }
        for number in 0..<5 { self.story.say("\(number)", in: "room") }
        #expect(self.story.historyTexts("room") == ["2", "3", "4"])
    }

    @Test("history of size 0 keeps nothing, and gives up what it had with the next message")
    mutating func historyOfSizeZero() {
        self.story.configure("room") { $0.storesHistory = true }
        self.story.say("before", in: "room")
        self.story.configure("room") {
            $0.storesHistory = true
            $0.historySize = 0
        }
        #expect(self.story.historyTexts("room") == ["before"])
        self.story.say("after", in: "room")
        #expect(self.story.historyTexts("room") == [])
    }

    @Test("a smaller history size counts from the next message that is kept")
    mutating func smallerHistorySize() {
        self.story.configure("room") { $0.storesHistory = true }
        for text in ["a", "b", "c"] { self.story.say(text, in: "room") }
        self.story.configure("room") {
            $0.storesHistory = true
            $0.historySize = 1
        }
        self.story.say("volatile", in: "room", outOfHistory: true)
        #expect(self.story.historyTexts("room") == ["a", "b", "c"])
        self.story.say("d", in: "room")
        #expect(self.story.historyTexts("room") == ["d"])
    }

    @Test("history is off by default, and switching it off keeps what is there")
    mutating func historySwitchedOff() {
        self.story.configure("room")
        self.story.say("gone", in: "room")
        self.story.configure("room") { $0.storesHistory = true }
        self.story.say("before", in: "room")
        self.story.configure("room")
        self.story.say("after", in: "room")
        #expect(self.story.historyTexts("room") == ["before"])
    }

    @Test("messages limited to some users are in the history with their receivers")
    mutating func privateHistory() throws {
        self.story.configure("room") { $0.storesHistory = true }
        self.story.say("private", in: "room", only: ["ann"], except: ["bob"])
        let kept = try #require(self.story.channel("room")?.history.first)
        #expect(kept.addressing.only == [UserName("ann")])
        #expect(kept.addressing.except == [UserName("bob")])
    }

    @Test("a message without a timestamp has the event's time, one with a timestamp keeps its spelling")
    mutating func timestamps() throws {
        self.story.configure("room") { $0.storesHistory = true }
        self.story.say("now", in: "room")
        let now = try #require(self.story.channel("room")?.history.last)
        #expect(now.timestamp == self.story.now.clientForm)
        #expect(now.edited == nil)
        self.story.happens(
            .messagePosted(
                MessagePosted(
                    uuid: id("then"),
                    user: UserName("ann"),
                    addressing: Addressing(channel: ChannelName("room"), only: [], except: []),
                    keepsOutOfHistory: false,
                    timestamp: Array("2020-01-02T03:04:05+02:00".utf8),
                    content: nil
                )
            )
        )
        #expect(self.story.channel("room")?.history.last?.timestamp == Array("2020-01-02T03:04:05+02:00".utf8))
    }

    @Test("every message touches its channel")
    mutating func lastActive() {
        self.story.configure("room")
        self.story.say("hi", in: "room")
        #expect(self.story.channel("room")?.lastActive == self.story.now)
        self.story.edit("unknown", in: "room")
        #expect(self.story.channel("room")?.lastActive == self.story.now)
        self.story.delete("unknown", in: "room")
        #expect(self.story.channel("room")?.lastActive == self.story.now)
    }
}
