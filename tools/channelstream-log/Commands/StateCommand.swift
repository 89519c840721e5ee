import ArgumentParser
import Projections

/// `state`: what the hub knew at some time.
struct StateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "Prints the state as of a line or a moment, as JSON.",
        discussion: """
            A moment's state is that before the first event with a later time. Without --at: as of the end. Channels and \
            users that were not there are null.

            EXAMPLES
              channelstream-log state data/hub --at 2026-11-23T20:00 | jq '.channels[].users'
              channelstream-log state data/hub --at 1200 --channel lobby
              channelstream-log state data/hub --user alice
            """
    )

    @OptionGroup var log: LogArgument

    @Option(name: .long, help: "A line's number, or a time as for `cat --since`.")
    var at: LogPlace?

    @Option(name: .long, help: "Only this channel. May be repeated.")
    var channel: [String] = []

    @Option(name: .long, help: "Only this user. May be repeated.")
    var user: [String] = []

    func run() throws {
        var found = try StateAt(try self.log.resolve(), at: self.at)
        if self.channel.isEmpty && self.user.isEmpty {
            let digest = found.digest()
            try OutputBuffer.print(StateWriter.whole(found.state, time: found.time, digest: digest))
        } else {
            try OutputBuffer.print(
                StateWriter.part(
                    found.state,
                    time: found.time,
                    channels: self.channel.map { ChannelName($0) },
                    users: self.user.map { UserName($0) }
                )
            )
        }
    }
}
