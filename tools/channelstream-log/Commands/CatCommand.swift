import ArgumentParser
import EventLog

/// `cat`: the lines of a log.
struct CatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cat",
        abstract: "Prints events as they are in the log.",
        discussion: """
            Prints the frames before the first damage, and of the frame that is still being written the lines that have \
            the hash which was recorded beside the log, or of which none was; then says what is wrong on standard \
            error and ends with its exit status.

            EXAMPLES
              channelstream-log cat data/hub | jq -r .type | sort | uniq -c
              channelstream-log cat data/hub --type 'message.*' --channel room-1 --since 2h -o table
              channelstream-log cat data/hub --from 1200 --follow
            """
    )

    @OptionGroup var log: LogArgument
    @OptionGroup var filter: FilterOptions

    @Option(name: [.short, .long], help: "ndjson, table or csv.")
    var output: OutputFormat = .ndjson

    @Flag(name: [.short, .long], help: "At the end, wait for more, until interrupted.")
    var follow = false

    func run() throws {
        let directory = try self.log.resolve()
        var filter = LineFilter(self.filter.conditions)
        let output = OutputBuffer()
        var printer = LinePrinter(self.output, to: output)
        // Whatever ends the reading, lines before it are printed first.
        let result = Result { () throws -> LogScan.Ending in
            if self.follow {
                try LiveTail(directory).forEachLine(
                    from: filter.firstLine,
                    through: filter.lastLine,
                    beforePause: { try output.flush() },
                    body: { line in if filter.wants(line) { try printer.print(line) } }
                )
                return .complete(.through)
            }
            return try LogScan(directory: directory).forEachSoundLine(
                from: filter.firstLine,
                through: filter.lastLine
            ) { line in
                if filter.wants(line) { try printer.print(line) }
            }
        }
        try printer.finish()
        if let failure = try withToolFailures({ try result.get() }).failure { throw failure }
    }
}
