import HTTPTypes
import NIOCore
import Synchronization
import Testing

@testable import Hub
@testable import Server
@testable import Web

@Suite("The admin pages")
struct AdminEndpointsTests {
    // MARK: Strangers

    @Test("strangers are sent to the form", arguments: ["/admin", "/api-explorer", "/admin/admin.json"])
    func strangers(path: String) async {
        let site = TestSite()
        let response = await site.get(path)
        #expect(response.status == .found)
        #expect(response.headers[.location] == "http://hub.example:8000/admin/sign_in")
        #expect(site.infoCount == 0)
    }

    @Test("behind a proxy, redirects and links carry its prefix and scheme")
    func proxy() async {
        let site = TestSite()
        let proxied: HTTPFields = [.xScriptName: "/live", .xScheme: "https"]
        let response = await site.get("/live/admin", headers: proxied)
        #expect(response.headers[.location] == "https://hub.example:8000/live/admin/sign_in")
        let form = await site.get("/live/admin/sign_in", headers: proxied)
        #expect(form.bodyText.contains(#"action="/live/admin/sign_in""#))
        let signedIn = await site.post("/live/admin/sign_in", TestSite.rightForm, headers: proxied)
        #expect(signedIn.headers[.location] == "https://hub.example:8000/live/admin")
        let cookie = signedIn.headers[.setCookie] ?? ""
        #expect(cookie.contains("; Path=/live;"))
        #expect(cookie.hasSuffix("; Secure"))
    }

    @Test(
        "a good signature opens the pages, and a wrong one is 401",
        arguments: ["/admin", "/api-explorer", "/admin/admin.json"]
    )
    func signatures(path: String) async {
        let site = TestSite()
        #expect(await site.get(path, headers: [.channelstreamSecret: TestSite.signature]).status == .ok)
        let wrong = await site.get(path, headers: [.channelstreamSecret: "a.b.c"])
        #expect(wrong.status == .unauthorized)
        #expect(wrong.bodyText == #"{"request": "Bad Signature"}"#)
    }

    // MARK: Signing in

    @Test("the form posts a name and a password, and cannot be framed")
    func form() async {
        let response = await TestSite().get("/admin/sign_in")
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        for piece in [#"method="post""#, #"name="username""#, #"name="password""#] {
            #expect(response.bodyText.contains(piece))
        }
        #expect(response.headers[.contentSecurityPolicy]?.contains("frame-ancestors 'none'") == true)
        #expect(response.headers[.xContentTypeOptions] == "nosniff")
        #expect(response.headers[.cacheControl] == "no-store")
    }

    @Test(
        "the right password gives a cookie that opens the pages, also with blanks around the fields",
        arguments: [
            "username=admin&password=p%40ss+word", "password=+p%40ss%20word%0d%0a&username=%20admin&x=1",
        ]
    )
    func rightPassword(form: String) async throws {
        let site = TestSite()
        let response = await site.post("/admin/sign_in", form)
        #expect(response.status == .found)
        #expect(response.headers[.location] == "http://hub.example:8000/admin")
        let cookie = try #require(response.headers[.setCookie])
        #expect(cookie.contains("; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax"))
        #expect(!cookie.contains("Secure"))
        for path in ["/admin", "/api-explorer", "/admin/admin.json"] {
            #expect(await site.get(path, cookie: cookie).status == .ok)
        }
        #expect(await site.get("/admin/admin.json", cookie: cookie).bodyText == #"{"channels": {}}"#)
        #expect(site.sleeps.isEmpty)
    }

    @Test(
        "wrong credentials get the form again, half a second later, and no cookie",
        arguments: [
            "username=admin&password=wrong", "username=someone&password=p%40ss+word", "username=&password=", "",
            "username=ADMIN&password=p%40ss+word", "username=admin%00&password=p%40ss+word", "username=admin",
            "username=admin&password=p%40ss+wor", "\u{0}%%%&&&===",
        ]
    )
    func wrongCredentials(form: String) async {
        let site = TestSite()
        let response = await site.post("/admin/sign_in", form)
        #expect(response.status == .forbidden)
        #expect(response.bodyText.contains("<form"))
        #expect(response.headers[.setCookie] == nil)
        #expect(site.sleeps == [.milliseconds(500)])
    }

