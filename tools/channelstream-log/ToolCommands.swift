import ArgumentParser

/// The subcommands, in the order in which `--help` lists them.
enum ToolCommands {
    static let all: [any ParsableCommand.Type] = [
        CatCommand.self,
        GrepCommand.self,
        StatsCommand.self,
        ListCommand.self,
        VerifyCommand.self,
        StateCommand.self,
        DigestCommand.self,
        ReplayCommand.self,
        LineageCommand.self,
        AudienceCommand.self,
        ExportCommand.self,
        DiffCommand.self,
        RepairCommand.self,
        BackupCommand.self,
        EraseCommand.self,
        ProveCommand.self,
        CheckProofCommand.self,
    ]
}
