/// Everything that is wrong with a configuration, at once: nobody should have to start a server five times to find
/// five typing errors.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// In the order of their sources: file, environment, command line, then what concerns several keys together.
    package let problems: [ConfigurationProblem]

    /// One line a problem, without a trailing newline.
    package var description: String {
        self.problems.map(\.description).joined(separator: "\n")
    }
}

/// One thing that is wrong: where, what, and what would be right.
package struct ConfigurationProblem: Sendable, Equatable, CustomStringConvertible {
    package let origin: SettingOrigin?
    package let what: String
    /// The values that are allowed, or what to do.
    package let remedy: String

    package var description: String {
        let place = self.origin.map { "\($0): " } ?? ""
        return "\(place)\(self.what); \(self.remedy)"
    }
}

/// Where a value came from.
package enum SettingOrigin: Sendable, Hashable, CustomStringConvertible {
    /// A line of an INI file, counted from 1; 0 stands for the file as a whole.
    case file(path: String, line: Int)
    case environment(variable: String)
    /// An option as it is typed, with its dashes.
    case option(String)
    /// A member of the object given to `make-config --json`.
    case json(key: String)

    package var description: String {
        switch self {
        case .file(let path, 0): path
        case .file(let path, let line): "\(path):\(line)"
        case .environment(let variable): variable
        case .option(let option): option
        case .json(let key): "--json, \(SettingText.quoted(key))"
        }
    }
}