    @Test("while forty guess all the time, from the same address, the right password gets in", arguments: [0, 7])
    func guessers(seed: Int) async {
        let site = TestSite()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    for round in 0..<4 {
                        _ = await site.post("/admin/sign_in", "username=admin&password=\(seed) \(number) \(round)")
                    }
                }
            }
            group.addTask {
                for _ in 0..<seed { await Task.yield() }
                #expect(await site.post("/admin/sign_in", TestSite.rightForm).status == .found)
            }
        }
        #expect(site.statuses[.tooManyRequests] == nil)
        #expect(site.statuses[.forbidden].map { $0 == 160 } == true)
    }

    @Test("of those who guess at once, a tenth of a second is spent on each, and too many are sent away")
    func manyGuessers() async {
        let site = TestSite()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask { _ = await site.post("/admin/sign_in", "username=admin&password=\(number)") }
            }
        }
        let heard = site.statuses[.forbidden] ?? 0
        #expect(heard + (site.statuses[.tooManyRequests] ?? 0) == 200)
        #expect(site.now >= Int64(heard - 1) * SignInLine.millisecondsPerGuess)
        #expect(site.sleeps.count >= 200)
    }

    @Test("while the hub takes no commands, the form is 503 and says why; signing in works all the same")
    func trouble() async throws {
        let site = TestSite(trouble: "The log has failed, & so on.")
        let form = await site.get("/admin/sign_in")
        #expect(form.status == .serviceUnavailable)
        #expect(form.headers[.retryAfter] == "5")
        #expect(form.bodyText.contains("The log has failed, &amp; so on.") && form.bodyText.contains("<form"))
        #expect(await site.post("/admin/sign_in", TestSite.rightForm).status == .found)
    }

    // MARK: Forms of other sites

    @Test(
        "a form that another site's page posts is refused, whatever it holds",
        arguments: [
            ["Origin": "https://evil.example"], ["Origin": "null"], ["Origin": "http://hub.example"],
            ["Referer": "https://evil.example/http://hub.example:8000/"],
            ["Referer": "http://hub.example:8000.evil.example/"],
            ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site", "Origin": "http://hub.example:8000"],
        ]
    )
    func foreignForms(headers: [String: String]) async throws {
        let site = TestSite()
        let response = await site.post("/admin/sign_in", TestSite.rightForm, headers: try TestSite.fields(headers))
        #expect(response.status == .forbidden)
        #expect(response.headers[.setCookie] == nil)
    }

    @Test(
        "our own form passes, and so do programs that say nothing",
        arguments: [
            [:], ["Origin": "http://hub.example:8000"], ["Origin": "https://hub.example:8000"],
            ["Referer": "http://HUB.example:8000/admin/sign_in?x#y"],
            ["Sec-Fetch-Site": "same-origin", "Origin": "http://x"],
            ["Sec-Fetch-Site": "none"],
        ]
    )
    func ownForms(headers: [String: String]) async throws {
        let fields = try TestSite.fields(headers)
        #expect(await TestSite().post("/admin/sign_in", TestSite.rightForm, headers: fields).status == .found)
    }

    // MARK: Signing out

    @Test("after sign-out the cookie is removed, and void also where somebody kept it")
    func signOut() async throws {
        let site = TestSite()
        let kept = try await site.signIn()
        let other = try await site.signIn()
        let response = await site.get("/admin/sign_out", cookie: kept)
        #expect(response.status == .found)
        #expect(response.headers[.location] == "http://hub.example:8000/admin/sign_in")
        #expect(response.headers[.setCookie]?.contains("channelstream_admin=; Path=/; Max-Age=0;") == true)
        #expect(await site.get("/admin", cookie: kept).status == .found)
        #expect(await site.get("/admin", cookie: other).status == .ok)
    }

    @Test("signing out without being signed in leads to the form as well")
    func signOutStranger() async {
        #expect(await TestSite().get("/admin/sign_out", cookie: "channelstream_admin=x").status == .found)
    }

    @Test("a cookie is good for twelve hours, and not a moment longer")
    func expiry() async throws {
        let site = TestSite()
        let cookie = try await site.signIn()
        site.advance(by: 12 * 3600 * 1000 - 1)
        #expect(await site.get("/admin", cookie: cookie).status == .ok)
        site.advance(by: 1)
        #expect(await site.get("/admin", cookie: cookie).status == .found)
    }

    @Test("a good cookie is found among others, and not behind more than a few of the same name")
    func manyCookies() async throws {
        let site = TestSite()
        let good = try await site.signIn()
        #expect(await site.get("/admin", cookie: "a=b; channelstream_admin=old; " + good).status == .ok)
        let flood = String(repeating: "channelstream_admin=x; ", count: 4)
        #expect(await site.get("/admin", cookie: flood + good).status == .found)
    }

    // MARK: Pages

    @Test(
        "pages have nothing inline, and what they load is there",
        arguments: ["/admin", "/api-explorer", "/admin/sign_in"]
    )
    func assets(path: String) async throws {
        let site = TestSite()
        let page = await site.get(path, cookie: try await site.signIn()).bodyText
        #expect(!page.contains("<script>") && !page.contains("<style") && !page.contains("onclick"))
        let paths = page.split(separator: "\"").filter { $0.hasPrefix("/admin/assets/") }
        #expect(!paths.isEmpty)
        for path in paths {
            let asset = await site.get(String(path))
            #expect(asset.status == .ok)
            #expect(asset.headers[.xContentTypeOptions] == "nosniff")
        }
    }

    @Test("other names below the assets, and other methods, are refused")
    func others() async {
        let site = TestSite()
        #expect(await site.get("/admin/assets/../../etc/passwd").status == .notFound)
        #expect(await site.get("/admin/assets/").status == .notFound)
        #expect(await site.post("/admin", "").status == .methodNotAllowed)
    }

    @Test("the scripts put what the server says into the page as text only")
    func scriptsAreSafe() async {
        for name in ["admin.js", "explorer.js"] {
            let script = await TestSite().get("/admin/assets/\(name)").bodyText
            for sink in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
                #expect(!script.contains(sink))
            }
        }
    }

    @Test("a hub that takes no commands is 503")
    func unavailable() async {
        let site = TestSite(reply: .unavailable(reason: "disk full"))
        let response = await site.get("/admin/admin.json", headers: [.channelstreamSecret: TestSite.signature])
        #expect(response.status == .serviceUnavailable)
    }

    @Test("text is escaped for HTML")
    func escaping() {
        #expect(AdminPages.escaped(#"<a href="x" id='y'>&"#) == "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;")
    }
}

