import Projections
import RawJSON
import Testing

@Suite("User states")
struct UserStateTests {
    private var story = Story()

    @Test("fresh state is for users who are not known, user state is merged every time")
    mutating func freshAndMerged() {
        self.story.connect("ann", fresh: #"{"a":1,"b":1}"#, state: #"{"b":2,"c":2}"#)
        #expect(self.story.user("ann")?.stateJSON.description == #"{"a":1,"b":2,"c":2}"#)
        self.story.close("ann")
        self.story.connect("ann", fresh: #"{"a":9,"z":9}"#, state: #"{"d":3.50}"#)
        #expect(self.story.user("ann")?.stateJSON.description == #"{"a":1,"b":2,"c":2,"d":3.50}"#)
    }

    @Test("connecting replaces the public keys, and announces no state")
    mutating func publicKeysOfConnect() {
        self.story.configure("room") { $0.notifyState = true }
        self.story.connect("ann", to: ["room"], state: #"{"shown":1,"hidden":2}"#, publicKeys: ["shown", "absent"])
        #expect(self.story.user("ann")?.publicStateJSON.description == #"{"shown":1}"#)
        self.story.connect("ann", as: "two", state: #"{"shown":3}"#)
        #expect(self.story.user("ann")?.publicStateJSON.description == "{}")
        #expect(self.story.frames.isEmpty)
    }

    @Test("a change tells which keys differ from before, in the order given")
    mutating func changedKeys() {
        self.story.connect("ann", state: #"{"a":1,"b":"x"}"#)
        let outcome = self.story.setState(of: "ann", #"{"c":true,"a":1,"b":"y"}"#)
        #expect(outcome == .stateChanged(keys: ["c", "b"].map { Array($0.utf8) }))
        #expect(self.story.user("ann")?.stateJSON.description == #"{"a":1,"b":"y","c":true}"#)
    }

    @Test("null for an unknown key is no change, for a known one it is stored")
    mutating func nulls() {
        self.story.connect("ann", fresh: #"{"never":null,"a":1}"#)
        #expect(self.story.user("ann")?.stateJSON.description == #"{"a":1}"#)
        #expect(self.story.setState(of: "ann", #"{"never":null}"#) == .stateChanged(keys: []))
        #expect(self.story.setState(of: "ann", #"{"a":null}"#) == .stateChanged(keys: [[UInt8(ascii: "a")]]))
        #expect(self.story.user("ann")?.stateJSON.description == #"{"a":null}"#)
        #expect(self.story.setState(of: "ann", #"{"a":null}"#) == .stateChanged(keys: []))
    }

    @Test("of a key that is given twice the last value counts")
    mutating func repeatedKeys() {
        self.story.connect("ann", state: #"{"a":1}"#)
        #expect(self.story.setState(of: "ann", #"{"a":2,"a":1}"#) == .stateChanged(keys: []))
    }

    @Test("keys are compared by their bytes once escapes are resolved")
    mutating func keySpellings() {
        self.story.connect("ann", state: #"{"a":1}"#)
        self.story.setState(of: "ann", #"{"\u0061":2}"#)
        #expect(self.story.user("ann")?.stateJSON.description == #"{"a":2}"#)
        self.story.setState(of: "ann", "{\"\u{e9}\":1,\"e\u{301}\":2}")
        #expect(self.story.user("ann")?.stateJSON.description == "{\"a\":2,\"\u{e9}\":1,\"e\u{301}\":2}")
    }

    @Test("null keeps the public keys, a list replaces them first, also an empty one")
    mutating func publicKeys() {
        self.story.connect("ann", state: #"{"a":1,"b":2}"#, publicKeys: ["a"])
        self.story.setState(of: "ann")
        #expect(self.story.user("ann")?.publicKeys == [[UInt8(ascii: "a")]])
        self.story.setState(of: "ann", publicKeys: ["b"])
        #expect(self.story.user("ann")?.publicStateJSON.description == #"{"b":2}"#)
        self.story.setState(of: "ann", publicKeys: [])
        #expect(self.story.user("ann")?.publicStateJSON.description == "{}")
    }

    @Test("every channel of the user that asks for it hears of a change, once, sorted, public keys only")
    mutating func announcement() {
        for channel in ["loud", "also"] { self.story.configure(channel) { $0.notifyState = true } }
        self.story.connect("ann", as: "one", to: ["loud", "silent"], state: #"{"p":0}"#, publicKeys: ["p"])
        self.story.connect("ann", as: "two", to: ["also", "loud"], publicKeys: ["p"])
        self.story.forgetChanges()
        self.story.setState(of: "ann", #"{"q":1,"p":1}"#)
        let expected = #"ann {"p":1} [{"key":"p","value":1}]"#
        #expect(self.story.frames.map(\.summary) == [expected, expected])
        let addressings = self.story.changes.compactMap { change in
            if case .frame(_, let addressing) = change { addressing } else { nil }
        }
        #expect(addressings.map(\.channel) == [ChannelName("also"), ChannelName("loud")])
        #expect(addressings.allSatisfy { $0.only.isEmpty && $0.except.isEmpty }, "the user concerned hears it too")
        #expect(self.story.catchUp("one").map(\.summary) == [expected])
    }

    @Test("nothing is announced when no value changed")
    mutating func noChange() {
        self.story.configure("loud") { $0.notifyState = true }
        self.story.connect("ann", to: ["loud"], state: #"{"k":1}"#, publicKeys: ["k"])
        self.story.setState(of: "ann", #"{"k":1}"#)
        self.story.setState(of: "ann", publicKeys: ["k", "l"])
        #expect(self.story.frames.isEmpty)
    }

    @Test("an unknown user's state is not changed, and makes no user")
    mutating func unknownUser() {
        #expect(self.story.setState(of: "ghost", #"{"a":1}"#) == .rejected(.unknownUser))
        #expect(self.story.user("ghost") == nil)
    }

    @Test("a user is forgotten only without connections")
    mutating func forgetting() {
        let forget = Event.Payload.userForgotten(UserForgotten(user: UserName("ann")))
        #expect(self.story.happens(forget) == .rejected(.unknownUser))
        self.story.connect("ann", state: #"{"a":1}"#)
        #expect(self.story.happens(forget) == .rejected(.userHasConnections))
        self.story.close("ann")
        #expect(self.story.happens(forget) == .applied)
        #expect(self.story.user("ann") == nil)
        self.story.connect("ann", fresh: #"{"b":1}"#)
        #expect(self.story.user("ann")?.stateJSON.description == #"{"b":1}"#)
    }

    @Test("a content of another shape sets nothing", arguments: ["{}", #"{"user_state":[1]}"#, #"{"other":{"a":1}}"#])
    mutating func otherShapes(json: String) {
        self.story.happens(
            .userConnected(
                UserConnected(
                    seed: id("seed"),
                    connection: id("ann"),
                    user: UserName("ann"),
                    channels: [],
                    publicKeys: [],
                    content: content(json)
                )
            )
        )
        #expect(self.story.user("ann")?.stateJSON == .emptyObject)
    }
}
