import LogValues
import TestSupport
import Testing

@testable import Projections

@Suite("State digests")
struct StateDigestTests {
    private var story = Story()

    init() {
        self.story.configure("room") { $0.storesHistory = true }
        self.story.connect("ann", to: ["room"], state: #"{"a":1}"#)
        self.story.say("one", in: "room")
    }

    /// Everything that an event can change shows in the digest, whatever was cached before.
    @Test("every event that changes the state changes the digest, beyond the position", arguments: 0..<9)
    mutating func changesShow(number: Int) {
        var before = self.story.state
        _ = before.digest()
        self.story.state = before
        switch number {
        case 0: self.story.say("two", in: "room")
        case 1: self.story.edit("one", to: "eins", in: "room")
        case 2: self.story.delete("one", in: "room")
        case 3: self.story.setState(of: "ann", #"{"a":2}"#)
        case 4: self.story.subscribe("ann", to: "other")
        case 5: self.story.attach("ann")
        case 6: self.story.close("ann")
        case 7: self.story.configure("other")
        default: self.story.happens(.nodeStopped(NodeStopped(epoch: 3)))
        }
        before.position = self.story.state.position
        #expect(before.digest() != self.story.state.digest())
    }

    @Test("what an edit says counts, even where only the history keeps its message")
    mutating func editsCount() {
        self.story.configure("frameless") {
            $0.storesFrames = false
            $0.storesHistory = true
        }
        self.story.say("two", in: "frameless")
        var other = self.story
        self.story.edit("two", to: "zwei", in: "frameless")
        other.edit("two", to: "deux", in: "frameless")
        #expect(self.story.state.digest() != other.state.digest())
    }

    @Test("an event without effect changes nothing but the position")
    mutating func nothingElse() {
        var before = self.story.state
        self.story.happens(.userForgotten(UserForgotten(user: UserName("nobody"))))
        #expect(before.digest() != self.story.state.digest())
        before.position = self.story.state.position
        #expect(before.digest() == self.story.state.digest())
    }

    @Test("what is forgotten leaves no trace in the digest")
    mutating func forgetting() {
        var before = self.story.state
        _ = before.digest()
        self.story.state = before
        self.story.configure("passing")
        self.story.connect("passer-by", as: "x")
        _ = self.story.state.digest()
        self.story.close("x")
        self.story.happens(.channelForgotten(ChannelForgotten(channel: ChannelName("passing"))))
        self.story.happens(.userForgotten(UserForgotten(user: UserName("passer-by"))))
        before.position = self.story.state.position
        #expect(before.digest() == self.story.state.digest())
    }

    @Test("the digest of this state is the same in every release that writes format 1")
    mutating func golden() {
        self.story.edit("one", to: "eins", in: "room")
        self.story.attach("ann")
        #expect(self.story.state.digest().description == "dxzOGUdEtDEyAVLMB7-GfzwYO-p9CqyDuQbBt-UxdkQ")
    }

    @Test("a digest is of the state as it was when it was begun")
    mutating func asOfItsBeginning() throws {
        var before = self.story.state
        self.story.state.beginDigest()
        self.story.say("two", in: "room")
        self.story.attach("ann")
        self.story.configure("other")
        self.story.happens(.channelForgotten(ChannelForgotten(channel: ChannelName("room"))))
        let early = self.story.state.gatherDigest(limit: 0)
        #expect(early == nil, "there is something left to look at")
        let gathered = self.story.state.gatherDigest(limit: 100)
        var task = try #require(gathered)
        #expect(task.run() == before.digest())
        let again = self.story.state.gatherDigest(limit: 100)
        #expect(again == nil, "none is begun")
    }

    @Test("what a task brings back too late is not taken for news")
    mutating func lateTask() throws {
        self.story.state.beginDigest()
        let gathered = self.story.state.gatherDigest(limit: 100)
        var late = try #require(gathered)
        self.story.say("two", in: "room")
        let digest = self.story.state.digest()
        _ = late.run()
        self.story.state.endDigest(late)
        #expect(self.story.state.digest() == digest)
    }

    @Test("a tree of digests depends on names and digests, not on the order in which they came")
    func tree() {
        var random = SeededGenerator(seed: 3)
        let entries = (0..<2_000).map { (ChannelName("room-\($0)"), Hash256(hashing: [UInt8($0 % 251)])) }
        var input = DigestInput()
        var forward = DigestTree<ChannelName>()
        for (name, digest) in entries { forward.set(digest, for: name) }
        var shuffled = DigestTree<ChannelName>()
        for (name, digest) in entries.shuffled(using: &random) {
            shuffled.set(Hash256(hashing: []), for: name)
            if random.chance(10) { _ = shuffled.rootDigest(using: &input) }
            shuffled.set(digest, for: name)
        }
        let root = forward.rootDigest(using: &input)
        #expect(root.description == "qyW9c2-sUF0rUx5F3TVx4lh-pZB20TF8g1KHHAF6eNk", "part of the format of digests")
        #expect(shuffled.rootDigest(using: &input) == root)
        shuffled.set(Hash256(hashing: []), for: ChannelName("one more"))
        #expect(shuffled.rootDigest(using: &input) != root)
        shuffled.remove(ChannelName("one more"))
        shuffled.remove(ChannelName("never there"))
        #expect(shuffled.rootDigest(using: &input) == root)
        for (name, _) in entries { forward.remove(name) }
        var empty = DigestTree<ChannelName>()
        #expect(forward.rootDigest(using: &input) == empty.rootDigest(using: &input))
    }
}
