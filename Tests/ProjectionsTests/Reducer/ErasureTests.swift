import LogValues
import Projections
import RawJSON
import Testing

@Suite("Erasure")
struct ErasureTests {
    private var story = Story()

    init() {
        self.story.configure("room") {
            $0.storesHistory = true
            $0.notifyPresence = true
            $0.broadcastsUserLists = true
            $0.notifyState = true
        }
        self.story.connect("watcher", to: ["room"])
    }

    @Test("an erased message keeps its place, without its content, in history and catch-up")
    mutating func message() throws {
        self.story.say("secret", in: "room")
        let line = self.story.state.position
        self.story.say("stays", in: "room")
        #expect(self.story.erase(line) == .applied)
        #expect(self.story.historyTexts("room") == ["-", "stays"])
        #expect(self.story.catchUp("watcher").map(\.summary) == ["-", "stays"])
        let kept = try #require(self.story.channel("room")?.history.first)
        #expect(kept.user == UserName("speaker"))
        #expect(kept.content == content(#"{"message":{"text":"secret"}}"#).erased)
    }

    @Test("an erased private message is gone from the frames of its receivers")
    mutating func privateMessage() {
        self.story.say("secret", only: ["watcher"])
        self.story.erase(self.story.state.position)
        #expect(self.story.catchUp("watcher").map(\.summary) == ["-"])
    }

    @Test("an erased edit takes the body that it gave, and does not bring back the one before")
    mutating func edit() {
        self.story.say("first", in: "room")
        self.story.edit("first", to: "secret", in: "room")
        self.story.erase(self.story.state.position)
        #expect(self.story.historyTexts("room") == ["-"])
        #expect(self.story.catchUp("watcher").map(\.summary) == ["-", "edit: -"])
    }

    @Test("what a replay of the erased log shows of an edit is the same")
    mutating func editReplayed() {
        self.story.say("first", in: "room")
        let edit = MessageEdited(
            uuid: id("first"),
            addressing: Addressing(channel: ChannelName("room"), only: [], except: []),
            keepsOutOfHistory: false,
            user: nil,
            timestamp: nil,
            edited: nil,
            content: content(#"{"message":{"text":"secret"}}"#).erased,
            keepsMessage: false
        )
        self.story.happens(.messageEdited(edit))
        #expect(self.story.historyTexts("room") == ["-"])
    }

    @Test("state values that an erased event set are gone, wherever they were shown")
    mutating func stateValues() {
        self.story.connect("ann", to: ["room"], state: #"{"name":"secret"}"#, publicKeys: ["name", "mood"])
        let line = self.story.state.position
        self.story.setState(of: "ann", #"{"mood":"fine"}"#)
        self.story.connect("bob", to: ["room"])
        self.story.erase(line)
        #expect(self.story.user("ann")?.stateJSON.description == #"{"mood":"fine"}"#)
        #expect(self.story.user("ann")?.publicStateJSON.description == #"{"mood":"fine"}"#)
        let shown = "\(self.story.catchUp("watcher"))"
        #expect(!shown.contains(Array("secret".utf8).description.dropFirst().dropLast()))
        #expect(
            self.story.catchUp("watcher").map(\.summary) == [
                "ann joined room", #"ann {"mood":"fine"} [{"key":"mood","value":"fine"}]"#, "bob joined room",
            ]
        )
        let last = self.story.catchUp("watcher").last?.presence
        #expect(last?.users.map { "\($0.user) \($0.state)" } == [#"ann {"mood":"fine"}"#, "bob {}", "watcher {}"])
    }

    @Test("an announced change of state is gone with its event")
    mutating func stateChange() {
        self.story.connect("ann", to: ["room"], publicKeys: ["mood"])
        self.story.setState(of: "ann", #"{"mood":"secret"}"#)
        self.story.erase(self.story.state.position)
        #expect(self.story.catchUp("watcher").map(\.summary) == ["ann joined room"])
        #expect(self.story.user("ann")?.stateJSON == .emptyObject)
    }

    @Test("whoever shows a public state hears what is left of it, in the channels that tell of states, and once")
    mutating func stateLoss() {
        self.story.connect("ann", to: ["room", "quiet"], state: #"{"name":"secret"}"#, publicKeys: ["name", "mood"])
        let line = self.story.state.position
        self.story.setState(of: "ann", #"{"mood":"fine","hidden":"secret"}"#)
        let told = self.story.frames.count
        self.story.erase(line)
        let frames = self.story.frames.dropFirst(told)
        #expect(frames.map(\.summary) == [#"ann {"mood":"fine"} [{"key":"name","value":null}]"#])
        #expect(frames.first?.position == self.story.state.position)
        let again = self.story.changes.count
        self.story.erase(line)
        #expect(self.story.changes.count == again + 1, "the erased lines alone")
    }

    @Test("lines that have no content, or are unknown, change nothing")
    mutating func nothingToErase() {
        self.story.say("stays", in: "room")
        let before = self.story.catchUp("watcher")
        #expect(self.story.erase() == .applied)
        #expect(self.story.erase(.start, SequenceNumber(1), SequenceNumber(1_000)) == .applied)
        #expect(self.story.catchUp("watcher") == before)
        #expect(self.story.changes.count == 4, "the two changes of the connect, the message, and the erased lines")
    }
}
