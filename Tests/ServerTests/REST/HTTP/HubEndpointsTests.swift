import Foundation
import HTTPTypes
import NIOCore
import Projections
import Testing

@testable import Hub
@testable import Server
@testable import Web

@Suite("The endpoints of the hub")
struct HubEndpointsTests {
    @Test("each endpoint asks for its own command")
    func commands() async {
        let cases: [(HTTPRequest.Method, String, String, (HubRequest) -> Bool)] = [
            (.post, "/connect", #"{"username": "u"}"#, { if case .command(.connect) = $0 { true } else { false } }),
            (
                .post, "/subscribe?conn_id=\(HubCall.uuid)", #"{"channels": ["c"]}"#,
                { if case .command(.subscribe) = $0 { true } else { false } }
            ),
            (
                .post, "/unsubscribe", #"{"channels": ["c"], "conn_id": "\#(HubCall.uuid)"}"#,
                { if case .command(.unsubscribe) = $0 { true } else { false } }
            ),
            (.post, "/user_state", #"{"user": "u"}"#, { if case .command(.setUserState) = $0 { true } else { false } }),
            (.post, "/message", "[]", { if case .command(.postMessages) = $0 { true } else { false } }),
            (.patch, "/message", "[]", { if case .command(.editMessages) = $0 { true } else { false } }),
            (.delete, "/message", "[]", { if case .command(.deleteMessages) = $0 { true } else { false } }),
            (.post, "/channel_config", "{}", { if case .command(.configureChannels) = $0 { true } else { false } }),
            (.post, "/info", "", { if case .question(.info(nil)) = $0 { true } else { false } }),
            (.get, "/info", "", { if case .question(.info(nil)) = $0 { true } else { false } }),
            (.post, "/info", #"{"info": {}}"#, { if case .question(.info(.some)) = $0 { true } else { false } }),
        ]
        for (method, path, body, isExpected) in cases {
            let sink = ScriptedSink()
            #expect(await HubCall.send(method, path, body, to: sink).status == .ok)
            #expect(sink.requests.count == 1)
            #expect(sink.requests.allSatisfy(isExpected), "\(method) \(path)")
        }
    }

    @Test(
        "a body that is no JSON is a bad request and no command",
        arguments: HubCall.backend.filter { $0.method != .get }
    )
    func brokenBodies(method: HTTPRequest.Method, path: String) async throws {
        for body in ["{this is not json", "[", "\u{FEFF}[]", "[] x", "[NaN]"] {
            let sink = ScriptedSink()
            let response = await HubCall.send(method, path, body, to: sink)
            #expect(response.status == .badRequest)
            #expect(response.text.hasPrefix(#"{"request":[""#))
            #expect(response.text.contains("at byte"))
            #expect(sink.requests.isEmpty)
        }
    }

    @Test("a body that is too deep is JSON, but more than is taken", arguments: [63, 64, 65, 100, 100_000])
    func deepBodies(depth: Int) async {
        // The list and the message are two levels of it.
        let message = String(repeating: #"{"a":"#, count: depth - 2) + "1" + String(repeating: "}", count: depth - 2)
        let body = #"[{"user": "u", "channel": "c", "message": \#(message)}]"#
        let status = await HubCall.send(.post, "/message", body, to: ScriptedSink()).status
        #expect(status == (depth <= 64 ? .ok : .unprocessableContent))
    }

    @Test("limits are settings")
    func limits() async {
        var settings = APISettings()
        settings.limits.batchCount = 1
        settings.limits.depth = 1
        let send = { (body: String) in
            await HubCall.send(.post, "/message", body, settings: settings, to: ScriptedSink())
        }
        #expect(await send("[]").status == .ok)
        #expect(await send("[1, 2]").text == #"{"_schema":["Longer than maximum length 1."]}"#)
        #expect(await send("[{}]").text == #"{"request":["JSON nested deeper than 1 at byte 1"]}"#)
        settings.limits.depth = .max
        #expect(await HubCall.send(.post, "/message", "[]", settings: settings, to: ScriptedSink()).status == .ok)
    }

    @Test("messages come in bulk where the media type says so, and only when they are posted")
    func bulk() async {
        let sink = ScriptedSink()
        let headers: HTTPFields = [.contentType: "application/x-ndjson"]
        let lines = #"{"user":"u","channel":"c"}"# + "\n" + #"{"user":"v","channel":"c"}"#
        #expect(await HubCall.send(.post, "/message", lines, headers: headers, to: sink).status == .ok)
        guard case .command(.postInBulk(let messages)) = sink.requests.first else {
            Issue.record("\(sink.requests)")
            return
        }
        #expect(messages.count == 2)
        #expect(await HubCall.send(.patch, "/message", "[]", headers: headers, to: sink).status == .ok)
        let malformed = await HubCall.send(.post, "/message", lines + "\n{", headers: headers, to: sink)
        #expect(malformed.status == .badRequest)
        #expect(malformed.text.hasPrefix(#"{"request":["Line 3: "#))
        #expect(sink.requests.count == 2)
    }

    @Test("validation errors are 422 and never reach the hub")
    func invalidBodies() async throws {
        let sink = ScriptedSink()
        let response = await HubCall.send(.post, "/connect", "{}", to: sink)
        #expect(response.status == .unprocessableContent)
        #expect(try response.json == JSONValue(#"{"username": ["Missing data for required field."]}"#))
        #expect(sink.requests.isEmpty)
    }

    @Test("an unknown connection is told together with what else is wrong", arguments: ["/subscribe", "/unsubscribe"])
    func unknownConnection(path: String) async throws {
        let body = #"{"conn_id": "\#(HubCall.uuid)", "channels": []}"#
        let unknown = ScriptedSink { _ in .invalid(.unknownConnection) }
        #expect(
            try await HubCall.send(.post, path, body, to: unknown).json
                == JSONValue(
                    #"{"conn_id": ["Unknown connection"], "channels": ["Shorter than minimum length 1."]}"#
                )
        )
        #expect(
            try await HubCall.send(.post, path, body, to: ScriptedSink()).json
                == JSONValue(#"{"channels": ["Shorter than minimum length 1."]}"#)
        )
    }

    @Test("an unknown user is told together with what else is wrong")
    func unknownUser() async throws {
        let body = #"{"user": "nobody", "user_state": [], "state_public_keys": 1}"#
        let others = #""user_state": ["Not a valid mapping type."], "state_public_keys": ["Not a valid list."]"#
        let unknown = ScriptedSink { request in
            guard case .question(.find(.user)) = request else { return .json([]) }
            return .invalid(.unknownUser)
        }
        let told = try await HubCall.send(.post, "/user_state", body, to: unknown).json
        #expect(told == (try JSONValue(#"{"user": ["Unknown user"], \#(others)}"#)))
        let known = try await HubCall.send(.post, "/user_state", body, to: ScriptedSink()).json
        #expect(known == (try JSONValue("{\(others)}")))
    }

    @Test("a hub that takes nothing is unavailable, with a reason")
    func unavailable() async throws {
        let response = await HubCall.send(
            .post,
            "/message",
            "[]",
            to: ScriptedSink { _ in .unavailable(reason: "disk full") }
        )
        #expect(response.status == .serviceUnavailable)
        #expect(response.headers[.retryAfter] == "5")
        #expect(try response.json == JSONValue(#"{"request": ["disk full"]}"#))
    }

    @Test("what the state does not allow is 422")
    func refusedByState() async throws {
        let response = await HubCall.send(
            .post,
            "/user_state",
            #"{"user": "u"}"#,
            to: ScriptedSink { _ in .invalid(.unknownUser) }
        )
        #expect(response.status == .unprocessableContent)
        #expect(response.text == #"{"user":["Unknown user"]}"#)
    }
}
