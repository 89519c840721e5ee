import ArgumentParser
import EventLog

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// `channelstream-log`: looks at a log without a server.
@main
struct ChannelstreamLog: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "channelstream-log",
        abstract: "Shows, searches, checks, proves and copies the event log of a Channelstream hub.",
        discussion: """
            DIR is a hub's data directory (or its folder `log`). It is only read (except by
            `erase`), and a server may be writing there.
            Data goes to standard output, talk to standard error. As NDJSON, lines come out exactly as they are in the
            log. In tables and CSV, control characters come out as \\u{…}; in CSV, an apostrophe stands before what a
            spreadsheet would take for a formula.

            EXIT STATUS
            \(ExitStatus.table)

            EXAMPLES
              channelstream-log cat data/hub | jq .type
              channelstream-log cat data/hub --channel room-1 --since 2026-11-23T20:00 -o table
              channelstream-log verify data/hub && echo intact
            """,
        subcommands: ToolCommands.all
    )

    /// Runs the command that the arguments name, and ends the process with its exit status.
    static func main() {
        // First of all: before anything is opened.
        Descriptors.occupyStandardStreams()
        // A closed pipe is noticed when writing (`head` has seen enough), and is no error.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try self.parseAsRoot()
            try command.run()
        } catch let failure as ToolFailure {
            Diagnostics.say(failure.message)
            self.exit(withError: ExitCode(failure.status.rawValue))
        } catch is OutputClosed {
            self.exit()
        } catch {
            let status = self.exitCode(for: error)
            guard !status.isSuccess else { self.exit(withError: error) }
            // It may quote a word of the command line, which another program may have put there.
            Diagnostics.say(lines: self.fullMessage(for: error))
            self.exit(withError: status)
        }
    }
}
