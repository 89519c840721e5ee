import Logging
import Projections
import Web

/// How the values of a setting are written: reading, writing back, and the sentence that says what is allowed.
struct SettingType<Value>: Sendable {
    /// Completes "allowed: …".
    let allowed: String
    /// How the value stands in `--help`, such as `SIZE`.
    let placeholder: String
    /// Reads a text; nil when it is not allowed.
    let parse: @Sendable (String) -> Value?
    /// The shortest text that ``parse`` reads back as this value.
    let format: @Sendable (Value) -> String
}

extension SettingType where Value == Bool {
    /// The words that Channelstream accepts; everything else is an error here, where it silently means false there.
    static let boolean = SettingType(allowed: "true or false (also yes, no, on, off, 1, 0)", placeholder: "BOOL") {
        switch $0.lowercased() {
        case "true", "t", "yes", "y", "on", "1": true
        case "false", "f", "no", "n", "off", "0", "": false
        default: nil
        }
    } format: {
        $0 ? "true" : "false"
    }
}

extension SettingType where Value == Int {
    static func integer(_ range: ClosedRange<Int>) -> SettingType {
        SettingType(allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)", placeholder: "N") {
            guard $0.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int($0) else { return nil }
            return range.contains(number) ? number : nil
        } format: {
            String($0)
        }
    }

    /// A size in bytes.
    ///
    /// Every suffix counts in steps of 1024, however it is spelled: `1mb`, `1MiB` and `1M` are equal.
    static func size(_ range: ClosedRange<Int>) -> SettingType {
        let bounds = "\(SizeText.format(range.lowerBound)) to \(SizeText.format(range.upperBound))"
        return SettingType(allowed: "a size such as 64KiB or 1MiB, from \(bounds)", placeholder: "SIZE") {
            guard let size = SizeText.parse($0), range.contains(size) else { return nil }
            return size
        } format: {
            SizeText.format($0)
        }
    }
}

extension SettingType where Value == Duration {
    /// A time from a range; `bareUnit` is what a number without a unit counts.
    static func duration(_ range: ClosedRange<Duration>, bareUnit: DurationText.Unit = .seconds) -> SettingType {
        let bounds = "\(DurationText.format(range.lowerBound)) to \(DurationText.format(range.upperBound))"
        let bare = "a bare number counts \(bareUnit.name)"
        return SettingType(
            allowed: "a time such as 500ms, 15s or 24h, from \(bounds); \(bare)",
            placeholder: "TIME"
        ) {
            guard let duration = DurationText.parse($0, bareUnit: bareUnit), range.contains(duration) else {
                return nil
            }
            return duration
        } format: {
            DurationText.format($0)
        }
    }
}

extension SettingType where Value == Secret {
    /// As text of a ``Secret``; the type is what makes a setting one that no message shows.
    static let secret = Self(SettingType<String>.text)
    static let nonEmptySecret = Self(SettingType<String>.nonEmptyText)

    private init(_ text: SettingType<String>) {
        self.init(allowed: text.allowed, placeholder: text.placeholder) {
            text.parse($0).map { Secret($0) }
        } format: {
            $0.revealed
        }
    }
}

extension SettingType where Value == String {
    static let text = SettingType(allowed: "any text of one line", placeholder: "TEXT") {
        Self.isOneLine($0) ? $0 : nil
    } format: {
        $0
    }

    static let nonEmptyText = SettingType(allowed: "text of one line, not empty", placeholder: "TEXT") {
        $0.isEmpty || !Self.isOneLine($0) ? nil : $0
    } format: {
        $0
    }

    fileprivate static func isOneLine(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 }
    }

    static let path = SettingType(allowed: "the path of a directory", placeholder: "DIR") {
        $0.isEmpty || !Self.isOneLine($0) ? nil : $0
    } format: {
        $0
    }

    static let host = SettingType(
        allowed: "an IP address or a host name to listen on; 0.0.0.0 and :: are every address",
        placeholder: "ADDRESS"
    ) {
        let isName = $0.utf8.allSatisfy { byte in
            (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2d || byte == 0x2e
        }
        return IPAddress($0) != nil || (isName && !$0.isEmpty) ? $0 : nil
    } format: {
        $0
    }

    static let nodeName = SettingType(
        allowed: "1 to \(NodeName.lengthLimit) letters, digits, dots, dashes or underscores",
        placeholder: "NAME"
    ) {
        NodeName(allowed: $0) == nil ? nil : $0
    } format: {
        $0
    }
}

