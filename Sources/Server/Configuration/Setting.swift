import Web

/// One key of the configuration: its name, what it means, and how it is read and written.
struct Setting: Sendable {
    /// As in the INI file: lower case with underscores.
    let key: String
    /// One or more sentences, for the comment in the INI file, for `--help` and for the documentation.
    let help: String
    let allowed: String
    let placeholder: String
    let isBoolean: Bool
    /// Secrets never stand in a message, nor in a log; all that are a ``Secret``.
    let isSecret: Bool
    /// Accepted for the sake of existing files, and without effect.
    let isIgnored: Bool
    /// Puts a value into a configuration; false when the text is not allowed.
    let apply: @Sendable (String, inout Configuration) -> Bool
    /// The value of a configuration as text that ``apply`` takes.
    let text: @Sendable (Configuration) -> String

    init<Value>(
        _ key: String,
        _ path: any WritableKeyPath<Configuration, Value> & Sendable,
        _ type: SettingType<Value>,
        _ help: String
    ) {
        self.key = key
        self.help = help
        self.allowed = type.allowed
        self.placeholder = type.placeholder
        self.isBoolean = Value.self == Bool.self
        self.isSecret = Value.self == Secret.self
        self.isIgnored = false
        self.apply = { text, configuration in
            guard let value = type.parse(text) else { return false }
            configuration[keyPath: path] = value
            return true
        }
        self.text = { type.format($0[keyPath: path]) }
    }

    /// A key that upstream's files may hold and that means nothing here.
    init(ignored key: String, default text: String, _ help: String) {
        self.key = key
        self.help = help
        self.allowed = "anything"
        self.placeholder = "TEXT"
        self.isBoolean = false
        self.isSecret = false
        self.isIgnored = true
        self.apply = { _, configuration in
            configuration.note(.ignoredKey(key))
            return true
        }
        self.text = { _ in text }
    }

    /// The environment's spelling, such as `CHANNELSTREAM_DATA_DIR`.
    var variable: String { Self.variablePrefix + self.key.uppercased() }

    /// The command line's spelling, such as `--data-dir`.
    var option: String { "--" + self.key.split(separator: "_").joined(separator: "-") }

    static let variablePrefix = "CHANNELSTREAM_"
}
