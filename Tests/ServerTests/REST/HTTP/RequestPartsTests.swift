import HTTPTypes
import NIOCore
import Testing

@testable import Server
@testable import Web

@Suite("Parts of a request")
struct RequestPartsTests {
    // MARK: - Addresses

    @Test(
        "an address is allowed by itself, by its network, or by 0.0.0.0",
        arguments: [
            (["127.0.0.1"], "127.0.0.1", true), (["127.0.0.1"], "::1", true), (["127.0.0.1"], "127.0.0.2", false),
            (["127.0.0.1"], "::ffff:127.0.0.1", true), (["::1"], "127.0.0.1", false), (["::1"], "::1", true),
            (["0.0.0.0"], "203.0.113.9", true), (["0.0.0.0"], "2001:db8::1", true),
            (["10.0.0.0/8"], "10.255.0.1", true), (["10.0.0.0/8"], "11.0.0.1", false),
            (["192.168.1.7/24"], "192.168.1.200", true), (["fd00::/8"], "fd12::1", true),
            (["fd00::/8"], "fe80::1", false), (["0.0.0.0/0"], "8.8.8.8", true), (["0.0.0.0/0"], "2001:db8::1", false),
            (["::/0"], "8.8.8.8", true), ([], "127.0.0.1", false), (["10.0.0.1", "192.0.2.1"], "192.0.2.1", true),
        ]
    )
    func addresses(entries: [String], peer: String, isAllowed: Bool) throws {
        let address = try #require(IPAddress(peer))
        #expect(try AddressRules(entries).allows(address) == isAllowed)
    }

    @Test("a local socket counts as 127.0.0.1")
    func localSocket() throws {
        #expect(IPAddress(try SocketAddress(unixDomainSocketPath: "/tmp/x")) == nil)
        #expect(AddressRules.loopback.allows(nil))
        #expect(try !AddressRules(["10.0.0.1"]).allows(nil))
    }

    @Test(
        "what is no address is an error that names it",
        arguments: [
            "", "localhost", "10.0.0", "10.0.0.0/33", "fd00::/129", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.0/ 8",
        ]
    )
    func badAddresses(entry: String) {
        #expect(throws: AddressRuleError(entry: entry)) { try AddressRules([entry]) }
    }

    // MARK: - Origins

    @Test(
        "an origin is allowed whole, or by its host",
        arguments: [
            ([], nil, true), (["*"], "https://any.example", true),
            (["https://app.example.com"], "https://app.example.com", true),
            (["https://app.example.com"], "HTTPS://APP.example.com", true),
            (["https://app.example.com"], "http://app.example.com", false),
            (["https://app.example.com"], "https://app.example.com:8443", false),
            (["example.com"], "https://example.com", true), (["example.com"], "http://sub.example.com:99", true),
            ([".example.com"], "http://sub.example.com", true), (["example.com"], "https://notexample.com", false),
            (["example.com"], "https://example.com.evil.net", false),
            (["example.com:99"], "http://example.com:99", true),
            (["example.com:99"], "http://example.com", false), (["example.com"], nil, false),
            (["example.com"], "null", false),
        ] as [([String], String?, Bool)]
    )
    func origins(entries: [String], origin: String?, isAllowed: Bool) {
        let headers = CORSPolicy(allowing: entries).headers(for: origin).fields
        #expect(headers[.accessControlAllowOrigin] == (isAllowed ? "*" : nil))
        #expect(headers[.accessControlMaxAge] == "86400")
    }

    // MARK: - The query

    @Test(
        "a parameter is decoded, and the last of several counts",
        arguments: [
            ("a=1&b=2", "1"), ("b=2", nil), ("a", ""), ("a=", ""), ("a=1&a=2", "2"), ("%61=x", "x"),
            ("a=%41+b%2B", "A b+"),
            ("a=%zz&x", "%zz"), ("a=%4", "%4"), ("a=%", "%"), ("a=b=c", "b=c"), ("&&a=1&&", "1"), ("", nil),
            ("a=%+1", "% 1"), ("a=%-0", "%-0"), ("a=%0-1", "%0-1"), ("a=% 1", "% 1"), ("a=%E2%82%AC", "€"),
            ("a=%ff", "\u{FFFD}"),
        ] as [(String, String?)]
    )
    func query(text: String, value: String?) {
        #expect(QueryParameters(Substring(text)).string("a") == value)
    }

