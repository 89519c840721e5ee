import Archive
import ArgumentParser
import EventLog
import LogValues
import Projections

/// `audience`: who could see a message.
struct AudienceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audience",
        abstract: "Prints who was connected and eligible when a message was posted, edited or deleted.",
        discussion: """
            One JSON line for each event about the message: the users whom it addressed and who had a connection in its \
            channel (or, for private messages, any connection), with their connections. `listening` tells whether a \
            listener held the connection at that moment; others get the event when they come back, as far as the hub \
            keeps it. Ends with status 1 if the log does not name the message.

            EXAMPLES
              channelstream-log audience 4f0c2b0e-7a8d-4c7e-9d3a-5b1e2f3a4b5c data/hub
              channelstream-log audience 4f0c2b0e-7a8d-4c7e-9d3a-5b1e2f3a4b5c data/hub | jq '.audience[].user'
            """
    )

    @Argument(help: "The message's uuid.")
    var uuid: UUIDArgument

    @OptionGroup var log: LogArgument

    func run() throws {
        let directory = try self.log.resolve()
        let output = OutputBuffer()
        let start = try withToolFailures { try ReplayStart.oldest(in: directory) }
        var replay = start.map { LogReplay(from: $0) } ?? LogReplay()
        if let start { Diagnostics.say("audiences are known from line \(start.name.through.next) on") }
        var isFound = false
        let bar = ProgressBar("replaying", for: directory)
        let result = Result {
            try LogScan(directory: directory).forEachSoundLine(from: start?.name.through.next) { line in
                let event = try replay.apply(line)
                if line.sequenceNumber.rawValue % 4096 == 0 {
                    bar.update(line.segment, line.blockOffset, line.sequenceNumber.rawValue)
                }
                guard let audience = Audience(event, of: self.uuid.uuid, in: replay.state) else { return }
                isFound = true
                try output.append(audience.json)
            }
        }
        bar.finish()
        try output.flush()
        if let failure = try withToolFailures({ try result.get() }).failure { throw failure }
        if !isFound { throw ToolFailure(.negative, "the log does not name message \(self.uuid.uuid)") }
    }
}
