import Projections
import Testing

@Suite("Catch-up")
struct CatchUpTests {
    private var story = Story()

    @Test("messages from before the connection are left out")
    mutating func olderMessages() {
        self.story.configure("room")
        self.story.say("older", in: "room")
        self.story.connect("ann", to: ["room"])
        self.story.say("newer", in: "room")
        #expect(self.story.catchUp("ann").map(\.summary) == ["newer"])
    }

    @Test("the delivery rules hold")
    mutating func deliveryRules() {
        self.story.connect("ann", to: ["room"])
        self.story.say("for all", in: "room")
        self.story.say("for me", in: "room", only: ["ann"])
        self.story.say("for another", in: "room", only: ["bob"])
        self.story.say("not for me", in: "room", except: ["ann"])
        self.story.say("not for another", in: "room", except: ["bob"])
        self.story.say("neither", in: "room", only: ["ann"], except: ["ann"])
        #expect(self.story.catchUp("ann").map(\.summary) == ["for all", "for me", "not for another"])
    }

    @Test("history settings do not matter, frame settings do")
    mutating func settings() {
        self.story.configure("frameless") {
            $0.storesFrames = false
            $0.storesHistory = true
            $0.notifyState = true
            $0.notifyPresence = true
        }
        self.story.connect("ann", to: ["frameless", "room"])
        self.story.connect("bob", to: ["frameless"])
        self.story.setState(of: "bob", #"{"a":1}"#)
        self.story.say("out of history", in: "room", outOfHistory: true)
        self.story.say("not kept", in: "frameless")
        #expect(self.story.catchUp("ann").map(\.summary) == ["out of history"])
    }

    @Test("switching frames off keeps what is there")
    mutating func framesSwitchedOff() {
        self.story.connect("ann", to: ["room"])
        self.story.say("before", in: "room")
        self.story.configure("room") { $0.storesFrames = false }
        self.story.say("after", in: "room")
        #expect(self.story.catchUp("ann").map(\.summary) == ["before"])
    }

    @Test("it holds the last hundred frames of a channel, of all types together")
    mutating func hundredFrames() {
        self.story.configure("room") {
            $0.notifyState = true
            $0.notifyPresence = true
        }
        self.story.connect("ann", to: ["room"])
        for number in 0..<120 { self.story.say("\(number)", in: "room") }
        #expect(self.story.catchUp("ann").map(\.summary) == (20..<120).map { "\($0)" })
        self.story.connect("bob", to: ["room"], publicKeys: ["k"])
        for number in 0..<10 { self.story.setState(of: "bob", "{\"k\":\(number)}") }
        let frames = self.story.catchUp("ann").map(\.summary)
        #expect(frames.count == 100)
        #expect(frames.first == "31")
        #expect(frames[89] == "bob joined room")
        #expect(frames.last == #"bob {"k":9} [{"key":"k","value":9}]"#)
    }

    @Test("it holds the last fifty private frames of the user, after those of the channels")
    mutating func fiftyPrivateFrames() {
        self.story.connect("ann", to: ["b", "a"])
        for number in 0..<60 { self.story.say("\(number)", only: ["ann"]) }
        self.story.say("in b", in: "b")
        self.story.say("in a", in: "a")
        #expect(self.story.catchUp("ann").map(\.summary) == ["in a", "in b"] + (10..<60).map { "\($0)" })
    }

    @Test("private frames are not kept for users without a connection, who could never see them")
    mutating func privateFramesOfTheAbsent() {
        self.story.connect("ann")
        self.story.say("while she is there", only: ["ann"])
        self.story.close("ann")
        self.story.say("into the void", only: ["ann"])
        #expect(!snapshotLines(of: self.story.state).contains { $0.starts(with: Array(#"{"frame""#.utf8)) })
        self.story.connect("ann")
        self.story.say("heard", only: ["ann"])
        #expect(self.story.catchUp("ann").map(\.summary) == ["heard"])
    }

    @Test("channels subscribed meanwhile count too")
    mutating func subscribedMeanwhile() {
        self.story.connect("ann")
        self.story.subscribe("ann", to: "room")
        self.story.say("early", in: "room")
        #expect(self.story.catchUp("ann").map(\.summary) == ["early"])
    }

    @Test("every connection of a user has its own")
    mutating func ownCatchUp() {
        self.story.connect("ann", as: "listening", to: ["room"])
        self.story.connect("ann", as: "waiting", to: ["room"])
        self.story.say("once each", in: "room")
        #expect(self.story.attach("listening").map(\.summary) == ["once each"])
        #expect(self.story.attach("waiting").map(\.summary) == ["once each"])
        #expect(self.story.attach("listening").isEmpty)
    }

    @Test("an unknown connection has none")
    func unknownConnection() {
        #expect(self.story.catchUp("ghost").isEmpty)
    }
}
