/// The settings as documentation: for the terminal and for `docs/operations.md`.
package enum SettingsDocumentation {
    /// One Markdown table a section, with headings of the third level.
    package static var markdown: String {
        let defaults = Configuration()
        return
            SettingsTable.sections.map { section in
                let rows = section.settings.map { setting in
                    let value = setting.text(defaults)
                    let shown = setting.isIgnored || value.isEmpty ? "" : "`\(value)`"
                    let allowed = setting.isIgnored ? "" : " Allowed: \(setting.allowed)."
                    return "| `\(setting.key)` | \(shown) | \(setting.help)\(allowed) |\n"
                }
                return "### \(section.title)\n\n| Key | Default | Meaning |\n| --- | --- | --- |\n" + rows.joined()
            }
            .joined(separator: "\n")
    }

    /// The options of `channelstream serve`, for `--help`, in lines of at most 79 characters.
    static var options: String {
        Self.sections { setting in
            let value = setting.isSecret ? "" : setting.text(Configuration())
            let help = setting.help + (value.isEmpty ? "" : " [\(value)]")
            let lines = SettingText.wrapped(help, width: 73)
            return "  \(setting.option) \(setting.placeholder)\n" + lines.map { "      \($0)\n" }.joined()
        }
    }

    /// The settings that have an effect, with the sections' titles above them.
    private static func sections(_ describe: (Setting) -> String) -> String {
        let parts = SettingsTable.sections.compactMap { section -> String? in
            let settings = section.settings.filter { !$0.isIgnored }
            return settings.isEmpty ? nil : "\(section.title)\n" + settings.map(describe).joined()
        }
        return parts.joined(separator: "\n")
    }
}
