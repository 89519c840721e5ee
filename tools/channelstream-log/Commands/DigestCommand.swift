import ArgumentParser
import EventLog
import LogValues
import Projections
import RawJSON

/// `digest`: state digest and root at a place.
struct DigestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "digest",
        abstract: "Prints the state digest and the Merkle root as of a line or a moment.",
        discussion: """
            Two logs with the same history give the same digests, wherever and by whatever they are replayed.

            EXAMPLES
              channelstream-log digest data/hub
              channelstream-log digest data/hub --at 1200 | jq -r .state
            """
    )

    @OptionGroup var log: LogArgument

    @Option(name: .long, help: "A line's number, or a time as for `cat --since`.")
    var at: LogPlace?

    func run() throws {
        var found = try StateAt(try self.log.resolve(), at: self.at, computesRoot: true)
        try OutputBuffer.print(
            JSONWriter.line { writer in
                writer.member("position", found.state.position.rawValue)
                writer.member("time", found.time.map { "\($0)" })
                writer.member("state", "\(found.digest())")
                writer.member("root", "\(found.tree.root)")
            }
        )
    }
}
