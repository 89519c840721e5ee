import ArgumentParser

/// `benchmarks`: what the server and its parts cost, measured, kept and written into the documentation.
@main
struct BenchmarksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmarks",
        abstract: "Measures the server beside its yardstick, and its parts alone.",
        discussion: """
            `tools/measure` builds what is needed and calls this. Results are kept in docs/performance/results.json, \
            each with the machine, date and commit of its run; `docs` makes the tables and plots of \
            docs/performance.md from that file.

            EXAMPLES
              benchmarks rawjson.scan           micro-benchmarks whose names start like this
              benchmarks load --quick           the server beside `limit`, in under two minutes
              benchmarks load --rows delivery --write-docs
            """,
        subcommands: [
            MicroCommand.self, LoadCommand.self, DiskCommand.self, LogToolCommand.self, ProfileCommand.self,
            AllocationsCommand.self, DocumentCommand.self,
        ],
        defaultSubcommand: MicroCommand.self
    )
}
