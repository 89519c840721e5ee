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
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("lines")
        writer.integer(result.lineCount)
        writer.key("state")
        if let digest = result.digest { writer.string("\(digest)") } else { writer.null() }
        if let start = result.start {
            writer.key("from_snapshot")
            writer.integer(start.through.rawValue)
        }
        if self.check {
            writer.key("digests_checked")
            writer.integer(result.digestCount)
        }
        writer.key("unknown_types")
        writer.integer(result.unknownTypeCount)
        writer.key("events_per_second")
        writer.integer(seconds > 0 ? Int64(Double(result.lineCount) / seconds) : 0)
        writer.endObject()
        let output = OutputBuffer()
        try output.append(writer.bytes + [UInt8(ascii: "\n")])
        try output.flush()
        if let finding = result.finding { throw ToolFailure(finding.status, finding.text) }
    }
}
