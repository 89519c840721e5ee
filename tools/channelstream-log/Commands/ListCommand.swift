import ArgumentParser
import EventLog
import LogValues
import RawJSON
import SystemPackage

/// `ls`: the segments of a log.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "Lists the segments: lines, sizes, time span, open or closed; and the snapshots.",
        discussion: """
            Times are the earliest and the latest of a segment's events. A log that does not begin with line 1 has lost its \
            first segments, to retention as a rule, and needs one of its snapshots. CSV lists segments only.

            EXAMPLES
              channelstream-log ls data/hub
              channelstream-log ls data/hub -o csv > segments.csv
            """
    )

    /// How the list comes out.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table
        case csv
        /// A JSON object a line.
        case ndjson
    }

    @OptionGroup var log: LogArgument

    @Option(name: [.short, .long], help: "table, csv or ndjson.")
    var output: Format = .table

    func run() throws {
        let directory = try self.log.resolve()
        var survey = SegmentSurvey(directory)
        let result = Result { try withToolFailures { try survey.run() } }
        let output = OutputBuffer()
        try output.append(SegmentList(rows: survey.rows).rendered(self.output))
        let snapshots = try withToolFailures { try SnapshotList(directory) }
        try output.append(snapshots.rendered(self.output))
        if snapshots.firstLine > .first { Diagnostics.say("the log begins with line \(snapshots.firstLine)") }
        try output.flush()
        if let failure = try result.get().failure { throw failure }
    }
}
