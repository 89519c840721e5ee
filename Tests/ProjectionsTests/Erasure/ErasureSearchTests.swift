import LogValues
import Projections
import RawJSON
import Testing

@Suite("Finding what an erasure takes")
struct ErasureSearchTests {
    /// A log in memory: events as lines.
    private struct Lines {
        private(set) var lines: [[UInt8]] = []

        mutating func add(_ payload: Event.Payload) {
            let event = Event(time: Timestamp(microseconds: 0), source: NodeName("node"), payload: payload)
            var line = Array("{\"seq\":\(self.lines.count + 1),".utf8)
            event.appendHead(to: &line)
            if let content = event.content {
                if let plain = content.plain {
                    line += Array(",\"salt\":\"AAAAAAAAAAEAAAAAAAAAAg\",\"content\":".utf8) + plain.json.bytes
                } else {
                    line += Array(",\"commit\":\"\(content.commit)\"".utf8)
                }
            }
            self.lines.append(line + Array("}".utf8))
        }

        mutating func post(_ uuid: String, by user: String, in channel: String? = "room", _ text: String? = "words") {
            self.add(
                .messagePosted(
                    MessagePosted(
                        uuid: id(uuid),
                        user: UserName(user),
                        addressing: Self.addressing(channel),
                        keepsOutOfHistory: false,
                        timestamp: nil,
                        content: text.map { Self.content($0) }
                    )
                )
            )
        }

        mutating func edit(_ uuid: String, by user: String? = nil, in channel: String? = "room") {
            self.add(
                .messageEdited(
                    MessageEdited(
                        uuid: id(uuid),
                        addressing: Self.addressing(channel),
                        keepsOutOfHistory: false,
                        user: user.map { UserName($0) },
                        timestamp: nil,
                        edited: nil,
                        content: Self.content("other words")
                    )
                )
            )
        }

        mutating func delete(_ uuid: String) {
            self.add(
                .messageDeleted(
                    MessageDeleted(uuid: id(uuid), addressing: Self.addressing("room"), keepsOutOfHistory: false)
                )
            )
        }

        mutating func connect(_ user: String, to channel: String = "room", state: Bool = true) {
            self.add(
                .userConnected(
                    UserConnected(
                        seed: id("seed"),
                        connection: id("connection of \(user)"),
                        user: UserName(user),
                        channels: [ChannelSeed(name: ChannelName(channel), settings: ChannelSettings())],
                        publicKeys: [],
                        content: state ? Self.content("state") : nil
                    )
                )
            )
        }

        mutating func changeState(of user: String) {
            self.add(
                .userStateChanged(
                    UserStateChanged(
                        seed: id("seed"),
                        user: UserName(user),
                        publicKeys: nil,
                        content: Self.content("state")
                    )
                )
            )
        }

        private static func content(_ text: String) -> Content {
            Content(
                salt: Salt(high: 1, low: 2),
                json: RawJSON(trusted: Array("{\"message\":{\"text\":\"\(text)\"}}".utf8))
            )
        }

        private static func addressing(_ channel: String?) -> Addressing {
            Addressing(
                channel: channel.map { ChannelName($0) },
                only: channel == nil ? [UserName("bob")] : [],
                except: []
            )
        }

        func search(_ target: ErasureTarget, lineLimit: Int = 100) throws -> ErasureSearch {
            var search = ErasureSearch(target, lineLimit: lineLimit)
            for line in self.lines { try search.read(line.span) }
            return search
        }
    }

    private var lines = Lines()

    private func positions(_ numbers: UInt64...) -> [SequenceNumber] { numbers.map { SequenceNumber($0) } }

    @Test("of a message: its post and its edits, whoever made them, and nothing of others")
    mutating func message() throws {
        self.lines.post("one", by: "alice")
        self.lines.post("two", by: "alice")
        self.lines.edit("one", by: "bob")
        self.lines.edit("two")
        let search = try self.lines.search(.message(id("one")))
        #expect(search.lines == self.positions(1, 3))
        #expect(search.messages.map(\.uuid) == [id("one")])
        #expect(search.isKnown)
    }

    @Test("of a user: messages with all their edits, values of the state at connecting and later, not others' words")
    mutating func user() throws {
        self.lines.connect("alice")
        self.lines.connect("bob")
        self.lines.post("hers", by: "alice")
        self.lines.post("his", by: "bob")
        self.lines.edit("hers")
        self.lines.edit("his")
        self.lines.changeState(of: "alice")
        self.lines.changeState(of: "bob")
        self.lines.post("private", by: "alice", in: nil)
        let search = try self.lines.search(.user(UserName("alice")))
        #expect(search.lines == self.positions(1, 3, 5, 7, 9))
        #expect(search.stateCount == 2)
        #expect(search.messages.map(\.uuid) == [id("hers"), id("private")])
        #expect(search.messages.last?.addressing.only == [UserName("bob")])
    }

    @Test("of a user: edits of others' messages count from the one that puts the user's name on them to the next name")
    mutating func takenOver() throws {
        self.lines.post("his", by: "bob")
        self.lines.edit("his", by: "alice")
        self.lines.edit("his")
        self.lines.edit("his", by: "bob")
        self.lines.edit("his")
        let search = try self.lines.search(.user(UserName("alice")))
        #expect(search.lines == self.positions(2, 3))
        #expect(search.messages.map(\.uuid) == [id("his")], "clients show her words until it is deleted")
    }

