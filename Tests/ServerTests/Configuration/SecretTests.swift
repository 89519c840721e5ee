import Testing

@testable import Server
@testable import Web

@Suite("Secrets in descriptions")
struct SecretTests {
    private static let text = "hush, nobody may know"

    @Test("a secret is neither described, nor dumped, nor reflected")
    func secret() {
        let secret = Secret(Self.text)
        var dumped = ""
        dump(secret, to: &dumped)
        for shown in ["\(secret)", String(reflecting: secret), String(describing: secret), dumped] {
            #expect(!shown.contains("hush"), "\(shown)")
        }
        #expect(secret.revealed == Self.text)
    }

    @Test("no secret of the configuration is in what describes it, or something that holds it", arguments: Self.keys)
    func configuration(key: String) throws {
        struct Holder { let parts: [Configuration?] }
        var configuration = Configuration()
        let setting = try #require(SettingsTable.setting(key))
        #expect(setting.apply(Self.text, &configuration))
        #expect(setting.text(configuration) == Self.text)
        var dumped = ""
        dump(configuration, to: &dumped)
        let holder = Holder(parts: [configuration])
        for shown in ["\(configuration)", String(reflecting: configuration), "\(holder)", dumped] {
            #expect(!shown.contains("hush"), "\(shown)")
        }
    }

    @Test("every setting that is named a secret is one")
    func names() {
        #expect(Self.keys.count >= 3)
        for setting in SettingsTable.all where setting.key.hasSuffix("secret") {
            #expect(setting.isSecret, "\(setting.key)")
        }
    }

    private static let keys = SettingsTable.all.filter(\.isSecret).map(\.key)
}
