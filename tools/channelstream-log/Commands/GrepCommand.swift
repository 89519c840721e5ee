import ArgumentParser
import EventLog

/// `grep`: lines that hold a text.
struct GrepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grep",
        abstract: "Prints events that contain a text.",
        discussion: """
            Looks at the whole line, also at text that a client wrote with JSON escapes (\\u017c finds ż). The filters \
            narrow where to look. Ends with status 1 if nothing was found.

            EXAMPLES
              channelstream-log grep "see you at eight" data/hub
              channelstream-log grep -i gol data/hub --channel football -o table
              channelstream-log grep --regex '"amount": *[0-9]{4,}' data/hub --count
            """
    )

    @Argument(help: "The text to look for.")
    var pattern: String

    @OptionGroup var log: LogArgument
    @OptionGroup var filter: FilterOptions

    @Flag(name: [.short, .long], help: "Take upper and lower case for the same.")
    var ignoreCase = false

    @Flag(name: [.customShort("E"), .long], help: "The pattern is a regular expression.")
    var regex = false

    @Flag(name: [.short, .long], help: "Print how many lines there are, not the lines.")
    var count = false

    @Option(name: [.short, .long], help: "ndjson, table or csv.")
    var output: OutputFormat = .ndjson

    func validate() throws {
        guard !self.pattern.isEmpty else { throw ValidationError("the pattern is empty") }
    }

    func run() throws {
        let directory = try self.log.resolve()
        var filter = LineFilter(self.filter.conditions)
        var matcher = try TextMatcher(self.pattern, isRegex: self.regex, ignoresCase: self.ignoreCase)
        let output = OutputBuffer()
        var printer = LinePrinter(self.output, to: output)
        var found: UInt64 = 0
        let result = Result {
            try LogScan(directory: directory).forEachSoundLine(
                from: filter.firstLine,
                through: filter.lastLine
            ) { line in
                guard filter.wants(line), try matcher.matches(line.bytes) else { return }
                found += 1
                if !self.count { try printer.print(line) }
            }
        }
        if self.count {
            try output.append("\(found)\n")
            try output.flush()
        } else {
            try printer.finish()
        }
        if let failure = try withToolFailures({ try result.get() }).failure { throw failure }
        if found == 0 { throw ToolFailure(.negative, "nothing found") }
    }
}
