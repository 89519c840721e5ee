import EventLog
import HTTPTypes
import LogValues
import NIOCore
import Projections
import SystemPackage
import Testing

@testable import Hub
@testable import Server
@testable import Web

@Suite("POST /admin/erase")
struct EraseTests {
    private let secret = ErasureFixture.secret
    private let uuid = UUID128(high: 1, low: 2)

    private func text(_ response: APIResponse) -> String { String(buffer: response.body) }

    @Test(
        "a message is gone with its edits from files, answers and state, clients hear of it, and the log says who and why"
    )
    func message() async throws {
        let fixture = try await ErasureFixture()
        await fixture.connect("bob", state: "{}")
        await fixture.post(self.secret, uuid: self.uuid)
        await fixture.post("stays")
        await fixture.edit(self.uuid, "edited \(self.secret)")
        #expect(await fixture.info().contains(self.secret))
        #expect(try !fixture.filesWithSecret().isEmpty)
        let response = await fixture.erase(#"{"message": "\#(self.uuid)", "reason": "request 1", "ordered_by": "eve"}"#)
        #expect(response.status == .ok)
        let answer = self.text(response)
        #expect(answer.contains(#""lines":2,"states":0,"messages":1,"#))
        #expect(answer.contains(#""complete":true"#))
        #expect(try fixture.filesWithSecret().isEmpty)
        let info = await fixture.info()
        #expect(!info.contains(self.secret))
        #expect(!info.contains("\(self.uuid)"))
        #expect(info.contains("stays"))
        #expect(fixture.changes.deletions == [self.uuid])
        let erased = try #require(try fixture.lines().last { $0.contains("\"content.erased\"") })
        #expect(erased.contains(#""data":{"uuid":"\#(self.uuid)","lines":["#))
        #expect(erased.contains(#""ordered_by":"eve","reason":"request 1""#))
        try await fixture.end()
    }

    @Test("a user's words are gone, state values of connecting and later included; others' stay")
    func user() async throws {
        let fixture = try await ErasureFixture()
        await fixture.connect("alice", state: #"{"mood":"\#(self.secret)","x":1}"#)
        await fixture.connect("bob", state: #"{"mood":"fine"}"#)
        await fixture.post(self.secret, by: "alice")
        await fixture.post("stays", by: "bob")
        let response = await fixture.erase(#"{"user": "alice", "reason": "request 2"}"#)
        #expect(response.status == .ok)
        #expect(self.text(response).contains(#""user":"alice","#))
        #expect(self.text(response).contains(#""lines":2,"states":1,"messages":1,"#))
        #expect(try fixture.filesWithSecret().isEmpty)
        let info = await fixture.info()
        #expect(!info.contains(self.secret))
        #expect(info.contains("stays"))
        #expect(info.contains(#""mood":"fine""#))
        #expect(try fixture.lines().contains { $0.contains(#""ordered_by":"backend""#) })
        try await fixture.end()
    }

    @Test("a channel's messages are gone, those of others stay")
    func channel() async throws {
        let fixture = try await ErasureFixture()
        await fixture.post(self.secret, in: "room")
        await fixture.post("stays", in: "other")
        #expect(await fixture.erase(#"{"channel": "room", "reason": "r"}"#).status == .ok)
        #expect(try fixture.filesWithSecret().isEmpty)
        #expect(try fixture.lines().contains { $0.contains("stays") })
        try await fixture.end()
    }

    @Test("a channel is forgotten if that is asked for, also when nothing of it is left to erase")
    func forgotten() async throws {
        let fixture = try await ErasureFixture()
        await fixture.connect("bob", state: "{}")
        await fixture.post(self.secret)
        #expect(await fixture.erase(#"{"channel": "room", "reason": "r"}"#).status == .ok)
        #expect(await fixture.info().contains(#""room":"#), "erasing alone leaves it")
        let response = await fixture.erase(#"{"channel": "room", "reason": "r", "forget": true}"#)
        #expect(response.status == .ok)
        #expect(self.text(response).contains(#""event":null,"lines":0,"#))
        #expect(await !fixture.info().contains(#""room":"#))
        #expect(try fixture.lines().last?.contains(#""type":"channel.forgotten""#) == true)
        let wrong = await fixture.erase(#"{"user": "bob", "reason": "r", "forget": true}"#)
        #expect(wrong.status == .unprocessableContent)
        try await fixture.end()
    }

    @Test("repeated, it finds nothing more, and writes nothing")
    func repeated() async throws {
        let fixture = try await ErasureFixture()
        await fixture.post(self.secret)
        _ = await fixture.erase(#"{"user": "alice", "reason": "r"}"#)
        // On a machine that is busy for a minute, a checkpoint may fall due meanwhile.
        let written = { try fixture.lines().filter { !$0.contains(#""type":"log.checkpointed""#) } }
        let before = try written()
        let again = await fixture.erase(#"{"user": "alice", "reason": "r"}"#)
        #expect(again.status == .ok)
        #expect(self.text(again).contains(#""event":null,"lines":0,"#))
        #expect(try written() == before)
        try await fixture.end()
    }

    @Test("what the log never named is 404")
    func unknown() async throws {
        let fixture = try await ErasureFixture()
        await fixture.post("words")
        for body in [
            #"{"user": "carol", "reason": "r"}"#, #"{"channel": "nowhere", "reason": "r"}"#,
            #"{"message": "\#(self.uuid)", "reason": "r"}"#,
        ] {
            #expect(await fixture.erase(body).status == .notFound)
        }
        try await fixture.end()
    }

    @Test("torn tails beside the log go as well, and the answer names them")
    func tornTails() async throws {
        let fixture = try await ErasureFixture()
        await fixture.post(self.secret)
        let files = PosixFileSystem()
        let torn = try files.open(fixture.directory.appending("log").appending("x.torn"), .create)
        _ = try files.write(torn, Array(self.secret.utf8).span, at: 0)
        files.close(torn)
        let response = await fixture.erase(#"{"user": "alice", "reason": "r"}"#)
        #expect(self.text(response).contains(#""removed":["log/x.torn"]"#))
        #expect(try fixture.filesWithSecret().isEmpty)
        try await fixture.end()
    }

    @Test("a replay of what is left comes to the digest that the hub came to with everything")
    func replay() async throws {
        let fixture = try await ErasureFixture()
        await fixture.connect("bob", state: "{}")
        for number in 0..<20 { await fixture.post("\(self.secret) \(number)", by: number % 2 == 0 ? "alice" : "bob") }
        #expect(await fixture.erase(#"{"user": "alice", "reason": "r"}"#).status == .ok)
        await fixture.post("later", by: "bob")
        await fixture.stop()
        var state = HubState()
        var decoder = EventDecoder()
        var changes: [Change] = []
        var digests: [UInt64: Hash256] = [:]
        var checkpoints: [LogCheckpointed] = []
        try LogReader(fixture.directory).forEachLine { line in
            let event = try decoder.decode(line.bytes).event
            _ = state.apply(event, at: line.sequenceNumber, into: &changes)
            digests[line.sequenceNumber.rawValue] = state.digest()
            if case .logCheckpointed(let checkpoint) = event.payload { checkpoints.append(checkpoint) }
        }
        let last = try #require(checkpoints.last)
        #expect(last.size > 30, "it was made at the stop")
        #expect(digests[last.size] == last.stateDigest)
        try fixture.remove()
    }

    @Test(
        "a body that does not say one target and why is refused, and says what is wrong",
        arguments: [
            (#"{"user": "a"}"#, #"{"reason":["Missing data for required field."]}"#),
            (#"{"reason": "r"}"#, #"{"_schema":["Exactly one of message, user and channel is needed."]}"#),
            (
                #"{"user": "a", "channel": "b", "reason": "r"}"#,
                #"{"_schema":["Exactly one of message, user and channel is needed."]}"#
            ),
            (#"{"message": "x", "reason": "r"}"#, #"{"message":["Not a valid UUID."]}"#),
            (#"{"user": "a", "reason": ""}"#, #"{"reason":["Length must be between 1 and 1024."]}"#),
            (#"{"user": "a", "reason": "r", "x": 1}"#, #"{"x":["Unknown field."]}"#),
            ("[]", #"{"_schema":["Invalid input type."]}"#),
        ]
    )
    func refusedBodies(body: String, answer: String) async throws {
        let fixture = try await ErasureFixture()
        let response = await fixture.erase(body)
        #expect(response.status == .unprocessableContent)
        #expect(self.text(response) == answer)
        #expect(await fixture.erase("{").status == .badRequest)
        try await fixture.end()
    }

    @Test("without a signature it is refused; a signed-in browser is let in from our own pages only")
    func access() async throws {
        let body = #"{"user": "carol", "reason": "r"}"#
        let stranger = try await ErasureFixture()
        #expect(await stranger.erase(body, headers: [:]).status == .forbidden)
        #expect(await stranger.erase(body, headers: [.channelstreamSecret: "a.b.c"]).status == .unauthorized)
        try await stranger.end()
        let browser = try await ErasureFixture(isAdministrator: true)
        #expect(await browser.erase(body, headers: [.origin: "https://evil.example"]).status == .forbidden)
        #expect(await browser.erase(body, headers: [.origin: "http://hub.example:8000"]).status == .notFound)
        try await browser.end()
    }

    @Test("a second erasure while one is under way is told to wait")
    func oneAtATime() async throws {
        let fixture = try await ErasureFixture()
        await fixture.post(self.secret)
        let statuses = await withTaskGroup(of: HTTPResponse.Status.self) { group in
            for _ in 0..<8 { group.addTask { await fixture.erase(#"{"user": "alice", "reason": "r"}"#).status } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { $0 == .ok || $0 == .conflict })
        #expect(statuses.contains(.ok))
        #expect(try fixture.filesWithSecret().isEmpty)
        try await fixture.end()
    }

    @Test("a full disk is 503 with what becomes of the order, damage is 500")
    func shortage() {
        let full = Eraser.Failure.interrupted(reason: "\(FileSystemError(.write, "segment", .noSpace))")
        let answer = Refusal(full).response
        #expect(answer.status == .serviceUnavailable)
        #expect(self.text(answer).contains("Call again"))
        #expect(Refusal(Eraser.Failure.failed(reason: "damaged")).status == .internalServerError)
    }
}
