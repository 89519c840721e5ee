import EventLog
import Foundation
import HTTPTypes
import LogValues
import Logging
import NIOCore
import NIOPosix
import Projections
import RawJSON
import SystemPackage
import TestSupport
import Testing

@testable import Archive
@testable import Hub
@testable import Server
@testable import Web

@Suite("The log's evidence over HTTP", .serialized)
struct EvidenceEndpointsTests {
    private static let unknown = "00000000-0000-4000-8000-000000000000"

    @Test("a message that was just accepted has a receipt that a third party can check with the key alone")
    func receipt() async throws {
        try await EvidenceHub.run { hub in
            let uuid = try await hub.post("hello")
            let key = try VerifierKey(String(try await hub.get("/log/key", signed: false).text.dropLast()))
            let response = try await hub.get("/message/\(uuid.description.uppercased())/proof")
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "text/plain; charset=utf-8")
            let proof = try LogProof(parsing: Array(response.text.utf8))
            let line = try #require(proof.extra)
            #expect(String(decoding: line, as: UTF8.self).contains(#""content":{"message":{"text":"hello"}}"#))
            let checkpoint = try proof.verify(line: line, with: [key], origin: key.identity.name)
            // It was made for this receipt, and is the newest from then on.
            let newest = try await hub.get("/log/checkpoint").text
            #expect(newest == String(decoding: checkpoint.note.bytes, as: UTF8.self))
        }
    }

    @Test("with Accept: application/json, the same as JSON, the line as text")
    func json() async throws {
        try await EvidenceHub.run { hub in
            let uuid = try await hub.post("hello")
            let accept: HTTPFields = [.accept: "text/html, application/json;q=0.9"]
            let receipt = try await hub.get("/message/\(uuid)/proof", headers: accept)
            #expect(receipt.headers[.contentType] == "application/json")
            let members = try receipt.object()
            #expect(members["event"] as? String == "post")
            #expect(members["erased"] as? Bool == false)
            let text = try #require(members["proof"] as? String)
            let line = try #require(members["line"] as? String)
            #expect(try LogProof(parsing: Array(text.utf8)).extra == Array(line.utf8))
            let seq = try #require(members["seq"] as? Int)
            let proof = try await hub.get("/log/proof/inclusion?seq=\(seq)", headers: accept).object()
            #expect(proof["index"] as? Int == seq - 1)
            let newest = try await hub.get("/log/checkpoint").text
            #expect(proof["checkpoint"] as? String == newest)
            let size = try #require(proof["size"] as? Int)
            let growth = try await hub.get("/log/proof/consistency?from=1&to=\(size)", headers: accept).object()
            #expect(growth["to_root"] as? String == proof["root"] as? String)
        }
    }

    @Test("a receipt may show who wrote when, and not what")
    func redacted() async throws {
        try await EvidenceHub.run { hub in
            let uuid = try await hub.post("hello")
            let response = try await hub.get("/message/\(uuid)/proof?line=redacted")
            let proof = try LogProof(parsing: Array(response.text.utf8))
            let line = String(decoding: try #require(proof.extra), as: UTF8.self)
            #expect(line.contains(#""user":"ada""#) && line.contains(#""commit":""#))
            #expect(!line.contains("hello") && !line.contains("salt"))
            let key = try VerifierKey(String(try await hub.get("/log/key").text.dropLast()))
            #expect(throws: Never.self) {
                try proof.verify(line: Array(line.utf8), with: [key], origin: key.identity.name)
            }
            let wrong = try await hub.get("/message/\(uuid)/proof?line=half")
            #expect(wrong.status == .unprocessableContent)
        }
    }

    @Test("the text forms are those of C2SP: tlog-proof, and what a witness takes")
    func textForms() async throws {
        try await EvidenceHub.run { hub in
            let first = try await hub.post("one")
            _ = try await hub.get("/message/\(first)/proof")
            let old = try SignedNote(parsing: Array(try await hub.get("/log/checkpoint").text.utf8))
            let second = try await hub.post("two")
            _ = try await hub.get("/message/\(second)/proof")
            let size = try CheckpointBody(parsing: old.text).size
            let growth = try await hub.get("/log/proof/consistency?from=\(size)")
            let proof = try ConsistencyProof(parsing: Array(growth.text.utf8))
            let key = try VerifierKey(String(try await hub.get("/log/key").text.dropLast()))
            let checkpoint = try proof.verify(
                old: CheckpointBody(parsing: old.text),
                with: [key],
                origin: key.identity.name
            )
            #expect(checkpoint.body.size > size)
            let inclusion = try await hub.get("/log/proof/inclusion?seq=1&size=\(size)")
            #expect(try LogProof(parsing: Array(inclusion.text.utf8)).checkpoint == old)
            // A size that nobody signed has no text form, but a proof.
            let unsigned = "/log/proof/inclusion?seq=1&size=1"
            let text = try await hub.get(unsigned)
            #expect(text.status == .notFound)
            let json = try await hub.get(unsigned, headers: [.accept: "application/json"])
            #expect(json.status == .ok)
        }
    }

    @Test(
        "what cannot be proved is refused with a reason",
        arguments: [
            ("/log/proof/inclusion", 422, "Missing data"),
            ("/log/proof/inclusion?seq=0", 422, "greater than or equal to 1"),
            ("/log/proof/inclusion?seq=-1", 422, "Not a valid integer"),
            ("/log/proof/inclusion?seq=x", 422, "Not a valid integer"),
            ("/log/proof/inclusion?seq=+1", 422, "Not a valid integer"),
            ("/log/proof/inclusion?seq=9223372036854775808", 422, "Not a valid integer"),
            ("/log/proof/inclusion?seq=9223372036854775807", 404, "The log ends at line"),
            ("/log/proof/inclusion?seq=2&size=1", 422, "does not hold line 2"),
            ("/log/proof/inclusion?seq=1&size=999", 404, "has not reached size 999"),
            ("/log/proof/consistency", 422, "Missing data"),
            ("/log/proof/consistency?from=2&to=1", 422, "is larger than"),
            ("/log/proof/consistency?from=999", 404, "has not reached size 999"),
            ("/message/not-a-uuid/proof", 422, "Not a valid UUID"),
            ("/message/\(Self.unknown)/proof", 404, "No line of the log"),
            ("/message/\(Self.unknown)/proof?event=reply", 422, "Must be post, edit, "),
            ("/message/\(Self.unknown)/else", 404, "Not found"), ("/message/\(Self.unknown)/proof/x", 404, "Not found"),
            ("/log/else", 404, "Not found"),
        ]
    )
    func refusals(target: String, status: Int, words: String) async throws {
        try await EvidenceHub.run { hub in
            let response = try await hub.get(target)
            #expect(response.status.code == status)
            #expect(response.text.contains(words), "\(response.text)")
        }
    }

    @Test("without a signature only the key is given out; with public_checkpoints, also what tells the size alone")
    func access() async throws {
        for isPublic in [false, true] {
            try await EvidenceHub.run(isPublic: isPublic) { hub in
                let uuid = try await hub.post("hello")
                _ = try await hub.get("/message/\(uuid)/proof")
                let statuses = try await [
                    "/log/key", "/log/checkpoint", "/log/proof/consistency?from=1", "/log/proof/inclusion?seq=1",
                    "/message/\(uuid)/proof",
                ].asyncMap { try await hub.get($0, signed: false).status.code }
                #expect(statuses == (isPublic ? [200, 200, 200, 403, 403] : [200, 403, 403, 403, 403]))
            }
        }
    }

    @Test("other methods are told which is right, and before the log is open everything is 503")
    func methodsAndReadiness() async throws {
        try await EvidenceHub.run { hub in
            for target in ["/log/checkpoint", "/message/\(Self.unknown)/proof"] {
                let response = try await hub.send(.post, target)
                #expect(response.status == .methodNotAllowed)
            }
        }
        let router = Router(EvidenceEndpoints(gate: LogGate(), sink: ScriptedSink(), isPublic: true).all, now: 0)
        for path in ["/log/key", "/log/checkpoint"] {
            let response = await router.respond(to: APIRequest(method: .get, target: path))
            #expect(response.status == .serviceUnavailable)
            #expect(response.headers[.retryAfter] != nil)
        }
    }
}

