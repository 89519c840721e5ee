import EventLog
import HTTPTypes
import LogValues
import NIOCore
import Projections
import Testing

@testable import Following
@testable import Hub
@testable import Server
@testable import Web

/// The nodes' door of a primary whose hub runs over a log.
private struct Door {
    /// Of secret `node_secret`, value `channelstream`.
    static let signature = TimestampSigner(secret: "node_secret").sign("channelstream", at: 1_500_000_000)

    let fixture: ErasureFixture
    let gate = LogGate()
    let log: LogEndpoints
    private let router: Router

    init(_ change: (inout Configuration) -> Void = { _ in }) async throws {
        self.fixture = try await ErasureFixture()
        var configuration = Configuration()
        change(&configuration)
        self.log = LogEndpoints(
            gate: self.gate,
            sink: self.fixture.hub,
            node: "node-1",
            maxBodySize: configuration.limits.maxBodySize,
            following: nil
        )
        let nodes = NodeAccess(
            secret: configuration.effectiveNodeSecret,
            isDocumented: configuration.hasDefaultNodeSecret,
            APISettings()
        ) { 1_500_000_000 }
        self.router = Router(self.log.all, nodes: nodes, now: 1_500_000_000)
        self.gate.open(
            OpenLog(
                directory: self.fixture.directory,
                logID: "",
                key: try NodeKey(origin: "test", seed: Array(1...32)),
                sequencer: self.fixture.sequencer
            )
        )
    }

    func upload(
        _ text: String,
        node: String = "two",
        signature: String = Self.signature,
        headers: HTTPFields = [:]
    ) async -> APIResponse {
        var headers = headers
        headers[.channelstreamSecret] = signature
        var request = APIRequest(
            method: .post,
            target: "\(NodeAPI.proposals)?node=\(node)&offset=0&size=\(text.utf8.count)",
            headers: headers,
            remote: IPAddress("127.0.0.1")
        )
        request.body = ByteBuffer(string: text)
        return await self.router.respond(to: request)
    }

    /// An upload with what a node says of itself, and events of that node from number 1 on.
    func upload(
        of node: String = "two",
        epoch: Int = 1,
        position: Int = 0,
        committed: Int = 0,
        _ events: [(type: String, data: String)]
    ) async -> APIResponse {
        var text =
            #"{"node":"\#(node)","epoch":\#(epoch),"committed":\#(committed),"position":\#(position),"alive":[]}"#
        for (index, event) in events.enumerated() {
            text +=
                "\n"
                + #"{"seq":\#(committed + index + 1),"time":"2026-11-24T08:06:14.069463Z","type":"\#(event.type)","#
            text += #""source":"\#(node)","data":\#(event.data)}"#
        }
        return await self.upload(text + "\n", node: node)
    }

    static func started(_ epoch: Int) -> (type: String, data: String) {
        ("node.started", #"{"epoch":\#(epoch),"version":"1"}"#)
    }

    func end() async throws {
        try await self.fixture.end()
    }
}

@Suite("The nodes' door", .serialized)
struct LogProposalsTests {
    @Test("a node that shares the nodes' secret may propose what its clients ask for")
    func takes() async throws {
        let door = try await Door()
        let configured = (
            type: "channel.configured", data: #"{"seed":"\#(UUID128(random: 1, 2))","channel":"c","settings":{}}"#
        )
        let response = await door.upload([Door.started(1), configured])
        #expect(response.status == .ok)
        #expect(String(buffer: response.body).hasPrefix(#"{"epoch":1,"number":2,"#))
        #expect(door.log.registry.all.map(\.node) == [NodeName("two")])
        try await door.end()
    }

    @Test("the backends' secret opens nothing here, nor does none")
    func ownSecret() async throws {
        let door = try await Door()
        for signature in [TimestampSigner(secret: "secret").sign("channelstream", at: 1_500_000_000), "x.y.z"] {
            let response = await door.upload("{}", signature: signature)
            #expect(response.status == .unauthorized)
        }
        let unsigned = await door.upload("{}", signature: "")
        #expect(unsigned.status == .forbidden)
        try await door.end()
    }

    @Test("nobody speaks in this node's own name, and its commands go on")
    func ownName() async throws {
        let door = try await Door()
        let response = await door.upload(of: "node-1", epoch: 999, [Door.started(999)])
        #expect(response.status == .conflict)
        let answer = await door.fixture.post("still here")
        guard case .json = answer else {
            Issue.record("a message is accepted, not \(answer)")
            return
        }
        try await door.end()
    }

