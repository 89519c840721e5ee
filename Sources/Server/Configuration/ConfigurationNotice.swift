package import Logging

/// A remark for the operator about a configuration that is used all the same.
package enum ConfigurationNotice: Sendable, Equatable {
    /// A key that older files may hold, and that changes nothing here.
    case ignoredKey(String)
    /// A variable with our prefix that is none of ours; somebody may have it for another program.
    case unknownVariable(String, meant: String?)
    /// A secret stood between blanks or line ends, which do not count.
    case trimmedSecret(SettingOrigin)

    /// A constant text, as log messages are.
    package var message: Logger.Message {
        switch self {
        case .ignoredKey: "setting has no effect here"
        case .unknownVariable: "variable is no setting, so it has no effect"
        case .trimmedSecret:
            "secret was trimmed: the newline or blanks at its ends are not part of it; sign without them"
        }
    }

    /// The settings that the message is about.
    package var metadata: Logger.Metadata {
        switch self {
        case .ignoredKey(let key): ["key": "\(key)"]
        case .unknownVariable(let name, let meant?): ["variable": "\(name)", "meant": "\(meant)?"]
        case .unknownVariable(let name, nil): ["variable": "\(name)"]
        case .trimmedSecret(let origin): ["origin": "\(origin)"]
        }
    }
}

extension ConfigurationNotice: CustomStringConvertible {
    /// One line.
    package var description: String {
        "\(self.message) (" + self.metadata.map { "\($0.key): \($0.value)" }.sorted().joined(separator: ", ") + ")"
    }
}
