import ArgumentParser
import EventLog
import Projections

/// `lineage`: what became of a message.
struct LineageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lineage",
        abstract: "Prints a message's post, edits, deletion and erasure.",
        discussion: """
            Ends with status 1 if the log does not name the message. Of a damaged log, only lines are shown of which it is \
            known that they were written, as `cat` does.

            EXAMPLES
              channelstream-log lineage 4f0c2b0e-7a8d-4c7e-9d3a-5b1e2f3a4b5c data/hub
              channelstream-log lineage 4f0c2b0e-7a8d-4c7e-9d3a-5b1e2f3a4b5c data/hub -o table
            """
    )

    @Argument(help: "The message's uuid.")
    var uuid: UUIDArgument

    @OptionGroup var log: LogArgument

    @Option(name: [.short, .long], help: "ndjson, table or csv.")
    var output: OutputFormat = .ndjson

    func run() throws {
        let directory = try self.log.resolve()
        let output = OutputBuffer()
        var printer = LinePrinter(self.output, to: output)
        var lines: [MessageTrail.Line] = []
        let result = Result {
            try LogScan(directory: directory).forEachSoundLine { line in
                guard let kind = MessageTrail.kind(of: line, self.uuid.uuid, lines) else { return }
                lines.append(MessageTrail.Line(number: line.sequenceNumber, kind: kind))
                try printer.print(line)
            }
        }
        try printer.finish()
        if let failure = try withToolFailures({ try result.get() }).failure { throw failure }
        // The post comes first: where it is not there, it may be among what was dropped.
        let dropped =
            try lines.first?.kind == .post
            ? nil
            : withToolFailures {
                try DroppedLines.explanation(in: directory)
            }
        guard !lines.isEmpty else {
            throw ToolFailure(
                .negative,
                "the log does not name message \(self.uuid.uuid)"
                    + (dropped.map { "; \($0), and it may have been among them" } ?? "")
            )
        }
        if let dropped { Diagnostics.say("\(dropped): what was there about message \(self.uuid.uuid) is gone") }
    }
}
