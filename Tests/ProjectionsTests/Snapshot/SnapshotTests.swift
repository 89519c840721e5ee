import Projections
import RawJSON
import TestSupport
import Testing

@Suite("Snapshots")
struct SnapshotTests {
    private var story = Story()

    init() {
        self.story.configure("room") {
            $0.storesHistory = true
            $0.notifyPresence = true
        }
        self.story.connect("ann", to: ["room"], state: #"{"a":1.0}"#, publicKeys: ["a"])
        self.story.connect("bob", to: ["room"])
        self.story.say("one", in: "room")
        self.story.edit("one", to: "eins", in: "room")
        self.story.say("psst", only: ["ann"])
    }

    @Test("a snapshot is lines of JSON: head, channels with frames, users with frames, connections, digest")
    func lines() throws {
        let lines = snapshotLines(of: self.story.state).map { String(decoding: $0, as: UTF8.self) }
        let firstKeys = lines.map { $0.dropFirst(2).prefix { $0 != "\"" } }
        #expect(
            firstKeys == [
                "snapshot", "channel", "frame", "frame", "frame", "frame", "user", "frame", "user", "conn_id",
                "conn_id",
                "digest",
            ]
        )
        for line in lines {
            _ = try RawJSON(validating: Array(line.utf8), maximumDepth: 64)
        }
        #expect(lines[1].hasPrefix(#"{"channel":"room","uuid":""#))
        #expect(lines[4].contains(#""history":true"#), "what history and catch-up share is written once")
    }

    @Test("what comes after it shows the same")
    mutating func goesOn() throws {
        var again = self.story
        again.state = try readSnapshot(snapshotLines(of: self.story.state))
        func goOn(_ story: inout Story) {
            story.attach("ann")
            story.edit("one", to: "uno", in: "room")
            story.delete("psst", only: ["ann"])
            story.setState(of: "ann", #"{"a":1}"#)
            story.close("bob")
        }
        goOn(&self.story)
        goOn(&again)
        #expect(again.changes == self.story.changes)
        #expect(again.state.digest() == self.story.state.digest())
    }

    @Test("the empty state has one too")
    func empty() throws {
        var state = try readSnapshot(snapshotLines(of: HubState()))
        var fresh = HubState()
        #expect(state.digest() == fresh.digest())
    }

    @Test("erased content is in it as a commitment only")
    mutating func erasedContent() throws {
        self.story.say("forget me", in: "room")
        let line = self.story.state.position
        #expect(snapshotLines(of: self.story.state).contains { $0.contains("forget me") })
        self.story.erase(line)
        let lines = snapshotLines(of: self.story.state)
        #expect(!lines.contains { $0.contains("forget me") })
        #expect(
            lines.contains { $0.contains("\"commit\":\"\(content(#"{"message":{"text":"forget me"}}"#).commit)\"") }
        )
        let again = try readSnapshot(lines)
        #expect(again.channel(ChannelName("room"))?.history.last?.content?.plain == nil)
    }

    @Test("a snapshot without its last line is incomplete, wherever it ends")
    func incomplete() {
        let lines = snapshotLines(of: self.story.state)
        for count in lines.indices {
            #expect(throws: SnapshotError.incomplete(lines: count)) { try readSnapshot(Array(lines.prefix(count))) }
        }
    }

    @Test("lines that do not belong where they stand are refused")
    func misplaced() {
        let lines = snapshotLines(of: self.story.state)
        var swapped = lines
        swapped.swapAt(0, 1)
        #expect(throws: SnapshotError.misplaced(line: 1)) { try readSnapshot(swapped) }
        #expect(throws: SnapshotError.misplaced(line: 2)) { try readSnapshot([lines[0], lines[2]]) }
        #expect(throws: SnapshotError.misplaced(line: 2)) { try readSnapshot([lines[0], lines[9]]) }
        #expect(throws: SnapshotError.misplaced(line: 3)) { try readSnapshot([lines[0], lines[1], lines[1]]) }
        #expect(throws: SnapshotError.misplaced(line: 13)) { try readSnapshot(lines + [lines[1]]) }
    }

    @Test("a line left out, doubled or changed does not pass the digest")
    func wrongDigest() {
        let lines = snapshotLines(of: self.story.state)
        for index in 1..<lines.count - 1 {
            var without = lines
            without.remove(at: index)
            #expect(throws: SnapshotError.self) { try readSnapshot(without) }
        }
        let text = lines.map {
            String(decoding: $0, as: UTF8.self).replacing("\"total_messages\":3", with: "\"total_messages\":4")
        }
        #expect(text.map { Array($0.utf8) } != lines)
        #expect(throws: SnapshotError.self) { try readSnapshot(text.map { Array($0.utf8) }) }
    }

    @Test("another format is refused by its number")
    func version() {
        #expect(throws: SnapshotError.unsupported(version: 2)) {
            try readSnapshot([Array(#"{"snapshot":2,"position":1}"#.utf8)])
        }
    }

    @Test("a snapshot with any byte changed is read or refused, and never traps")
    func damage() {
        let lines = snapshotLines(of: self.story.state)
        var random = SeededGenerator(seed: 11)
        for _ in 0..<1_500 {
            var damaged = lines
            let line = Int.random(in: lines.indices, using: &random)
            let byte = Int.random(in: lines[line].indices, using: &random)
            damaged[line][byte] = random.pick(Array("0123456789\"{}[],:truefalsnul\\ax".utf8))
            _ = try? readSnapshot(damaged)
        }
    }
}

extension [UInt8] {
    fileprivate func contains(_ text: String) -> Bool {
        String(decoding: self, as: UTF8.self).contains(text)
    }
}
