import ArgumentParser

/// The root of the command line: without a subcommand, it serves.
struct ChannelstreamCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "channelstream",
        abstract: "Messages, presence and history for web applications, on an append-only log.",
        discussion: """
            Without a subcommand, it serves; see `channelstream help serve`.

            Examples:
              channelstream                       serve on 127.0.0.1:8000
              channelstream --port 9000 --data-dir /var/lib/channelstream
              channelstream make-config -o c.ini  write every setting into a file
              channelstream -i c.ini              serve with that file

            Exit status:
              0   stopped as asked, or the work is done
              1   could not start or go on: the address is taken, the log is damaged, …
              64  wrong usage of the command line
              73  the output file exists already, or cannot be written
              78  wrong configuration; every problem is listed
            """,
        version: ProductVersion.text,
        subcommands: [ServeCommand.self, MakeConfigCommand.self],
        defaultSubcommand: ServeCommand.self
    )
}

/// The words of `channelstream serve`; what it does is in ``ChannelstreamProgram``.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve until SIGTERM or SIGINT.",
        discussion: """
            Settings come from these places; the later ones count more:
              1. the defaults below, in brackets
              2. the INI file of -i, or of the variable CHANNELSTREAM_INI
              3. variables: CHANNELSTREAM_DATA_DIR for data_dir, and so on
              4. options: --data-dir DIR or --data-dir=DIR; --debug or --no-debug

            Examples:
              channelstream serve -i channelstream.ini
              channelstream serve --durability interval --durability-interval 50ms
              channelstream serve -i channelstream.ini --check

            \(SettingsDocumentation.options)
            """
    )

    @Option(
        name: [.customShort("i"), .customLong("ini")],
        help: ArgumentHelp("Read settings from this INI file.", valueName: "file")
    )
    var file: String?

    @Flag(help: "Check the configuration, say what is wrong with it, and exit.")
    var check = false

    // The options of the settings are not declared one by one: the table of settings is their only list.
    @Argument(parsing: .allUnrecognized, help: .hidden)
    var settings: [String] = []
}

/// The words of `channelstream make-config`; what it does is in ``ChannelstreamProgram``.
struct MakeConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make-config",
        abstract: "Write an INI file with every setting, explained.",
        discussion: """
            The values are the defaults, changed by the variables CHANNELSTREAM_… or, if it is given, by --json instead.

            Examples:
              channelstream make-config
              channelstream make-config -o channelstream.ini
              channelstream make-config -o channelstream.ini -j '{"secret": "…", "port": 9000}'
            """,
        aliases: ["make_config"]
    )

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write into this file, readable by its owner only, instead of printing.", valueName: "file")
    )
    var output: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Take values from this JSON object.", valueName: "object")
    )
    var json: String?

    @Flag(help: "Replace the output file if it exists.")
    var force = false

    @Flag(help: "Print the tables of settings that stand in docs/operations.md, and nothing else.")
    var markdown = false
}
