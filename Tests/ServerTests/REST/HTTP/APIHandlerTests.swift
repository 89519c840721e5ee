import Foundation
import HTTPTypes
import LogValues
import NIOCore
import Projections
import Testing

@testable import Hub
@testable import Server
@testable import Web

@Suite("The HTTP API")
struct APIHandlerTests {
    private static let now: Int64 = 1_600_000_000
    private static let signature = TimestampSigner(secret: "secret").sign("channelstream", at: Self.now)
    private static let uuid = "11111111-2222-4333-8444-555555555555"
    private static let backend: [(method: HTTPRequest.Method, path: String)] = [
        (.post, "/connect"), (.post, "/subscribe"), (.post, "/unsubscribe"), (.post, "/user_state"),
        (.post, "/message"), (.patch, "/message"), (.delete, "/message"), (.post, "/channel_config"),
        (.post, "/info"), (.get, "/info"), (.get, "/openapi.json"),
    ]

    // MARK: - Who may call

    @Test("a backend call without a signature, or from an address that may not call, is forbidden", arguments: backend)
    func forbidden(method: HTTPRequest.Method, path: String) async throws {
        let sink = ScriptedSink()
        #expect(await Self.send(method, path, "{}", signed: false, to: sink).status == .forbidden)
        #expect(await Self.send(method, path, "{}", remote: "192.0.2.1", to: sink).status == .forbidden)
        let forged: HTTPFields = [.init("X-Forwarded-For") ?? .from: "127.0.0.1"]
        #expect(
            await Self.send(method, path, "{}", headers: forged, remote: "192.0.2.1", to: sink).status == .forbidden
        )
        #expect(sink.requests.isEmpty)
    }

    @Test("a backend call with a wrong signature is unauthorized", arguments: backend)
    func unauthorized(method: HTTPRequest.Method, path: String) async throws {
        let response = await Self.send(
            method,
            path,
            "{}",
            headers: [.channelstreamSecret: "a.b.c"],
            signed: false,
            to: ScriptedSink()
        )
        #expect(response.status == .unauthorized)
        #expect(response.headers[.contentType] == "application/json")
        #expect(try response.json == JSONValue(#"{"request": "Bad Signature"}"#))
    }

    @Test("the header wins over the query; an empty header is no signature")
    func headerWins() async {
        let good = Self.signature
        let status = { (header: String?, query: String?) in
            let headers = header.map { [.channelstreamSecret: $0] as HTTPFields } ?? [:]
            let path = query.map { "/info?secret=\($0)" } ?? "/info"
            return await Self.send(.post, path, "", headers: headers, signed: false, to: ScriptedSink()).status
        }
        #expect(await status(nil, good) == .ok)
        #expect(await status(good, "a.b.c") == .ok)
        #expect(await status("a.b.c", good) == .unauthorized)
        #expect(await status("", good) == .forbidden)
        #expect(await status(nil, "") == .forbidden)
        #expect(await status(nil, "%00") == .unauthorized)
        #expect(await status(nil, "%20") == .unauthorized)
    }

    @Test("the age of a signature counts, unless it is told not to")
    func signatureAge() async {
        let old = TimestampSigner(secret: "secret").sign("x", at: Self.now - 70)
        let headers: HTTPFields = [.channelstreamSecret: old]
        var settings = APISettings()
        #expect(
            await Self.send(.post, "/info", "", headers: headers, signed: false, settings: settings, to: ScriptedSink())
                .status == .unauthorized
        )
        settings.validatesAge = false
        #expect(
            await Self.send(.post, "/info", "", headers: headers, signed: false, settings: settings, to: ScriptedSink())
                .status == .ok
        )
    }

    @Test("the client endpoint needs no signature")
    func disconnect() async throws {
        let sink = ScriptedSink { _ in .json(Array("false".utf8)) }
        let path = "/disconnect?conn_id=\(Self.uuid)"
        let response = await Self.send(.get, path, "", signed: false, remote: "192.0.2.1", to: sink)
        #expect(response.status == .ok)
        #expect(response.text == "false")
        guard case .command(.disconnect(let connection))? = sink.requests.first else {
            Issue.record("\(sink.requests)")
            return
        }
        #expect(connection.description == Self.uuid)
        #expect(
            await Self.send(.post, "/disconnect", #"{"conn_id": "\#(Self.uuid)"}"#, signed: false, to: sink).status
                == .ok
        )
    }

    @Test(
        "a disconnect without a connection is refused; on POST the query is not looked at",
        arguments: [
            (HTTPRequest.Method.get, "/disconnect", ""), (.get, "/disconnect?conn_id=?", ""),
            (.post, "/disconnect?conn_id=11111111-2222-4333-8444-555555555555", "{}"), (.post, "/disconnect", "[]"),
        ]
    )
    func badDisconnect(method: HTTPRequest.Method, path: String, body: String) async {
        #expect(await Self.send(method, path, body, signed: false, to: ScriptedSink()).status == .unprocessableContent)
    }

    // MARK: - Paths and methods

    @Test(
        "unknown paths are not found",
        arguments: [
            "/", "", "/nothing", "/connect/", "/CONNECT", "//connect", "/connect%2f", "http://evil.example/info", "*",
        ]
    )
    func unknownPaths(path: String) async {
        #expect(await Self.send(.post, path, "{}", to: ScriptedSink()).status == .notFound)
        #expect(await Self.send(.get, path, "", to: ScriptedSink()).status == .notFound)
    }

    @Test(
        "a wrong method is told which are right",
        arguments: [
            (HTTPRequest.Method.get, "/connect", "POST"), (.put, "/message", "POST, PATCH, DELETE"),
            (.head, "/connect", "POST"), (.trace, "/info", "GET, HEAD, POST"), (.post, "/openapi.json", "GET, HEAD"),
        ]
    )
    func wrongMethods(method: HTTPRequest.Method, path: String, allowed: String) async {
        let response = await Self.send(method, path, "", to: ScriptedSink())
        #expect(response.status == .methodNotAllowed)
        #expect(response.headers[.allow] == allowed)
    }

    @Test("OPTIONS is answered everywhere, empty", arguments: ["/connect", "/ws", "/", "/no/such/path", "*"])
    func preflight(path: String) async {
        let response = await Self.send(.options, path, "", signed: false, to: ScriptedSink())
        #expect(response.status == .ok)
        #expect(response.body.readableBytes == 0)
        #expect(response.crossOrigin?.fields[.accessControlAllowOrigin] == "*")
    }

    @Test("every reply carries the cross-origin headers, refusals too", arguments: ["/info", "/nothing", "/message"])
    func crossOrigin(path: String) async {
        for signed in [true, false] {
            let response = await Self.send(.post, path, "{", signed: signed, to: ScriptedSink())
            let fields = response.crossOrigin?.fields ?? [:]
            #expect(fields[.accessControlAllowOrigin] == "*")
            #expect(fields[.accessControlAllowMethods] == "GET, POST, OPTIONS, PUT, DELETE, PATCH")
            #expect(fields[.accessControlMaxAge] == "86400")
        }
    }

    @Test("what is plugged in answers its path, or everything below it; the longer path wins")
    func plugins() async {
        struct Echo: RequestHandler {
            let name: String
            let methods = [HTTPRequest.Method.post]
            func respond(to request: APIRequest) async -> APIResponse {
                .json(Array("\(self.name) \(request.path) \(request.body.readableBytes)".utf8))
            }
        }
        let handler = APIHandler(
            settings: APISettings(),
            sink: ScriptedSink(),
            version: "1",
            now: { Self.now },
            handlers: [
                "/listen": Echo(name: "listen"), "/admin": Echo(name: "page"), "/admin/": Echo(name: "below"),
                "/admin/static/": Echo(name: "static"),
            ]
        )
        let answer = { (path: String) in
            var request = APIRequest(method: .post, target: path)
            request.body = ByteBuffer(string: "12345")
            return await handler.respond(to: request)
        }
        #expect(await answer("/listen?x=1").text == "listen /listen 5")
        #expect(await answer("/admin").text == "page /admin 5")
        #expect(await answer("/admin/sign_in").text == "below /admin/sign_in 5")
        #expect(await answer("/admin/static/a/b").text == "static /admin/static/a/b 5")
        #expect(await answer("/listen/").status == .notFound)
        #expect(await answer("/administrator").status == .notFound)
    }

    @Test("where https is enforced, other requests are not acceptable, whatever links look like")
    func enforcedHTTPS() async {
        var settings = APISettings()
        settings.enforcesHTTPS = true
        let send = { (headers: HTTPFields) in
            await Self.send(.post, "/info", "", headers: headers, settings: settings, to: ScriptedSink()).status
        }
        #expect(await send([:]) == .notAcceptable)
        #expect(await send([.xScheme: "https"]) == .ok)
        #expect(await send([.xURLScheme: "https"]) == .ok)
        #expect(await send([.xURLScheme: "http"]) == .notAcceptable)
        // From whom it may come, the connection knows.
        #expect(await send([.xForwardedProto: "https"]) == .notAcceptable)
    }

    // MARK: - Before the body

    @Test("whether a body may come is decided by path, method and signature, and by nothing that stands in it")
    func admissions() {
        let admit = { (method: HTTPRequest.Method, path: String, headers: HTTPFields) in
            let request = APIRequest(method: method, target: path, headers: headers, remote: IPAddress("127.0.0.1"))
            return Self.handler(to: ScriptedSink()).admit(request)
        }
        let signed: HTTPFields = [.channelstreamSecret: Self.signature]
        let refusal = { (admission: BodyAdmission) -> Int in
            guard case .refused(let response) = admission, response.crossOrigin != nil else { return 0 }
            return response.status.code
        }
        #expect(refusal(admit(.post, "/nothing", signed)) == 404)
        #expect(refusal(admit(.get, "/message", signed)) == 405)
        #expect(refusal(admit(.post, "/message", [:])) == 403)
        #expect(refusal(admit(.post, "/message", [.channelstreamSecret: "a.b.c"])) == 401)
        #expect(refusal(admit(.post, "/message?secret=\(Self.signature)", [.contentEncoding: "gzip"])) == 415)
        for granted in [admit(.post, "/message", signed), admit(.post, "/info?secret=\(Self.signature)", [:])] {
            #expect(granted.size == 8_388_608)
            #expect(granted.isGranted)
        }
        // Strangers have little to say.
        for stranger in [admit(.post, "/disconnect", [:]), admit(.options, "/message", [:])] {
            #expect(stranger.size == 65_536)
            #expect(!stranger.isGranted)
        }
    }

    @Test("a signature that was good before the body came is good when it has come")
    func grantedBefore() async {
        let headers: HTTPFields = [.channelstreamSecret: TimestampSigner(secret: "secret").sign("x", at: Self.now - 70)]
        var request = APIRequest(method: .post, target: "/message", headers: headers, remote: IPAddress("127.0.0.1"))
        request.body = ByteBuffer(string: "[]")
        #expect(await Self.handler(to: ScriptedSink()).respond(to: request).status == .unauthorized)
        request.isGranted = true
        #expect(await Self.handler(to: ScriptedSink()).respond(to: request).status == .ok)
    }

    @Test(
        "a body with a coding is refused with the reason, before it is looked at",
        arguments: [
            ("gzip", 415), ("br", 415), ("identity, gzip", 415), ("identity", 200), ("IDENTITY", 200), ("", 200),
        ]
    )
    func contentEncodings(coding: String, status: Int) async {
        let response = await Self.send(.post, "/message", "[]", headers: [.contentEncoding: coding], to: ScriptedSink())
        #expect(response.status.code == status)
        if status == 415 {
            #expect(response.text.contains("Content-Encoding"))
            #expect(response.headers[.acceptEncoding] == "identity")
        }
        // Without a body there is nothing to be coded.
        #expect(
            await Self.send(.get, "/info", "", headers: [.contentEncoding: coding], to: ScriptedSink()).status == .ok
        )
    }

    // MARK: - Bodies and replies

    @Test("each endpoint asks for its own command")
    func commands() async {
        let cases: [(HTTPRequest.Method, String, String, (HubRequest) -> Bool)] = [
            (.post, "/connect", #"{"username": "u"}"#, { if case .command(.connect) = $0 { true } else { false } }),
            (
                .post, "/subscribe?conn_id=\(Self.uuid)", #"{"channels": ["c"]}"#,
                { if case .command(.subscribe) = $0 { true } else { false } }
            ),
            (
                .post, "/unsubscribe", #"{"channels": ["c"], "conn_id": "\#(Self.uuid)"}"#,
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
            #expect(await Self.send(method, path, body, to: sink).status == .ok)
            #expect(sink.requests.count == 1)
            #expect(sink.requests.allSatisfy(isExpected), "\(method) \(path)")
        }
    }

    @Test("a body that is no JSON is a bad request and no command", arguments: backend.filter { $0.method != .get })
    func brokenBodies(method: HTTPRequest.Method, path: String) async throws {
        for body in ["{this is not json", "[", "\u{FEFF}[]", "[] x", "[NaN]"] {
            let sink = ScriptedSink()
            let response = await Self.send(method, path, body, to: sink)
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
        let status = await Self.send(.post, "/message", body, to: ScriptedSink()).status
        #expect(status == (depth <= 64 ? .ok : .unprocessableContent))
    }

    @Test("limits are settings")
    func limits() async {
        var settings = APISettings()
        settings.limits.batchCount = 1
        settings.limits.depth = 1
        let send = { (body: String) in await Self.send(.post, "/message", body, settings: settings, to: ScriptedSink())
        }
        #expect(await send("[]").status == .ok)
        #expect(await send("[1, 2]").text == #"{"_schema":["Longer than maximum length 1."]}"#)
        #expect(await send("[{}]").text == #"{"request":["JSON nested deeper than 1 at byte 1"]}"#)
        settings.limits.depth = .max
        #expect(await Self.send(.post, "/message", "[]", settings: settings, to: ScriptedSink()).status == .ok)
    }

    @Test("messages come in bulk where the media type says so, and only when they are posted")
    func bulk() async {
        let sink = ScriptedSink()
        let headers: HTTPFields = [.contentType: "application/x-ndjson"]
        let lines = #"{"user":"u","channel":"c"}"# + "\n" + #"{"user":"v","channel":"c"}"#
        #expect(await Self.send(.post, "/message", lines, headers: headers, to: sink).status == .ok)
        guard case .command(.postInBulk(let messages)) = sink.requests.first else {
            Issue.record("\(sink.requests)")
            return
        }
        #expect(messages.count == 2)
        #expect(await Self.send(.patch, "/message", "[]", headers: headers, to: sink).status == .ok)
        let malformed = await Self.send(.post, "/message", lines + "\n{", headers: headers, to: sink)
        #expect(malformed.status == .badRequest)
        #expect(malformed.text.hasPrefix(#"{"request":["Line 3: "#))
        #expect(sink.requests.count == 2)
    }

    @Test("validation errors are 422 and never reach the hub")
    func invalidBodies() async throws {
        let sink = ScriptedSink()
        let response = await Self.send(.post, "/connect", "{}", to: sink)
        #expect(response.status == .unprocessableContent)
        #expect(try response.json == JSONValue(#"{"username": ["Missing data for required field."]}"#))
        #expect(sink.requests.isEmpty)
    }

    @Test("an unknown connection is told together with what else is wrong", arguments: ["/subscribe", "/unsubscribe"])
    func unknownConnection(path: String) async throws {
        let body = #"{"conn_id": "\#(Self.uuid)", "channels": []}"#
        let unknown = ScriptedSink { _ in .invalid(.unknownConnection) }
        #expect(
            try await Self.send(.post, path, body, to: unknown).json
                == JSONValue(
                    #"{"conn_id": ["Unknown connection"], "channels": ["Shorter than minimum length 1."]}"#
                )
        )
        #expect(
            try await Self.send(.post, path, body, to: ScriptedSink()).json
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
        let told = try await Self.send(.post, "/user_state", body, to: unknown).json
        #expect(told == (try JSONValue(#"{"user": ["Unknown user"], \#(others)}"#)))
        let known = try await Self.send(.post, "/user_state", body, to: ScriptedSink()).json
        #expect(known == (try JSONValue("{\(others)}")))
    }

    @Test("a hub that takes nothing is unavailable, with a reason")
    func unavailable() async throws {
        let response = await Self.send(
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
        let response = await Self.send(
            .post,
            "/user_state",
            #"{"user": "u"}"#,
            to: ScriptedSink { _ in .invalid(.unknownUser) }
        )
        #expect(response.status == .unprocessableContent)
        #expect(response.text == #"{"user":["Unknown user"]}"#)
    }

    @Test("the description of the API is for the backend and the administrator", arguments: [true, false])
    func openAPI(isAdministrator: Bool) async {
        let handler = APIHandler(
            settings: APISettings(),
            sink: ScriptedSink(),
            version: "9.9",
            now: { Self.now },
            isAdministrator: { _ in isAdministrator }
        )
        let request = APIRequest(method: .get, target: "/openapi.json", remote: IPAddress("192.0.2.1"))
        let response = await handler.respond(to: request)
        #expect(response.status == (isAdministrator ? .ok : .forbidden))
        #expect(response.text.contains(#""version":"9.9""#) == isAdministrator)
    }

    // MARK: - Sending

    private static func handler(settings: APISettings = APISettings(), to sink: ScriptedSink) -> APIHandler {
        APIHandler(settings: settings, sink: sink, version: "1", now: { Self.now })
    }

    private static func send(
        _ method: HTTPRequest.Method,
        _ target: String,
        _ body: String,
        headers: HTTPFields = [:],
        signed: Bool = true,
        remote: String = "127.0.0.1",
        settings: APISettings = APISettings(),
        to sink: ScriptedSink
    ) async -> APIResponse {
        var headers = headers
        if signed {
            headers[.channelstreamSecret] = self.signature
        }
        var request = APIRequest(method: method, target: target, headers: headers, remote: IPAddress(remote))
        request.body = ByteBuffer(string: body)
        return await self.handler(settings: settings, to: sink).respond(to: request)
    }
}

extension BodyAdmission {
    fileprivate var size: Int {
        if case .upTo(let size, _) = self { size } else { 0 }
    }

    fileprivate var isGranted: Bool {
        if case .upTo(_, let isGranted) = self { isGranted } else { false }
    }
}

extension APIResponse {
    var text: String { String(buffer: self.body) }

    var json: JSONValue {
        get throws { try JSONValue(self.text) }
    }
}
