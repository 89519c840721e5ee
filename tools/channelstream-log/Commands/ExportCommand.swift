import ArgumentParser
import EventLog

/// `export`: everything about a person.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Prints everything that the log holds about a user.",
        discussion: """
            Lines that name the user as author, subject or addressee; those of the user's connections; edits and \
            deletions of the user's messages, whoever made them; and erasures of any of these lines. Ends with status 1 if \
            there is nothing.

            EXAMPLES
              channelstream-log export data/hub --user alice > alice.ndjson
              channelstream-log export data/hub --user alice -o csv > alice.csv
            """
    )

    @OptionGroup var log: LogArgument

    @Option(name: .long, help: "The user's name.")
    var user: String

    @Option(name: [.short, .long], help: "ndjson, table or csv.")
    var output: OutputFormat = .ndjson

    func run() throws {
        let directory = try self.log.resolve()
        let output = OutputBuffer()
        var printer = LinePrinter(self.output, to: output)
        var conditions = LineFilter.Conditions()
        conditions.users = [self.user]
        var filter = LineFilter(conditions)
        var count: UInt64 = 0
        let result = Result {
            try LogScan(directory: directory).forEachSoundLine { line in
                guard filter.wants(line) else { return }
                count += 1
                try printer.print(line)
            }
        }
        try printer.finish()
        if let failure = try withToolFailures({ try result.get() }).failure { throw failure }
        Diagnostics.say("\(count) events about \(self.user)")
        if count == 0 { throw ToolFailure(.negative, "the log does not name \(self.user)") }
    }
}
