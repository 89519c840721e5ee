import ArgumentParser
import EventLog
import RawJSON
import SystemPackage

/// `diff`: where two logs part.
struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Tells where two logs part.",
        discussion: """
            Two logs are of one history if the one is a beginning of the other; how their lines are cut into segments does \
            not matter, and a line whose content was erased in one of them is the same line. Prints one JSON object. Status \
            0: one history; 1: they part, at the line that is shown.

            EXAMPLES
              channelstream-log diff data/hub /backups/hub
              channelstream-log diff primary follower | jq -r .relation
            """
    )

    @Argument(help: "A hub's data directory.", completion: .directory)
    var a: String

    @Argument(help: "Another one.", completion: .directory)
    var b: String

    func run() throws {
        var comparison = LogComparison()
        let (a, b) = (try LogArgument.resolve(self.a), try LogArgument.resolve(self.b))
        try comparison.run(a, b)
        let output = OutputBuffer()
        try output.append(comparison.json)
        try output.flush()
        if comparison.relation == .parted {
            throw ToolFailure(.negative, "the logs part at line \(comparison.common + 1)")
        }
    }
}
