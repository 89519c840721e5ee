import Foundation
import HTTPTypes
import LogValues
import NIOCore
import Projections
import Testing

@testable import Hub
@testable import Server
@testable import Web

@Suite("The way of a request to its endpoint")
struct RouterTests {
    // MARK: - Who may call

    @Test(
        "a backend call without a signature, or from an address that may not call, is forbidden",
        arguments: HubCall.backend
    )
    func forbidden(method: HTTPRequest.Method, path: String) async throws {
        let sink = ScriptedSink()
        #expect(await HubCall.send(method, path, "{}", signed: false, to: sink).status == .forbidden)
        #expect(await HubCall.send(method, path, "{}", remote: "192.0.2.1", to: sink).status == .forbidden)
        let forged: HTTPFields = [.init("X-Forwarded-For") ?? .from: "127.0.0.1"]
        #expect(
            await HubCall.send(method, path, "{}", headers: forged, remote: "192.0.2.1", to: sink).status == .forbidden
        )
        #expect(sink.requests.isEmpty)
    }

    @Test("a backend call with a wrong signature is unauthorized", arguments: HubCall.backend)
    func unauthorized(method: HTTPRequest.Method, path: String) async throws {
        let response = await HubCall.send(
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
        let good = HubCall.signature
        let status = { (header: String?, query: String?) in
            let headers = header.map { [.channelstreamSecret: $0] as HTTPFields } ?? [:]
            let path = query.map { "/info?secret=\($0)" } ?? "/info"
            return await HubCall.send(.post, path, "", headers: headers, signed: false, to: ScriptedSink()).status
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
        let old = TimestampSigner(secret: "secret").sign("x", at: HubCall.now - 70)
        let headers: HTTPFields = [.channelstreamSecret: old]
        var settings = APISettings()
        #expect(
            await HubCall.send(
                .post,
                "/info",
                "",
                headers: headers,
                signed: false,
                settings: settings,
                to: ScriptedSink()
            )
            .status == .unauthorized
        )
        settings.validatesAge = false
        #expect(
            await HubCall.send(
                .post,
                "/info",
                "",
                headers: headers,
                signed: false,
                settings: settings,
                to: ScriptedSink()
            )
            .status == .ok
        )
    }

    @Test("the client endpoint needs no signature")
    func disconnect() async throws {
        let sink = ScriptedSink { _ in .json(Array("false".utf8)) }
        let path = "/disconnect?conn_id=\(HubCall.uuid)"
        let response = await HubCall.send(.get, path, "", signed: false, remote: "192.0.2.1", to: sink)
        #expect(response.status == .ok)
        #expect(response.text == "false")
        guard case .command(.disconnect(let connection))? = sink.requests.first else {
            Issue.record("\(sink.requests)")
            return
        }
        #expect(connection.description == HubCall.uuid)
        #expect(
            await HubCall.send(.post, "/disconnect", #"{"conn_id": "\#(HubCall.uuid)"}"#, signed: false, to: sink)
                .status
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
        #expect(
            await HubCall.send(method, path, body, signed: false, to: ScriptedSink()).status == .unprocessableContent
        )
    }

    // MARK: - Paths and methods

    @Test(
        "unknown paths are not found",
        arguments: [
            "/", "", "/nothing", "/connect/", "/CONNECT", "//connect", "/connect%2f", "http://evil.example/info", "*",
        ]
    )
    func unknownPaths(path: String) async {
        #expect(await HubCall.send(.post, path, "{}", to: ScriptedSink()).status == .notFound)
        #expect(await HubCall.send(.get, path, "", to: ScriptedSink()).status == .notFound)
    }

    @Test(
        "a wrong method is told which are right",
        arguments: [
            (HTTPRequest.Method.get, "/connect", "POST"), (.put, "/message", "POST, PATCH, DELETE"),
            (.head, "/connect", "POST"), (.trace, "/info", "GET, HEAD, POST"), (.post, "/openapi.json", "GET, HEAD"),
        ]
    )
    func wrongMethods(method: HTTPRequest.Method, path: String, allowed: String) async {
        let response = await HubCall.send(method, path, "", to: ScriptedSink())
        #expect(response.status == .methodNotAllowed)
        #expect(response.headers[.allow] == allowed)
    }

    @Test("OPTIONS is answered everywhere, empty", arguments: ["/connect", "/ws", "/", "/no/such/path", "*"])
    func preflight(path: String) async {
        let response = await HubCall.send(.options, path, "", signed: false, to: ScriptedSink())
        #expect(response.status == .ok)
        #expect(response.body.readableBytes == 0)
        #expect(response.crossOrigin?.fields[.accessControlAllowOrigin] == "*")
    }

    @Test("every reply carries the cross-origin headers, refusals too", arguments: ["/info", "/nothing", "/message"])
    func crossOrigin(path: String) async {
        for signed in [true, false] {
            let response = await HubCall.send(.post, path, "{", signed: signed, to: ScriptedSink())
            let fields = response.crossOrigin?.fields ?? [:]
            #expect(fields[.accessControlAllowOrigin] == "*")
            #expect(fields[.accessControlAllowMethods] == "GET, POST, OPTIONS, PUT, DELETE, PATCH")
            #expect(fields[.accessControlMaxAge] == "86400")
        }
    }

    @Test("a variable of a path stands for anything but nothing, slashes and escapes included, and a fixed path wins")
    func openPaths() async {
        let echo = { (path: PathPattern) in
            Endpoint(.post, path, for: .everybody) { (request, reply) throws(Refusal) in
                reply(.json(Array("\(path.text) ".utf8) + request.variable))
            }
        }
        let router = Router([echo("/a"), echo("/a/{name}/b"), echo("/a/{name}/c"), echo("/a/x/c")], now: HubCall.now)
        let answer = { (path: String) in await router.respond(to: APIRequest(method: .post, target: path)) }
        #expect(await answer("/a?x=1").text == "/a ")
        #expect(await answer("/a/x/b").text == "/a/{name}/b x")
        #expect(await answer("/a/x%20y/z/b?q").text == "/a/{name}/b x y/z")
        #expect(await answer("/a/y/c").text == "/a/{name}/c y")
        #expect(await answer("/a/x/c").text == "/a/x/c ")
        for path in ["/a/", "/a//b", "/a/b", "/a/x/d", "/b"] { #expect(await answer(path).status == .notFound) }
    }

    @Test("where https is enforced, other requests are not acceptable, whatever links look like")
    func enforcedHTTPS() async {
        var settings = APISettings()
        settings.enforcesHTTPS = true
        let send = { (headers: HTTPFields) in
            await HubCall.send(.post, "/info", "", headers: headers, settings: settings, to: ScriptedSink()).status
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
            return HubCall.router(to: ScriptedSink()).admit(request)
        }
        let signed: HTTPFields = [.channelstreamSecret: HubCall.signature]
        let refusal = { (admission: BodyAdmission) -> Int in
            guard case .refused(let response) = admission, response.crossOrigin != nil else { return 0 }
            return response.status.code
        }
        #expect(refusal(admit(.post, "/nothing", signed)) == 404)
        #expect(refusal(admit(.get, "/message", signed)) == 405)
        #expect(refusal(admit(.post, "/message", [:])) == 403)
        #expect(refusal(admit(.post, "/message", [.channelstreamSecret: "a.b.c"])) == 401)
        #expect(refusal(admit(.post, "/message?secret=\(HubCall.signature)", [.contentEncoding: "gzip"])) == 415)
        for granted in [admit(.post, "/message", signed), admit(.post, "/info?secret=\(HubCall.signature)", [:])] {
            #expect(granted.size == 8_388_608)
            #expect(granted.caller == .backend)
        }
        // Strangers have little to say.
        let stranger = admit(.post, "/disconnect", [:])
        #expect(stranger.size == 65_536 && stranger.caller == .anybody)
        let preflight = admit(.options, "/message", [:])
        #expect(preflight.size == 65_536 && preflight.caller == nil)
    }

    @Test("a signature that was good before the body came is good when it has come")
    func grantedBefore() async {
        let headers: HTTPFields = [
            .channelstreamSecret: TimestampSigner(secret: "secret").sign("x", at: HubCall.now - 70)
        ]
        var request = APIRequest(method: .post, target: "/message", headers: headers, remote: IPAddress("127.0.0.1"))
        request.body = ByteBuffer(string: "[]")
        #expect(await HubCall.router(to: ScriptedSink()).respond(to: request).status == .unauthorized)
        request.caller = .backend
        #expect(await HubCall.router(to: ScriptedSink()).respond(to: request).status == .ok)
    }

    @Test(
        "a body with a coding is refused with the reason, before it is looked at",
        arguments: [
            ("gzip", 415), ("br", 415), ("identity, gzip", 415), ("identity", 200), ("IDENTITY", 200), ("", 200),
        ]
    )
    func contentEncodings(coding: String, status: Int) async {
        let response = await HubCall.send(
            .post,
            "/message",
            "[]",
            headers: [.contentEncoding: coding],
            to: ScriptedSink()
        )
        #expect(response.status.code == status)
        if status == 415 {
            #expect(response.text.contains("Content-Encoding"))
            #expect(response.headers[.acceptEncoding] == "identity")
        }
        // Without a body there is nothing to be coded.
        #expect(
            await HubCall.send(.get, "/info", "", headers: [.contentEncoding: coding], to: ScriptedSink()).status == .ok
        )
    }

    @Test("the description of the API is for the backend and the administrator", arguments: [true, false])
    func openAPI(isAdministrator: Bool) async {
        let endpoints = OpenAPI.describing([], version: "9.9")
        let router = Router(endpoints, isSignedIn: { _ in isAdministrator }, now: HubCall.now)
        let request = APIRequest(method: .get, target: "/openapi.json", remote: IPAddress("192.0.2.1"))
        let response = await router.respond(to: request)
        #expect(response.status == (isAdministrator ? .ok : .forbidden))
        #expect(response.text.contains(#""version":"9.9""#) == isAdministrator)
    }
}

extension BodyAdmission {
    fileprivate var size: Int {
        if case .upTo(let size, _) = self { size } else { 0 }
    }

    fileprivate var caller: Caller? {
        if case .upTo(_, let caller) = self { caller } else { nil }
    }
}