// MARK: - Fixture

/// A hub with a log on the disk, and what it answers over HTTP.
private struct EvidenceHub {
    private static let now: Int64 = 1_700_000_000

    private let hub: Hub
    private let router: Router

    /// Starts a hub, and ends it when `body` returns.
    static func run(isPublic: Bool = false, _ body: (EvidenceHub) async throws -> Void) async throws {
        let folder = FilePath(NSTemporaryDirectory()).appending("evidence-\(UUID())")
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        let sequencer = LocalSequencer(over: try EventLog.open(folder).0)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let key = try NodeKey(origin: "hub.example/log", seed: Array(1...32))
        var settings = Hub.Settings(node: NodeName("test"), version: "1")
        settings.key = key
        let hub = Hub(
            state: HubState(),
            sequencer: sequencer,
            fanOut: NoListeners(),
            settings: settings,
            eventLoop: group.next(),
            clock: SystemHubClock(),
            entropy: .system,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        await hub.start(listenersHadSeen: .start)
        let gate = LogGate()
        let log = OpenLog(directory: folder, logID: "test", key: key, sequencer: sequencer)
        try log.index.catchUp()
        gate.open(log)
        let router = Router(EvidenceEndpoints(gate: gate, sink: hub, isPublic: isPublic).all, now: Self.now)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(EvidenceHub(hub: hub, router: router)))
        } catch {
            result = .failure(error)
        }
        await hub.stop(listenersBehind: [:])
        try await NIOThreadPool.singleton.runIfActive { sequencer.close() }
        try await group.shutdownGracefully()
        try result.get()
    }

    func post(_ text: String) async throws -> UUID128 {
        let uuid = UUID128(random: .random(in: .min ... .max), .random(in: .min ... .max))
        let message = Command.PostMessage(
            uuid: uuid,
            user: UserName("ada"),
            addressing: Addressing(channel: ChannelName("room"), only: [], except: []),
            content: RawJSON(trusted: Array(#"{"message":{"text":"\#(text)"}}"#.utf8))
        )
        guard case .json = await self.hub.submit(.postMessages([message])) else {
            Issue.record("the message was not accepted")
            return uuid
        }
        return uuid
    }

    func get(_ target: String, headers: HTTPFields = [:], signed: Bool = true) async throws -> APIResponse {
        try await self.send(.get, target, headers: headers, signed: signed)
    }

    func send(
        _ method: HTTPRequest.Method,
        _ target: String,
        headers: HTTPFields = [:],
        signed: Bool = true
    ) async throws -> APIResponse {
        var headers = headers
        if signed { headers[.channelstreamSecret] = TimestampSigner(secret: "secret").sign("x", at: Self.now) }
        let request = APIRequest(method: method, target: target, headers: headers, remote: IPAddress("127.0.0.1"))
        return await self.router.respond(to: request)
    }
}

private struct NoListeners: ChangeReceiver {
    func receive(_ batch: ChangeBatch) {}
}

extension APIResponse {
    fileprivate func object() throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(self.body.readableBytesView)) as? [String: Any])
    }
}

extension Array {
    fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