    @Test("a uuid that somebody else uses again is somebody else's")
    mutating func uuidUsedAgain() throws {
        self.lines.post("same", by: "alice")
        self.lines.post("same", by: "bob")
        self.lines.edit("same")
        #expect(try self.lines.search(.user(UserName("alice"))).lines == self.positions(1))
        #expect(try self.lines.search(.user(UserName("bob"))).lines == self.positions(2, 3))
        #expect(try self.lines.search(.message(id("same"))).lines == self.positions(1, 2, 3))
    }

    @Test("of a channel: its messages and their edits, not private ones, and nobody's state")
    mutating func channel() throws {
        self.lines.connect("alice", to: "room")
        self.lines.post("here", by: "alice", in: "room")
        self.lines.post("there", by: "alice", in: "other")
        self.lines.post("private", by: "alice", in: nil)
        self.lines.edit("here")
        self.lines.edit("there", in: "other")
        #expect(try self.lines.search(.channel(ChannelName("room"))).lines == self.positions(2, 5))
    }

    @Test("what was deleted is erased as well, but not deleted again")
    mutating func deleted() throws {
        self.lines.post("one", by: "alice")
        self.lines.delete("one")
        let search = try self.lines.search(.user(UserName("alice")))
        #expect(search.lines == self.positions(1))
        #expect(search.messages.isEmpty)
    }

    @Test("what is erased already, or never had a content, is known but not found")
    mutating func nothingLeft() throws {
        self.lines.post("none", by: "alice", nil)
        self.lines.connect("alice", state: false)
        self.lines.add(
            .messagePosted(
                MessagePosted(
                    uuid: id("erased"),
                    user: UserName("alice"),
                    addressing: Addressing(channel: ChannelName("room"), only: [], except: []),
                    keepsOutOfHistory: false,
                    timestamp: nil,
                    content: Content(erased: Content(salt: .init(high: 1, low: 1), json: .emptyObject).commit)
                )
            )
        )
        for target in [
            ErasureTarget.user(UserName("alice")), .channel(ChannelName("room")), .message(id("none")),
            .message(id("erased")),
        ] {
            let search = try self.lines.search(target)
            #expect(search.isKnown)
            #expect(search.lines.isEmpty)
            #expect(search.messages.isEmpty)
        }
    }

    @Test("of what the log never named, nothing is known; names are compared byte for byte")
    mutating func unknown() throws {
        self.lines.post("one", by: "\u{E9}lise")
        self.lines.connect("bob")
        for target in [
            ErasureTarget.user(UserName("e\u{301}lise")), .user(UserName("carol")), .channel(ChannelName("Room")),
            .message(id("two")),
        ] {
            #expect(try !self.lines.search(target).isKnown)
        }
    }

    @Test("no more lines than the limit are taken; the rest is left to the next erasure")
    mutating func limit() throws {
        for number in 0..<5 { self.lines.post("\(number)", by: "alice") }
        let search = try self.lines.search(.user(UserName("alice")), lineLimit: 3)
        #expect(search.lines == self.positions(1, 2, 3))
        #expect(search.isLimited)
        #expect(search.messages.count == 3)
        #expect(try !self.lines.search(.user(UserName("alice")), lineLimit: 5).isLimited)
    }

    @Test("a line that is no event is an error")
    func broken() {
        var search = ErasureSearch(.user(UserName("alice")))
        #expect(throws: EventCodingError.self) {
            try search.read("{\"seq\":1,\"type\":\"message.posted\"}".utf8Span.span)
        }
    }

    @Test("an order is one proposal: deletions first, then lists of lines of a bounded length; the event reads back")
    func order() throws {
        let addressing = Addressing(channel: ChannelName("room"), only: [], except: [])
        let order = ErasureOrder(
            target: .user(UserName("alice")),
            lines: (1...250_000).map { SequenceNumber($0) },
            messages: [MessageDeleted(uuid: id("one"), addressing: addressing, keepsOutOfHistory: false)],
            orderedBy: "eve",
            reason: "asked"
        )
        let payloads = order.payloads
        #expect(payloads.first == .messageDeleted(order.messages[0]))
        var lines: [SequenceNumber] = []
        for payload in payloads.dropFirst() {
            guard case .contentErased(let erased) = payload else {
                Issue.record("an erasure")
                return
            }
            #expect(erased.lines.count <= 100_000)
            #expect(erased.target == order.target)
            lines += erased.lines
        }
        #expect(lines == order.lines)
    }

    @Test("beyond the limit in bytes the newest messages are deleted, not the oldest")
    func deletionLimit() {
        let names = (0..<1000).map { UserName(String(repeating: "n", count: 500) + "\($0)") }
        let messages = (0..<40).map { number in
            MessageDeleted(
                uuid: UUID128(high: 0, low: UInt64(number)),
                addressing: Addressing(channel: nil, only: names, except: []),
                keepsOutOfHistory: false
            )
        }
        let order = ErasureOrder(
            target: .channel(ChannelName("room")),
            lines: [SequenceNumber(1)],
            messages: messages,
            orderedBy: "eve",
            reason: "asked"
        )
        let deleted = order.payloads.compactMap { payload in
            if case .messageDeleted(let deletion) = payload { deletion } else { nil }
        }
        #expect(deleted == Array(messages.suffix(deleted.count)))
        #expect((5...30).contains(deleted.count))
    }
}