    @Test(
        "a name that is none is refused before anything is kept of it",
        arguments: ["", "a%20b", "a%1b%5b2J", "%22x", String(repeating: "n", count: 65), "n%C3%BC", "a/b"]
    )
    func names(name: String) async throws {
        let door = try await Door()
        #expect(await door.upload("{}", node: name).status == .unprocessableContent)
        #expect(door.log.registry.all.isEmpty)
        try await door.end()
    }

    @Test("who sends and who speaks are one node")
    func anotherNode() async throws {
        let door = try await Door()
        let text = #"{"node":"three","epoch":1,"committed":0,"position":0,"alive":[]}"#
        #expect(await door.upload(text, node: "two").status == .badRequest)
        #expect(door.log.registry.all.isEmpty)
        try await door.end()
    }

    @Test(
        "what only this node may say is refused, with all that came with it, and nothing of it is in the log",
        arguments: [
            ("log.checkpointed", #"{"size":1,"root":"R","state":"R"}"#),
            ("content.erased", #"{"lines":[1],"ordered_by":"x","reason":"y"}"#), ("user.forgotten", #"{"user":"x"}"#),
            ("channel.forgotten", #"{"channel":"x"}"#), ("log.something_new", "{}"), ("node.stopped", #"{"epoch":7}"#),
        ]
    )
    func refuses(type: String, data: String) async throws {
        let door = try await Door()
        let root = "lg44PK1KeRhIyQju76gDBWKkJNwSjrloM4IWr_DTuXk"
        let end = door.fixture.sequencer.end
        let response = await door.upload([Door.started(1), (type, data.replacing("\"R\"", with: "\"\(root)\""))])
        #expect(response.status == .unprocessableContent)
        #expect(door.fixture.sequencer.end == end)
        try await door.end()
    }

    @Test("an epoch follows the last one of its node, and no other is taken up, also after a restart")
    func epochs() async throws {
        let door = try await Door()
        #expect(await door.upload(epoch: 3, [Door.started(3)]).status == .conflict)
        #expect(await door.upload(epoch: 5, committed: 4, []).status == .conflict)
        door.fixture.sequencer.knows(epochs: [NodeName("two"): 4])
        #expect(await door.upload(epoch: 6, [Door.started(6)]).status == .conflict)
        let taken = await door.upload(epoch: 4, committed: 7, [])
        #expect(String(buffer: taken.body).hasPrefix(#"{"epoch":4,"number":7,"#))
        let next = await door.upload(epoch: 5, [Door.started(5)])
        #expect(String(buffer: next.body).hasPrefix(#"{"epoch":5,"number":1,"#))
        try await door.end()
    }

    @Test(
        "numbers that no log reaches are refused",
        arguments: ["9007199254740993", "-1", "1e3", "18446744073709551615"]
    )
    func numbers(number: String) async throws {
        let door = try await Door()
        for key in ["epoch", "committed", "position"] {
            var text = #"{"node":"two","epoch":0,"committed":0,"position":0,"alive":[]}"#
            text = text.replacing("\"\(key)\":0", with: "\"\(key)\":\(number)")
            let response = await door.upload(text)
            #expect(response.status == .badRequest)
        }
        let ahead = await door.upload(position: 1_000_000, [])
        #expect(ahead.status == .conflict)
        try await door.end()
    }

    @Test("more nodes than there can be are not kept")
    func manyNodes() async throws {
        let door = try await Door()
        for number in 0..<FollowerRegistry.capacity {
            #expect(await door.upload(of: "n\(number)", []).status == .ok)
        }
        #expect(await door.upload(of: "one-more", []).status == .serviceUnavailable)
        #expect(await door.upload(of: "n7", []).status == .ok)
        try await door.end()
    }

    @Test("without a secret of their own no node may come, and by a proxy none with the documented one")
    func closedDoor() async throws {
        for change in [{ $0.nodeSecret = "" }, { $0.host = "0.0.0.0" }] as [(inout Configuration) -> Void] {
            let door = try await Door(change)
            #expect(await door.upload([]).status == .forbidden)
            try await door.end()
        }
        let door = try await Door()
        for name in ["X-Forwarded-For", "Forwarded", "X-Scheme", "Via"] {
            let field = try #require(HTTPField.Name(name))
            let response = await door.upload("{}", headers: [field: "10.0.0.1"])
            #expect(response.status == .forbidden)
        }
        try await door.end()
        let own = try await Door { $0.nodeSecret = "another" }
        let signature = TimestampSigner(secret: "another").sign("channelstream", at: 1_500_000_000)
        let text = #"{"node":"two","epoch":0,"committed":0,"position":0,"alive":[]}"#
        let field = try #require(HTTPField.Name("X-Forwarded-For"))
        #expect(await own.upload(text, signature: signature, headers: [field: "10.0.0.1"]).status == .ok)
        try await own.end()
    }
}
