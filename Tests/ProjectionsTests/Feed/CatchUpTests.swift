import LogValues
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
        #expect(self.story.catchUp("ann").map(\.summary) == ["in b", "in a"] + (10..<60).map { "\($0)" })
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

    // MARK: Part by part

    /// All parts of a size, one after the other.
    private func parts(of connection: String, size: Int) throws -> [MissedPart] {
        var parts: [MissedPart] = []
        var after: SequenceNumber?
        repeat {
            let part = try #require(self.story.missed(by: connection, after: after, size: size))
            parts.append(part)
            after = part.through
        } while parts.last?.isComplete == false
        return parts
    }

    @Test(
        "parts of any size tell the same, in the order of the log, and no event twice or in part",
        arguments: [1, 700, 4000]
    )
    mutating func tellsParts(size: Int) throws {
        for name in ["a", "b"] {
            self.story.configure(name) {
                $0.notifyState = true
                $0.notifyPresence = true
            }
        }
        self.story.connect("ann", to: ["a", "b"])
        self.story.connect("bob", to: ["a", "b"], publicKeys: ["k"])
        for number in 0..<40 {
            self.story.say("\(number)", in: ["a", "b"][number % 2])
            self.story.say("to ann \(number)", only: ["ann"])
            if number % 5 == 0 { self.story.setState(of: "bob", "{\"k\":\(number)}") }
        }
        let parts = try self.parts(of: "ann", size: size)
        let frames = parts.flatMap(\.frames)
        let whole = self.story.catchUp("ann")
        #expect(parts.count > 3)
        #expect(frames.count == whole.count)
        for part in parts where !part.isWhole {
            #expect(part.frames.map(\.position) == part.frames.map(\.position).sorted())
        }
        #expect(frames.map(\.summary).sorted() == whole.map(\.summary).sorted())
        for (part, next) in zip(parts, parts.dropFirst()) {
            #expect(part.frames.allSatisfy { $0.position <= part.through && $0.position > part.after })
            #expect(next.frames.allSatisfy { $0.position > part.through })
        }
    }

    @Test("a part is as large as it was asked for, and one event")
    mutating func boundsParts() throws {
        self.story.connect("ann", to: ["room"])
        for _ in 0..<20 { self.story.say(String(repeating: "x", count: 5000), in: "room") }
        let part = try #require(self.story.missed(by: "ann", size: 12_000))
        #expect(part.frames.count == 3)
        #expect(!part.isComplete && !part.isWhole)
    }

    @Test("what is said later pushes nothing into what was missed, and what it pushes out is noticed")
    mutating func keepsItsEnd() throws {
        self.story.connect("ann", to: ["room"])
        for number in 0..<60 { self.story.say("\(number)", in: "room") }
        let end = self.story.state.position
        let part = try #require(self.story.missed(by: "ann", through: end, size: 3000))
        let after = part.through
        for number in 60..<100 { self.story.say("\(number)", in: "room") }
        #expect(!self.hasDropped(after: after, through: end))
        let rest = try #require(self.story.missed(by: "ann", after: after, through: end, size: .max))
        #expect((part.frames + rest.frames).map(\.summary) == (0..<60).map { "\($0)" })
        // The first ones that go have been told already.
        self.story.say("100", in: "room")
        #expect(!self.hasDropped(after: after, through: end))
        for number in 0..<part.frames.count { self.story.say("more \(number)", in: "room") }
        #expect(self.hasDropped(after: after, through: end))
    }

    @Test("what had gone before the listener came is not missed")
    mutating func forgetsWhatWasGone() throws {
        self.story.connect("ann", to: ["room"])
        for number in 0..<150 { self.story.say("\(number)", in: "room") }
        let end = self.story.state.position
        let after = try #require(self.story.connection("ann")?.position)
        #expect(!self.hasDropped(after: after, through: end))
    }

    private func hasDropped(after: SequenceNumber, through end: SequenceNumber) -> Bool {
        self.story.state.hasDropped(of: UserName("ann"), in: [ChannelName("room")], after: after, through: end)
    }

    @Test("an edit between two parts is seen in the later one, and a deletion leaves its message out")
    mutating func foldsEdits() throws {
        self.story.connect("ann", to: ["room"])
        for number in 0..<9 { self.story.say("\(number)", in: "room") }
        let end = self.story.state.position
        let part = try #require(self.story.missed(by: "ann", through: end, size: 1000))
        self.story.edit("7", to: "edited", in: "room")
        self.story.delete("8", in: "room")
        let rest = try #require(self.story.missed(by: "ann", after: part.through, through: end, size: .max))
        let told = (part.frames + rest.frames).map(\.summary)
        #expect(told == (0..<7).map { "\($0)" } + ["edited"])
    }
}