extension SettingType where Value == [String] {
    static let addresses = SettingType(
        allowed: "a list of addresses and networks such as 10.0.0.7, 10.0.0.0/8, fd00::/8; 0.0.0.0 is every address",
        placeholder: "LIST"
    ) {
        let items = Self.items(of: $0)
        return (try? AddressRules(items)) == nil ? nil : items
    } format: {
        $0.joined(separator: ", ")
    }

    static let texts = SettingType(allowed: "a list with commas between its items", placeholder: "LIST") {
        Self.items(of: $0)
    } format: {
        $0.joined(separator: ", ")
    }

    /// The pieces between commas and line ends, without blanks around them and without empty ones.
    fileprivate static func items(of text: String) -> [String] {
        text.split { $0 == "," || $0 == "\n" }.map { SettingText.trimmed($0) }.filter { !$0.isEmpty }
    }
}

extension SettingType where Value == AllowedOrigins {
    static let origins = SettingType(
        allowed: "* for all, or a list such as https://chat.example, https://chat.example:8443",
        placeholder: "LIST"
    ) {
        let items = SettingType<[String]>.items(of: $0)
        guard !items.isEmpty, items != ["*"] else { return .any }
        var origins: [WebOrigin] = []
        for item in items {
            guard let origin = WebOrigin(item) else { return nil }
            origins.append(origin)
        }
        return .only(origins)
    } format: {
        switch $0 {
        case .any: "*"
        case .only(let origins): origins.map(\.description).joined(separator: ", ")
        }
    }
}

extension SettingType where Value == Logger.Level {
    /// Python's names of levels are accepted beside ours; nothing at all means `info`, as in Channelstream.
    static let logLevel = SettingType(
        allowed: Logger.Level.allCases.map(\.rawValue).joined(separator: ", "),
        placeholder: "LEVEL"
    ) {
        switch $0.lowercased() {
        case "": .info
        case "warn": .warning
        case "fatal": .critical
        case "notset": .trace
        case let name: Logger.Level(rawValue: name)
        }
    } format: {
        $0.rawValue
    }
}

extension SettingType {
    /// One of an enum's cases, by its raw value.
    static func choice() -> SettingType where Value: CaseIterable & RawRepresentable<String> & SendableMetatype {
        SettingType(allowed: Self.names(Value.self), placeholder: "NAME") {
            Value(rawValue: $0)
        } format: {
            $0.rawValue
        }
    }

    /// The same, or nothing.
    static func optionalChoice<Choice: CaseIterable & RawRepresentable<String> & SendableMetatype>() -> SettingType
    where Value == Choice? {
        SettingType(allowed: Self.names(Choice.self) + ", or nothing", placeholder: "NAME") {
            // The outer optional says whether the text is allowed, the inner one is the value.
            $0.isEmpty ? .some(nil) : Choice(rawValue: $0).map { .some($0) }
        } format: {
            $0?.rawValue ?? ""
        }
    }

    /// The values that another type allows, or nothing.
    static func optional<Wrapped>(_ type: SettingType<Wrapped>) -> SettingType where Value == Wrapped? {
        SettingType(allowed: type.allowed + ", or nothing", placeholder: type.placeholder) {
            // The outer optional says whether the text is allowed, the inner one is the value.
            $0.isEmpty ? .some(nil) : type.parse($0).map { .some($0) }
        } format: {
            $0.map(type.format) ?? ""
        }
    }

    private static func names<Choice: CaseIterable & RawRepresentable<String> & SendableMetatype>(_ type: Choice.Type)
        -> String
    {
        let names = type.allCases.map(\.rawValue)
        return names.count == 1 ? "only \(names[0])" : names.joined(separator: ", ")
    }
}
