import Archive
import ArgumentParser
import EventLog
import LogValues
import RawJSON

/// `replay`: rebuilds the state from the first line.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Replays the log; with --check, compares every state digest that it recorded.",
        discussion: """
            Where retention dropped the first lines, the replay begins with the oldest snapshot. Stops at the first digest that differs, names the checkpoint, and ends with status 7.

            EXAMPLES
              channelstream-log replay data/hub
              channelstream-log replay data/hub --check
            """
    )

    @OptionGroup var log: LogArgument

    @Flag(name: .long, help: "Compare with the recorded state digests.")
    var check = false

    func run() throws {
        let directory = try self.log.resolve()
        let recorded = self.check ? try withToolFailures { try RecordedCheckpoint.all(in: LogReader(directory)) } : []
        let bar = ProgressBar("replaying", for: directory)
        let clock = ContinuousClock()
        let start = clock.now
        let result = try withToolFailures {
            try StateDigestCheck(
                directory,
                recorded,
                from: try ReplayStart.oldest(in: directory),
                onProgress: { bar.update($0, $1, $2) }
            ).run()
        }
        let seconds = (clock.now - start) / .seconds(1)
        bar.finish()
        try OutputBuffer.print(
            JSONWriter.line { writer in
                writer.member("lines", result.lineCount)
                writer.member("state", result.digest.map { "\($0)" })
                if let start = result.start { writer.member("from_snapshot", start.through.rawValue) }
                if self.check { writer.member("digests_checked", result.digestCount) }
                writer.member("unknown_types", result.unknownTypeCount)
                writer.member("events_per_second", seconds > 0 ? Int64(Double(result.lineCount) / seconds) : 0)
            }
        )
        if let finding = result.finding { throw ToolFailure(finding.status, finding.text) }
    }
}
