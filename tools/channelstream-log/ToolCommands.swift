import ArgumentParser

/// The subcommands, in the order in which `--help` lists them.
enum ToolCommands {
    static let all: [any ParsableCommand.Type] = [
        CatCommand.self,
        StatsCommand.self,
        ListCommand.self,
        VerifyCommand.self,
    ]
}
