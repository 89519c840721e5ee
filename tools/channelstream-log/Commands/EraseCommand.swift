import Archive
import ArgumentParser
import EventLog
import LogValues
import Projections
import RawJSON
import SystemPackage

/// `erase`: takes what people wrote out of a log that no server has open.
struct EraseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Erases the contents of a message, a user or a channel from a log that no server has open.",
        discussion: """
            The only command that changes a log. Contents and their salts are taken out of the segments, of snapshots and of \
            what crashes tore off; everything else stays as it is, so that roots, digests and proofs are what they were. \
            The log says who ordered it, why, and which lines: give a reason without personal words, for it stays.

            Erased are, of a message, its post and all edits; of a user, all messages with their edits, and the values of \
            the user's state; of a channel, all messages with their edits. Names and times stay.

            What `repair` set aside in the folder `lost` is damaged and cannot be rewritten; it may hold the same words, which \
            is said. With --remove-lost it is removed.

            Where a segment is a symbolic link, what it leads to is rewritten. A file that has another name (a hard link, as \
            some backups make them) keeps the words there: that is said, and `complete` is false.

            Files keep their owner and mode, also when root runs this; anybody else must be their owner.

            A server that runs does the same by POST /admin/erase. Copies and backups of the log are not touched. Repeating \
            the command is safe, and finishes what a crash interrupted. Prints what was done as JSON. Ends with status 1 if \
            the log says nothing about the target.

            EXAMPLES
              channelstream-log erase data/hub --user alice --reason "request 4711" --dry-run
              channelstream-log erase data/hub --message 4f0c2b0e-7a8d-4c7e-9d3a-5b1e2f3a4b5c --reason "request 4712" --by eve
            """
    )

    @OptionGroup var log: LogArgument

    @Option(name: .long, help: "The uuid of a message.")
    var message: UUIDArgument?

    @Option(name: .long, help: "The name of a user.")
    var user: String?

    @Option(name: .long, help: "The name of a channel.")
    var channel: String?

    @Option(name: .long, help: "Why; stays in the log.")
    var reason: String

    @Option(name: .customLong("by"), help: "Who ordered it; stays in the log.")
    var orderedBy = "operator"

    @Flag(name: .customLong("dry-run"), help: "Only say what would be erased; the log may be in use.")
    var isDryRun = false

    @Flag(name: .customLong("remove-lost"), help: "Also remove what `repair` set aside in the folder `lost`.")
    var removesLost = false

    func validate() throws {
        guard [self.message != nil, self.user != nil, self.channel != nil].filter(\.self).count == 1 else {
            throw ValidationError("give exactly one of --message, --user and --channel")
        }
        guard (1...1024).contains(self.reason.unicodeScalars.count) else {
            throw ValidationError("--reason must have 1 to 1024 characters")
        }
        guard (1...256).contains(self.orderedBy.unicodeScalars.count) else {
            throw ValidationError("--by must have 1 to 256 characters")
        }
    }

    func run() throws {
        let directory = try self.log.resolve()
        guard let target = self.target else { return }
        var account = try withToolFailures {
            if self.isDryRun {
                return ErasureAccount(try ErasureFiles.look(for: target, in: directory), through: nil)
            }
            return try LogEraser.erase(target, in: directory, orderedBy: self.orderedBy, reason: self.reason)
        }
        guard account.isKnown else {
            throw ToolFailure(.negative, "the log says nothing about it")
        }
        let unreadable = account.removed
        let lost = LostSegments(directory)
        if self.removesLost, !self.isDryRun { account.add(removed: try lost.remove()) }
        let left = try lost.names()
        try OutputBuffer.print(
            JSONWriter.line { writer in
                account.writeMembers(into: &writer)
                writer.member("lost", left)
            }
        )
        for file in left {
            Diagnostics.say("\(file): set aside by `repair`, may hold the same words; --remove-lost removes it")
        }
        for file in unreadable {
            Diagnostics.say("\(file): removed, since nobody can tell whose words it held")
        }
        for segment in account.keptElsewhere {
            Diagnostics.say("\(segment): its file had another name (a hard link), by which the words can still be read")
        }
        if account.isLimited { Diagnostics.say("there is more: repeat the command") }
    }

    private var target: ErasureTarget? {
        if let message { return .message(message.uuid) }
        if let user { return .user(UserName(user)) }
        return self.channel.map { .channel(ChannelName($0)) }
    }
}