    @Test(
        "a path is decoded as a query is, but for the plus sign",
        arguments: [
            ("a%20b", "a b"), ("a+b", "a+b"), ("%-0", "%-0"), ("%zz", "%zz"), ("%4", "%4"), ("%2fx%2Fy", "/x/y"),
            ("%E2%82%AC", "€"), ("%00", "\0"),
        ]
    )
    func pathParts(text: String, decoded: String) throws {
        let path: PathPattern = "/channels/{name}/history"
        let part = try #require(path.variable(in: "/channels/\(text)/history"))
        #expect(String(decoding: part, as: UTF8.self) == decoded)
    }

    @Test(
        "a number is digits and nothing else",
        arguments: [
            ("n=0", 0), ("n=17", 17), ("n=007", 7), ("n=", nil), ("n=-1", nil), ("n=%2B1", nil), ("n=1.0", nil),
            ("n=1e3", nil), ("n=%201", nil), ("n=99999999999999999999", nil),
        ] as [(String, UInt64?)]
    )
    func numbers(query: String, number: UInt64?) throws {
        let read = { (query: String) in
            Result { try Parameters.read(QueryParameters(Substring(query))) { $0.number("n") } }
        }
        if let number {
            #expect(try read(query).get() == number)
        } else {
            #expect(throws: Refusal(ValidationErrors("n", .notAnInteger))) { try read(query).get() }
        }
        #expect(try read("m=1").get() == nil)
    }

    // MARK: - The proxy

    @Test(
        "the proxy's prefix is cut off the path, and only whole segments of it",
        arguments: [
            ("/live", "/live/info", "/info"), ("/live/", "/live/info", "/info"), ("/live", "/info", "/info"),
            ("/live", "/liveinfo", "/liveinfo"), ("/live", "/live", "/live"), ("/a/b", "/a/b/c", "/c"),
            ("//evil.example", "//evil.example/info", "//evil.example/info"), ("", "/info", "/info"),
            ("/", "/info", "/info"), ("live", "/live/info", "/live/info"),
        ]
    )
    func prefix(header: String, target: String, path: String) {
        #expect(APIRequest(method: .get, target: target, headers: [.xScriptName: header]).path == path)
    }

    @Test(
        "links go where the client came from, and never where a header alone says",
        arguments: [
            ([:], "h:8000", nil, "http://h:8000/admin"), ([.xScheme: "https"], "h", nil, "https://h/admin"),
            ([.xURLScheme: "HTTPS", .xScheme: "http"], "h", nil, "https://h/admin"),
            ([.xScheme: "javascript"], "h", nil, "http://h/admin"),
            ([.xScheme: "http"], "h", "https", "https://h/admin"),
            ([.xScriptName: "/live"], "h", nil, "http://h/live/admin"),
            ([.xScriptName: "//evil.example"], "h", nil, "http://h/admin"),
            ([.xScriptName: "/a\"b"], "h", nil, "http://h/admin"), ([:], "evil.example/x?", nil, "/admin"),
            ([:], nil, nil, "/admin"), ([:], "[::1]:8000", nil, "http://[::1]:8000/admin"),
        ] as [(HTTPFields, String?, String?, String)]
    )
    func links(headers: HTTPFields, authority: String?, scheme: String?, url: String) {
        let request = APIRequest(
            method: .get,
            target: "/admin",
            authority: authority,
            headers: headers,
            forcedScheme: scheme
        )
        #expect(request.proxy.url(of: "/admin") == url)
    }

    @Test(
        "X-Forwarded-Proto is believed of trusted proxies, the nearest of them, and after what is meant for us",
        arguments: [
            ([.xForwardedProto: "https"], true), ([.xForwardedProto: "HTTPS"], true),
            ([.xForwardedProto: "http"], false),
            ([.xForwardedProto: "http, https"], true), ([.xForwardedProto: "https,http"], false),
            ([.xForwardedProto: "https", .xScheme: "http"], false), ([.xForwardedProto: "javascript"], false),
            ([.xForwardedProto: ""], false), ([:], false),
        ] as [(HTTPFields, Bool)]
    )
    func forwardedProto(headers: HTTPFields, cameOverHTTPS: Bool) {
        for isTrusted in [true, false] {
            let request = APIRequest(
                method: .get,
                target: "/admin",
                authority: "h",
                headers: headers,
                isFromTrustedProxy: isTrusted
            )
            #expect(request.proxy.cameOverHTTPS == (isTrusted && cameOverHTTPS))
            #expect(request.proxy.url(of: "/admin") == (isTrusted && cameOverHTTPS ? "https" : "http") + "://h/admin")
        }
    }

    @Test("path and query are parted at the first question mark")
    func target() {
        let request = APIRequest(method: .get, target: "/ws?conn_id=1?2")
        #expect(request.path == "/ws")
        #expect(request.query.string("conn_id") == "1?2")
    }
}
