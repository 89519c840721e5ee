import Testing

@testable import Server
@testable import Web

@Suite("Origins that may open a websocket")
struct AllowedOriginsTests {
    @Test("by default, all may")
    func any() {
        #expect(AllowedOrigins.any.allows("https://anywhere.example"))
        #expect(AllowedOrigins.any.allows("null"))
    }

    @Test(
        "an origin is matched whole, with case and the scheme's own port made equal",
        arguments: [
            ("https://chat.example", true), ("https://CHAT.example", true), ("https://chat.example:443", true),
            ("http://chat.example", false), ("https://chat.example:8443", false), ("https://evil-chat.example", false),
            ("https://chat.example.evil.example", false), ("https://a.chat.example", false), ("null", false),
            ("", false),
            ("https://chat.example@evil.example", false), ("https://chat.example/x", false),
        ]
    )
    func whole(header: String, isAllowed: Bool) throws {
        let origins = try #require(SettingType.origins.parse("https://chat.example, http://127.0.0.1:8080"))
        #expect(origins.allows(header) == isAllowed)
    }

    @Test("a client that sends no origin is no browser, and passes")
    func absent() throws {
        #expect(try #require(SettingType.origins.parse("https://chat.example")).allows(nil))
    }

    @Test(
        "an entry that is no origin is refused",
        arguments: [
            "chat.example", "ftp://chat.example", "https://", "https://chat.example:0", "https://chat.example:x",
            "https://chat.example/path", "https://chat.example, *", "https://[::1", "https://a b",
        ]
    )
    func badEntries(text: String) {
        #expect(SettingType.origins.parse(text) == nil)
    }

    @Test("IPv6 addresses and other ports are kept")
    func texts() {
        #expect(WebOrigin("http://[::1]:8080/")?.description == "http://[::1]:8080")
        #expect(WebOrigin("https://[::1]")?.port == 443)
    }
}
