import LogValues
import Projections
import Testing

@Suite("Edits and deletions")
struct EditAndDeleteTests {
    private var story = Story()

    init() {
        self.story.configure("room") { $0.storesHistory = true }
        self.story.connect("ann", to: ["room"])
    }

    @Test("an edit replaces the body in history and in stored frames, and is shown after the message")
    mutating func editsEverywhere() throws {
        self.story.say("tpyo", in: "room")
        self.story.say("next", in: "room")
        #expect(self.story.edit("tpyo", to: "typo", in: "room") == .messageFound(true))
        #expect(self.story.historyTexts("room") == ["typo", "next"])
        #expect(self.story.catchUp("ann").map(\.summary) == ["typo", "next", "edit: typo"])
        let kept = try #require(self.story.channel("room")?.history.first)
        #expect(kept.edited == self.story.now.clientForm)
        #expect(kept.content?.text == "tpyo", "what was posted stays, for its extra keys")
    }

    @Test("an edit may change user, timestamp and time of edit, and leaves what it does not give")
    mutating func editsFields() throws {
        self.story.say("text", in: "room")
        self.story.edit(
            "text",
            in: "room",
            user: "someone else",
            timestamp: "2019-05-06T07:08:09",
            edited: "2019-06-07T08:09:10"
        )
        var kept = try #require(self.story.channel("room")?.history.first)
        #expect(kept.user == UserName("someone else"))
        #expect(kept.timestamp == Array("2019-05-06T07:08:09".utf8))
        #expect(kept.edited == Array("2019-06-07T08:09:10".utf8))
        #expect(kept.text == "text")
        self.story.edit("text", to: "again", in: "room")
        kept = try #require(self.story.channel("room")?.history.first)
        #expect(kept.user == UserName("someone else"))
        #expect(kept.text == "again")
    }

    @Test("extra keys of an edit are shown, not stored, and do not replace the body")
    mutating func extraKeys() {
        self.story.say("text", in: "room")
        self.story.edit("text", in: "room", extra: "\"priority\":1")
        #expect(self.story.historyTexts("room") == ["text"])
        #expect(self.story.frames.last?.summary == "edit: priority")
    }

    @Test("an edit or deletion of an unknown message is shown all the same")
    mutating func unknownMessage() {
        self.story.forgetChanges()
        #expect(self.story.edit("ghost", to: "boo", in: "room") == .messageFound(false))
        #expect(self.story.delete("ghost", in: "room") == .messageFound(false))
        #expect(self.story.frames.map(\.summary) == ["edit: boo", "deletion"])
    }

    @Test("an edit or deletion in another channel, a missing one, or in private changes nothing")
    mutating func wrongPlace() {
        self.story.configure("other") { $0.storesHistory = true }
        self.story.say("stays", in: "room")
        self.story.forgetChanges()
        for channel in ["other", "missing", nil] as [String?] {
            #expect(self.story.edit("stays", to: "changed", in: channel) == .messageFound(false))
            #expect(self.story.delete("stays", in: channel) == .messageFound(false))
        }
        #expect(self.story.historyTexts("room") == ["stays"])
        #expect(self.story.channel("missing") == nil)
        #expect(self.story.frames.map(\.summary) == ["edit: changed", "deletion"], "those in the other channel")
    }

    @Test("a message that only stored frames hold is found")
    mutating func foundInFrames() {
        self.story.say("volatile", in: "room", outOfHistory: true)
        #expect(self.story.edit("volatile", to: "edited", in: "room") == .messageFound(true))
        #expect(self.story.catchUp("ann").map(\.summary) == ["edited", "edit: edited"])
    }

    @Test("a message that only history holds is found")
    mutating func foundInHistory() {
        self.story.configure("room") {
            $0.storesHistory = true
            $0.storesFrames = false
        }
        self.story.say("kept", in: "room")
        #expect(self.story.edit("kept", to: "edited", in: "room") == .messageFound(true))
        #expect(self.story.historyTexts("room") == ["edited"])
        #expect(self.story.catchUp("ann").isEmpty)
        #expect(self.story.delete("kept", in: "room") == .messageFound(true))
        #expect(self.story.historyTexts("room") == [])
    }

    @Test("a private message is edited and deleted among the frames of those it is addressed to")
    mutating func privateMessages() {
        self.story.connect("bob")
        self.story.say("old", only: ["ann", "bob"])
        #expect(self.story.edit("old", to: "new", only: ["ann"]) == .messageFound(true))
        #expect(self.story.catchUp("ann").map(\.summary) == ["new", "edit: new"])
        #expect(self.story.catchUp("bob").map(\.summary) == ["old"])
        #expect(self.story.delete("old", only: ["ann"]) == .messageFound(true))
        #expect(self.story.catchUp("ann").map(\.summary) == ["deletion"])
        #expect(self.story.delete("old", only: ["nobody"]) == .messageFound(false))
    }

    @Test("of a deleted message only the deletion remains, its edits go with it")
    mutating func deletesEverywhere() {
        self.story.say("secret", in: "room")
        self.story.say("stays", in: "room")
        self.story.edit("secret", to: "less secret", in: "room")
        #expect(self.story.delete("secret", in: "room") == .messageFound(true))
        #expect(self.story.historyTexts("room") == ["stays"])
        #expect(self.story.catchUp("ann").map(\.summary) == ["stays", "deletion"])
    }

    @Test("edits and deletions are not counted as messages")
    mutating func notCounted() {
        self.story.say("one", in: "room")
        let before = self.story.state.statistics
        self.story.edit("one", to: "two", in: "room")
        self.story.delete("one", in: "room")
        #expect(self.story.state.statistics == before)
    }
}
