/// Takes settings out of the words of a command line.
struct OptionReader {
    struct Option: Equatable {
        let key: String
        /// As it was typed, with its dashes.
        let name: String
        let value: String
    }

    private var words: ArraySlice<String>
    /// Words that are no setting, and settings without a value.
    private(set) var faults: [String] = []

    init(_ words: [String]) {
        self.words = words[...]
    }

    /// The next setting, with wrong words passed over.
    mutating func next() -> Option? {
        while let word = self.words.popFirst() {
            guard word.hasPrefix("--"), word != "--" else {
                self.faults.append("unexpected argument \(SettingText.quoted(word))")
                continue
            }
            if let option = self.option(word) { return option }
        }
        return nil
    }

    private mutating func option(_ word: String) -> Option? {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        // Underscores are accepted as well: they are how the keys are spelled everywhere else.
        let key = name.dropFirst(2).split(separator: "-", omittingEmptySubsequences: false).joined(separator: "_")
        if let setting = SettingsTable.setting(key) {
            if parts.count == 2 { return Option(key: key, name: name, value: String(parts[1])) }
            if setting.isBoolean { return Option(key: key, name: name, value: self.popBoolean(setting) ?? "true") }
            if let value = self.words.first, !value.hasPrefix("--") {
                self.words.removeFirst()
                return Option(key: key, name: name, value: value)
            }
            self.faults.append("\(name) needs a value: \(setting.allowed)")
            return nil
        }
        if parts.count == 1, key.hasPrefix("no_"), SettingsTable.setting(String(key.dropFirst(3)))?.isBoolean == true {
            return Option(key: String(key.dropFirst(3)), name: name, value: "false")
        }
        let near = SettingText.nearest(to: name, among: SettingsTable.all.map(\.option))
        self.faults.append("unknown option \(SettingText.quoted(name))" + (near.map { "; did you mean \($0)?" } ?? ""))
        return nil
    }

    /// The word after a true-or-false option, if it is its value.
    private mutating func popBoolean(_ setting: Setting) -> String? {
        guard let word = self.words.first, !word.hasPrefix("-") else { return nil }
        self.words.removeFirst()
        return word
    }
}
