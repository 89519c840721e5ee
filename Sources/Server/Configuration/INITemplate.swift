/// Writes a configuration as an INI file that reads back as the same configuration.
package enum INITemplate {
    /// A whole file: every key, with its meaning and what is allowed as comments above it.
    package static func render(_ configuration: Configuration) -> String {
        var text = """
            # Configuration of channelstream; `channelstream -i FILE` reads it.
            #
            # Every key may also be set by a variable (secret: CHANNELSTREAM_SECRET) or by an option (--secret), which
            # count more than this file. Secrets are better set by variables: other users can see options.
            # A percent sign is written %%.

            [\(ConfigurationLoader.sectionName)]

            """
        for section in SettingsTable.sections {
            text += "\n# --- \(section.title)\n"
            for setting in section.settings {
                text += "\n" + Self.render(setting, configuration)
            }
        }
        return text
    }

    private static func render(_ setting: Setting, _ configuration: Configuration) -> String {
        let notes = setting.isIgnored ? [setting.help] : [setting.help, "Allowed: \(setting.allowed)."]
        let comment = notes.map { SettingText.wrapped($0, width: 100).map { "# \($0)\n" }.joined() }.joined()
        let value = INIFile.escaped(setting.text(configuration))
        // Ignored keys are shown, and left out: a file that sets them would be told so at every start.
        let prefix = setting.isIgnored ? "#" : ""
        return comment + prefix + "\(setting.key) =" + (value.isEmpty ? "" : " \(value)") + "\n"
    }
}
