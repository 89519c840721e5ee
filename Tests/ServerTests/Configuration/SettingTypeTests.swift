import Logging
import Testing

@testable import Server

@Suite("How single values are written")
struct SettingTypeTests {
    @Test(
        "sizes take suffixes in steps of 1024, in any case",
        arguments: [
            ("64KiB", 65536), ("1MiB", 1_048_576), ("1mb", 1_048_576), ("1 M", 1_048_576), ("2g", 2 << 30), ("7", 7),
            ("7b", 7), ("0", 0),
        ]
    )
    func sizes(text: String, bytes: Int) {
        #expect(SizeText.parse(text) == bytes)
    }

    @Test(
        "what is no size is refused, also where it would overflow",
        arguments: [
            "", "k", "-1", "1.5m", "1mm", "1 k b", "9223372036854775807k", "99999999999999999999", "٣",
        ]
    )
    func badSizes(text: String) {
        #expect(SizeText.parse(text) == nil)
    }

    @Test(
        "a size is written with the largest unit that divides it",
        arguments: [
            (65536, "64KiB"), (1 << 20, "1MiB"), (1500, "1500"), (0, "0"), (3 << 30, "3GiB"),
        ]
    )
    func sizeTexts(bytes: Int, text: String) {
        #expect(SizeText.format(bytes) == text)
        #expect(SizeText.parse(text) == bytes)
    }

    @Test("times take units; a bare number counts what the key says")
    func durations() {
        #expect(DurationText.parse("15s", bareUnit: .seconds) == .seconds(15))
        #expect(DurationText.parse("500ms", bareUnit: .seconds) == .milliseconds(500))
        #expect(DurationText.parse("24h", bareUnit: .seconds) == .seconds(86400))
        #expect(DurationText.parse("2 D", bareUnit: .seconds) == .seconds(172_800))
        #expect(DurationText.parse("30", bareUnit: .seconds) == .seconds(30))
        #expect(DurationText.parse("30", bareUnit: .milliseconds) == .milliseconds(30))
    }

    @Test("what is no time is refused", arguments: ["", "s", "-1s", "1.5s", "1w", "9223372036854775807h"])
    func badDurations(text: String) {
        #expect(DurationText.parse(text, bareUnit: .seconds) == nil)
    }

    @Test(
        "a time is written with the largest unit that divides it",
        arguments: [
            (Duration.seconds(15), "15s"), (.seconds(86400), "24h"), (.milliseconds(1500), "1500ms"), (.zero, "0s"),
            (.seconds(120), "2m"),
        ]
    )
    func durationTexts(duration: Duration, text: String) {
        #expect(DurationText.format(duration) == text)
    }

    @Test("true and false have the words that Channelstream takes, and other words are errors")
    func booleans() {
        for word in ["true", "T", "yes", "y", "ON", "1"] { #expect(SettingType.boolean.parse(word) == true) }
        for word in ["false", "f", "no", "N", "off", "0", ""] { #expect(SettingType.boolean.parse(word) == false) }
        for word in ["maybe", "2", "truee"] { #expect(SettingType.boolean.parse(word) == nil) }
    }

    @Test("lists of addresses and networks take commas and lines, and names are refused")
    func addresses() {
        let type = SettingType<[String]>.addresses
        #expect(type.parse("127.0.0.1, ::1,\n 10.0.0.0/8,,fd00::/8") == ["127.0.0.1", "::1", "10.0.0.0/8", "fd00::/8"])
        #expect(type.parse("") == [])
        #expect(type.parse("localhost") == nil)
        for text in ["127.0.0.1/33", "fd00::/129", "127.0.0.1/", "127.0.0.1/x", "/8"] {
            #expect(type.parse(text) == nil)
        }
    }

    @Test("log levels have Python's names too")
    func logLevels() {
        for (word, level) in [("DEBUG", "debug"), ("WARN", "warning"), ("Fatal", "critical"), ("", "info")] {
            #expect(SettingType.logLevel.parse(word)?.rawValue == level)
        }
        #expect(SettingType.logLevel.parse("loud") == nil)
    }

    @Test(
        "a node's name has only what a signed note can hold",
        arguments: ["", "a b", "a+b", "ü", String(repeating: "x", count: 65)]
    )
    func badNodeNames(name: String) {
        #expect(SettingType<String>.nodeName.parse(name) == nil)
    }
}

@Suite("Typing errors are met with a suggestion")
struct SuggestionTests {
    @Test(
        "the distance counts letters changed, missing, added and swapped",
        arguments: [
            ("port", "port", 0), ("prot", "port", 1), ("porrt", "port", 1), ("por", "port", 1), ("bort", "port", 1),
            ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3),
        ]
    )
    func distance(a: String, b: String, distance: Int) {
        #expect(SettingText.editDistance(a, b) == distance)
    }

    @Test("only what is near is suggested")
    func nearest() {
        let keys = SettingsTable.all.map(\.key)
        #expect(SettingText.nearest(to: "adminuser", among: keys) == "admin_user")
        #expect(SettingText.nearest(to: "data_dri", among: keys) == "data_dir")
        #expect(SettingText.nearest(to: "colour", among: keys) == nil)
        #expect(SettingText.nearest(to: String(repeating: "x", count: 10_000), among: keys) == nil)
    }
}
