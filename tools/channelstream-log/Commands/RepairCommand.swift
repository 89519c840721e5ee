import ArgumentParser
import EventLog
import SystemPackage

/// `repair`: what can be saved of a damaged log.
struct RepairCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repair",
        abstract: "Saves what is intact of a damaged log into a new directory.",
        discussion: """
            Never changes the damaged log. The new log holds every line before the first damage; what is at the damage and \
            behind it cannot be part of it, since numbers have no gaps, and is kept as it is in the folder `lost`. The file \
            `repair.json` says what was wrong, where, and which lines are lost.

            A forged log is not repaired: ask a copy which lines are true (`diff`). A torn tail needs no repair: the \
            server cuts it off when it starts.

            EXAMPLES
              channelstream-log repair data/hub data/hub-repaired && cat data/hub-repaired/repair.json
            """
    )

    @OptionGroup var log: LogArgument

    @Argument(help: "A directory that does not exist yet.", completion: .directory)
    var target: String

    func run() throws {
        let directory = try self.log.resolve()
        let result = try VerifyCommand.verify(directory, checksState: false, needsDropRecord: false)
        guard let finding = result.findings.first(where: { $0.status == .damage || $0.status == .tornTail }),
            result.status != .forgery
        else {
            if let worst = result.findings.first(where: { $0.status == result.status }) {
                throw ToolFailure(worst.status, "cannot be repaired: \(worst.text)")
            }
            Diagnostics.say("nothing to repair")
            return
        }
        let repair = try LogRepair(directory, finding)
        try OutputBuffer.print(try repair.run(to: FilePath(self.target)))
        Diagnostics.say("\(self.target): repaired; what was lost stands in repair.json")
    }
}