/// The admin site with a clock that only moves when somebody sleeps.
private final class TestSite: Sendable {
    static let rightForm = "username=admin&password=p%40ss+word"
    /// Of secret `secret`, value `channelstream`, time 1500000000.
    static let signature = "channelstream.WWgvAA.Wdn9UOS97QKLAj0-ZwyNwflAM1s"

    private struct World {
        var now: Int64 = 0
        var sleeps: [Duration] = []
        var random: UInt64 = 0
        var statuses: [HTTPResponse.Status: Int] = [:]
    }

    private final class Clock: Sendable {
        let world = Mutex(World())
    }

    private struct Sink: CommandSink {
        let answer: Reply
        let count: Counter

        func hand(_ request: HubRequest, reply: @escaping @Sendable (Reply) -> Void) {
            self.count.value.withLock { $0 += 1 }
            reply(self.answer)
        }
    }

    private final class Counter: Sendable {
        let value = Mutex(0)
    }

    private let clock: Clock
    private let counter = Counter()
    private let router: Router

    init(reply: Reply = .json(Array(#"{"channels": {}}"#.utf8)), trouble: String? = nil) {
        let clock = Clock()
        self.clock = clock
        let sessions = AdminSessions(
            user: "admin",
            password: "p@ss word",
            cookieSecret: "key",
            now: { clock.world.withLock { $0.now } },
            sleep: { duration in
                clock.world.withLock { world in
                    world.sleeps.append(duration)
                    world.now +=
                        duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
                }
                await Task.yield()
            },
            randomWord: {
                clock.world.withLock { world in
                    world.random += 1
                    return world.random
                }
            }
        )
        let sink = Sink(answer: reply, count: self.counter)
        self.router = Router(
            AdminEndpoints(sessions: sessions, sink: sink) { trouble }.all,
            isSignedIn: { sessions.isSignedIn($0.headers) },
            now: 1_500_000_000
        )
    }

    var now: Int64 { self.clock.world.withLock { $0.now } }
    var sleeps: [Duration] { self.clock.world.withLock { $0.sleeps } }
    var statuses: [HTTPResponse.Status: Int] { self.clock.world.withLock { $0.statuses } }
    /// How often the hub was asked.
    var infoCount: Int { self.counter.value.withLock { $0 } }

    func advance(by milliseconds: Int64) {
        self.clock.world.withLock { $0.now += milliseconds }
    }

    func signIn() async throws -> String {
        try #require(await self.post("/admin/sign_in", Self.rightForm).headers[.setCookie])
    }

    func get(_ target: String, cookie: String? = nil, headers: HTTPFields = [:]) async -> APIResponse {
        var headers = headers
        headers[.cookie] = cookie.map { String($0) }
        return await self.respond(.get, target, headers, body: "")
    }

    func post(_ target: String, _ body: String, headers: HTTPFields = [:]) async -> APIResponse {
        await self.respond(.post, target, headers, body: body)
    }

    private func respond(
        _ method: HTTPRequest.Method,
        _ target: String,
        _ headers: HTTPFields,
        body: String
    ) async -> APIResponse {
        var request = APIRequest(
            method: method,
            target: target,
            authority: "hub.example:8000",
            headers: headers,
            remote: .loopback4
        )
        request.body = ByteBuffer(string: body)
        let response = await self.router.respond(to: request)
        self.clock.world.withLock { $0.statuses[response.status, default: 0] += 1 }
        return response
    }

    static func fields(_ headers: [String: String]) throws -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
        return fields
    }
}

extension APIResponse {
    fileprivate var bodyText: String { String(buffer: self.body) }
}
