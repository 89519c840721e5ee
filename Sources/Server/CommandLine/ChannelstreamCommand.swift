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
              channelstream follow https://hub.example --data-dir copy --node-name node-2

            Exit status:
              0   stopped as asked, or the work is done
              1   could not start or go on: the address is taken, the log is damaged, …
              64  wrong usage of the command line
              65  the primary's history contradicts what this follower has seen
              73  the output file exists already, or cannot be written
              78  wrong configuration; every problem is listed
            """,
        version: ProductVersion.text,
        subcommands: [ServeCommand.self, FollowCommand.self, PromoteCommand.self, MakeConfigCommand.self],
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

/// The words of `channelstream follow`; what it does is in ``ChannelstreamProgram``.
struct FollowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow",
        abstract: "Serve a copy of another node's log, kept up with it, until SIGTERM or SIGINT.",
        discussion: """
            The log is fetched as it grows and checked as it comes: numbers, structure, hashes, and the signed checkpoints
            of the primary, whose key is pinned at the first contact unless --key gives it. Reads and listeners are
            served here; writes are handed on to the primary. Both nodes need the same `node_secret`, the primary's
            `allow_posting_from` must list this node, and this node needs a name of its own.

            All settings of `channelstream serve` hold here too; see `channelstream help serve`.

            Examples:
              channelstream follow http://10.0.0.1:8000 --data-dir copy --node-name node-2 --port 8001
              channelstream follow https://hub.example -i follower.ini --key 'channelstream/…+…+…'
              channelstream follow https://10.0.0.1:8443 --ca our-ca.pem --data-dir copy --node-name node-2

            Exit status: as for the program; 65 when the primary's history contradicts what was seen before.
            """
    )

    @Argument(help: ArgumentHelp("Where the primary answers: http://HOST:PORT or https://….", valueName: "url"))
    var url: String

    @Option(
        name: [.customShort("i"), .customLong("ini")],
        help: ArgumentHelp("Read settings from this INI file.", valueName: "file")
    )
    var file: String?

    @Option(help: ArgumentHelp("Trust this verifier key of the primary; may be given several times.", valueName: "key"))
    var key: [String] = []

    @Option(
        help: ArgumentHelp(
            "For https: trust the certificates in this PEM file, instead of those that the system trusts.",
            valueName: "file"
        )
    )
    var ca: String?

    @Argument(parsing: .allUnrecognized, help: .hidden)
    var settings: [String] = []
}

/// The words of `channelstream promote`; what it does is in ``ChannelstreamProgram``.
struct PromoteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Make a stopped follower's data directory one that decides for itself.",
        discussion: """
            For when the primary is gone for good, or has been stopped to move the service: from here on
            `channelstream serve` serves the directory, in a new epoch, and signs with this node's own key, which is
            printed. Make sure that the old primary never comes back: what both write from here on are two histories of
            one log, and followers refuse the one that contradicts what they have seen.

            Examples:
              channelstream promote --data-dir copy
              channelstream promote -i follower.ini && channelstream serve -i follower.ini
            """
    )

    @Option(
        name: [.customShort("i"), .customLong("ini")],
        help: ArgumentHelp("Read settings from this INI file.", valueName: "file")
    )
    var file: String?

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
