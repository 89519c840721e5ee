import Web

/// Puts a configuration together: defaults, then the INI file, then the environment, then the command line; what comes
/// later wins. (Channelstream reads the environment only when there is no file.)
///
/// It collects every problem before it throws, and touches neither files nor the process: what they hold is handed in.
package struct ConfigurationLoader: Sendable {
    private(set) var configuration = Configuration()
    private(set) var problems: [ConfigurationProblem] = []
    /// Where each key was set last, for problems that show only when all is read.
    private var origins: [String: SettingOrigin] = [:]

    package init() {}

    /// The section of the INI file that is ours; others may stand beside it.
    package static let sectionName = "channelstream"
    /// Names the INI file, as `-i` does.
    package static let fileVariable = "CHANNELSTREAM_INI"
    /// Variables with our prefix that are set for clients and tests, not for the server.
    private static let variablesOfOthers: Set<String> = [Self.fileVariable, "CHANNELSTREAM_URL"]

    /// Reads the text of an INI file; messages name its path as the operator gave it.
    package mutating func readINI(_ text: String, path: String) {
        let file = INIFile(parsing: text)
        for fault in file.faults { self.report(fault, path: path) }
        // What [DEFAULT] holds counts for our section too, but names of others are no mistakes there.
        for entry in file.defaults where SettingsTable.setting(entry.key) != nil {
            self.set(entry.key, to: entry.value, from: .file(path: path, line: entry.line))
        }
        guard let section = file.section(Self.sectionName) else {
            let near = SettingText.nearest(to: Self.sectionName, among: file.sectionNames)
            self.report(
                .file(path: path, line: 0),
                "has no section [\(Self.sectionName)]",
                near.map { "did you mean it where it says [\($0)]?" } ?? "begin it with [\(Self.sectionName)]"
            )
            return
        }
        for entry in section.entries {
            self.set(entry.key, to: entry.value, from: .file(path: path, line: entry.line))
        }
        for fault in section.faults { self.report(fault, path: path) }
    }

    /// Reads all variables that begin with `CHANNELSTREAM_`.
    package mutating func readEnvironment(_ environment: [String: String]) {
        let names = environment.keys.filter { $0.hasPrefix(Setting.variablePrefix) }.sorted()
        for name in names where !Self.variablesOfOthers.contains(name) {
            guard let value = environment[name] else { continue }
            let origin = SettingOrigin.environment(variable: name)
            let key = name.dropFirst(Setting.variablePrefix.count).lowercased()
            guard SettingsTable.setting(key)?.variable == name else {
                // Not an error, as a wrong key in a file is: variables are shared with other programs.
                let near = SettingText.nearest(to: name, among: SettingsTable.all.map(\.variable))
                self.configuration.note(.unknownVariable(SettingText.quoted(name), meant: near))
                continue
            }
            self.setTrimmed(key, to: value, from: origin)
        }
    }

    /// Reads long options, which are what the command line parser did not know itself.
    ///
    /// `--key value` and `--key=value`; for true-or-false keys also `--key` and `--no-key` alone.
    ///
    /// - Returns: What is wrong with the words themselves, for a usage error; wrong values become problems.
    package mutating func readOptions(_ words: [String]) -> [String] {
        var reader = OptionReader(words)
        while let option = reader.next() {
            self.setTrimmed(option.key, to: option.value, from: .option(option.name))
        }
        return reader.faults
    }

    /// Sets one key to a value without the blanks around it, which are never meant, and which an INI file cannot hold.
    ///
    /// Where they may have been meant, in a secret that somebody else signs with as it is, that is told.
    mutating func setTrimmed(_ key: String, to text: String, from origin: SettingOrigin) {
        let trimmed = SettingText.trimmed(text)
        if trimmed != text, SettingsTable.setting(key)?.isSecret == true {
            self.configuration.note(.trimmedSecret(origin))
        }
        self.set(key, to: trimmed, from: origin)
    }

    /// Sets one key, or remembers why not.
    mutating func set(_ key: String, to text: String, from origin: SettingOrigin) {
        guard let setting = SettingsTable.setting(key) else {
            let near = SettingText.nearest(to: key, among: SettingsTable.all.map(\.key))
            let what = "no such setting: \(SettingText.quoted(key))"
            self.report(origin, what, near.map { "did you mean \(SettingText.quoted($0))?" } ?? Self.listHint)
            return
        }
        guard setting.apply(text, &self.configuration) else {
            let value = setting.isSecret ? "this value" : SettingText.quoted(text)
            let what = "\(value) is not possible for \(setting.key)"
            self.report(origin, what, "allowed: \(setting.allowed)")
            return
        }
        self.origins[key] = origin
    }

    mutating func report(_ origin: SettingOrigin?, _ what: String, _ remedy: String) {
        self.problems.append(ConfigurationProblem(origin: origin, what: what, remedy: remedy))
    }

    /// The result, for serving.
    ///
    /// - Throws: All problems found, together with what is wrong only in combination.
    package consuming func finish() throws(ConfigurationError) -> Configuration {
        self.checkDefaultSecrets()
        self.checkNodeSecret()
        return try self.finishUnchecked()
    }

    /// The result, for writing it into a file: a template with the default secrets in it is no mistake.
    consuming func finishUnchecked() throws(ConfigurationError) -> Configuration {
        guard self.problems.isEmpty else { throw ConfigurationError(problems: self.problems) }
        return self.configuration
    }

    /// Whoever reads the documentation knows the default secrets, so they are good for one's own machine only.
    private mutating func checkDefaultSecrets() {
        let keys = self.configuration.defaultSecretKeys
        if keys.isEmpty || self.configuration.allowDefaultSecrets || self.configuration.listensOnLoopbackOnly { return }
        let verb = keys.count == 1 ? "has its" : "have their"
        self.report(
            self.origins["host"],
            "\(keys.joined(separator: " and ")) still \(verb) documented default, and other machines can reach"
                + " \(self.configuration.host)",
            "set \(keys.count == 1 ? "it" : "them"), or listen on 127.0.0.1, or set allow_default_secrets = true"
        )
    }

    /// What backends may do and what nodes may do are two things: one secret for both would make them one again.
    private mutating func checkNodeSecret() {
        let configuration = self.configuration
        guard !configuration.nodeSecret.isEmpty, configuration.nodeSecret == configuration.secret else { return }
        self.report(
            self.origins["node_secret"] ?? self.origins["secret"],
            "node_secret and secret are the same",
            "give node_secret a value that no backend knows, or leave it empty if no node follows this one"
        )
    }

    private mutating func report(_ fault: INIFile.Fault, path: String) {
        self.report(.file(path: path, line: fault.line), fault.what, fault.remedy)
    }

    private static let listHint = "`channelstream make-config` prints every setting"
}
