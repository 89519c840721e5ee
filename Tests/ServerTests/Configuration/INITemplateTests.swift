import Foundation
import Logging
import Testing

@testable import Server
@testable import Web

@Suite("Configuration files and pages that are made from the table of settings")
struct INITemplateTests {
    @Test("the default configuration in data/ is what make-config writes")
    func dataFile() throws {
        let file = try String(contentsOf: Self.root.appending(path: "data/channelstream.ini"), encoding: .utf8)
        #expect(
            file == INITemplate.render(Configuration()),
            "make it anew: channelstream make-config --force -o data/channelstream.ini"
        )
    }

    @Test("what is written reads back as the same configuration")
    func roundTrip() throws {
        var configuration = Configuration()
        configuration.secret = "50% %(secret)s = # ; all of it"
        configuration.cookieSecret = "ü🐢"
        configuration.allowPostingFrom = ["10.0.0.1", "::1"]
        configuration.allowCORS = ["https://a.example", "b.example"]
        configuration.allowedOrigins = SettingType.origins.parse("https://a.example, http://[::1]:81") ?? .any
        configuration.httpScheme = .https
        configuration.durability = .interval
        configuration.durabilityInterval = .milliseconds(1500)
        configuration.segmentSize = 100_000
        configuration.snapshotInterval = 0
        configuration.retentionAge = .seconds(90 * 86400)
        configuration.retentionSize = 20 << 30
        configuration.debug = true
        configuration.logLevel = .warning
        var loader = ConfigurationLoader()
        loader.readINI(INITemplate.render(configuration), path: "c.ini")
        #expect(try loader.finish() == configuration)
    }

    @Test("every key is in the file, and keys without effect are commented out")
    func everyKey() {
        let lines = INITemplate.render(Configuration()).split(separator: "\n")
        for setting in SettingsTable.all {
            let start = (setting.isIgnored ? "#" : "") + setting.key + " ="
            #expect(lines.contains { $0.hasPrefix(start) }, "\(setting.key)")
        }
    }

    @Test("every default is written as its own type reads it", arguments: SettingsTable.all.map(\.key))
    func defaultsParse(key: String) throws {
        let setting = try #require(SettingsTable.setting(key))
        var configuration = Configuration()
        #expect(setting.apply(setting.text(configuration), &configuration))
        configuration.notices = []
        #expect(configuration == Configuration())
    }

    @Test("the table in docs/operations.md is what the table of settings says")
    func documentation() throws {
        let page = try String(contentsOf: Self.root.appending(path: "docs/operations.md"), encoding: .utf8)
        #expect(page.contains(SettingsDocumentation.markdown), "print it: channelstream make-config --markdown")
    }

    /// The repository's folder, found from this file: Tests/ServerTests/Configuration.
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
}
