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
            not matter, and a line whose content was erased in one of them is the same line. Where one begins later, since \
            retention dropped what was before, lines are compared from there on (`compared_from`), and what stands before \
            by the tree that its first segment names. Prints one JSON object. Status 0: one history; 1: they part, at the \
            line that is shown, or have no line in common.

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
        try OutputBuffer.print(comparison.json)
        if let text = comparison.partingText { throw ToolFailure(.negative, text) }
    }
}
