import ArgumentParser
import EventLog
import RawJSON

/// `stats`: counts and sizes.
struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Counts events by type, channel, user and hour; sizes and time span.",
        discussion: """
            A line counts for a user if its data names them as author or subject, and for every channel that it names. \
            Sizes are of the lines, uncompressed.

            EXAMPLES
              channelstream-log stats data/hub
              channelstream-log stats data/hub --since 7d --top 20
              channelstream-log stats data/hub -o json | jq '.hours'
              channelstream-log stats data/hub --plot evening.svg
            """
    )

    /// How the figures come out.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table
        case json
    }

    @OptionGroup var log: LogArgument
    @OptionGroup var filter: FilterOptions

    @Option(name: .long, help: "How many channels, users and hours to list; 0: all.")
    var top = 10

    @Option(name: [.short, .long], help: "table or json.")
    var output: Format = .table

    @Option(name: .long, help: "Also draw events per hour and per type into this SVG file.", completion: .file())
    var plot: String?

    func validate() throws {
        guard self.top >= 0 else { throw ValidationError("--top takes a count") }
    }

    func run() throws {
        let directory = try self.log.resolve()
        var filter = LineFilter(self.filter.conditions)
        var statistics = LogStatistics()
        let result = Result {
            try LogScan(directory: directory).forEachLine(
                from: filter.firstLine,
                through: filter.lastLine
            ) { cursor in
                if filter.wants(cursor.line) { statistics.add(cursor.line) }
            }
        }
        let report = StatisticsReport(
            statistics: statistics,
            limit: self.top == 0 ? .max : self.top,
            fileSizeBytes: filter.takesAll && self.filter.conditions == LineFilter.Conditions()
                ? try withToolFailures { try FileSizes.size(ofLogIn: directory) } : nil
        )
        let output = OutputBuffer()
        switch self.output {
        case .table: try output.append(report.text)
        case .json: try output.append(report.json)
        }
        try output.flush()
        if let plot { try StatisticsPlot(statistics).write(to: plot) }
        if let failure = try withToolFailures({ try result.get() }).failure { throw failure }
    }
}
