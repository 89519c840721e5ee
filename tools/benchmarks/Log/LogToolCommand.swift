import ArgumentParser
import EventLog
import Foundation
import SystemPackage

/// `log-tool`: how fast a log is verified and replayed.
struct LogToolCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log-tool",
        abstract: "Measures `channelstream-log verify` and `replay --check` on a log that the server wrote."
    )

    @OptionGroup var common: CommonOptions
    @OptionGroup var load: LoadOptions

    @Option(name: .long, help: "Events in the log.")
    var events = 1_000_000

    @Option(name: .long, help: "Runs of each.")
    var repeats = 3

    func run() throws {
        let runner = try self.load.runner(self.common.rootFolder, .full)
        let provenance = Provenance.current(
            conditions: runner.placement.description,
            root: self.common.rootFolder
        )
        Talk.say("writing \(self.events) events")
        let log = try ServerLog.write(eventCount: self.events, runner)
        var size = 0
        try LogReader(FilePath(log.directory.path)).forEachLine { size += $0.bytes.count + 1 }
        let cases: [(name: String, words: [String])] = [
            ("verify", ["verify"]), ("replay --check", ["replay", "--check"]), ("cat", ["cat"]),
        ]
        let measurements = try cases.map { name, words in
            try self.measure(
                name,
                runner.placement.server + [runner.programs.channelstreamLog.path] + words + [log.directory.path],
                size: size,
                eventCount: log.eventCount
            )
        }
        let section = Results.Section(provenance: provenance, measurements: measurements)
        try self.common.keep(["log-tool": section])
        print(LogToolTable(section).text)
    }

    private func measure(
        _ name: String,
        _ words: [String],
        size: Int,
        eventCount: Int
    ) throws -> Results.Measurement {
        let clock = ContinuousClock()
        var measurement = Results.Measurement(name: name, figures: [:], note: "\(eventCount) events, \(size >> 20) MiB")
        for _ in 0..<self.repeats {
            let before = ChildrenTime.seconds
            let time = try clock.measure { _ = try ChildProcess.require(words, timeLimit: .seconds(120)) }
            let seconds = ChildrenTime.seconds - before
            measurement.figures["wall_s", default: []].append(time / .seconds(1))
            measurement.figures["cpu_s", default: []].append(seconds)
            measurement.figures["mb_per_cpu_s", default: []].append(Double(size) / 1e6 / seconds)
            measurement.figures["events_per_cpu_s", default: []].append(Double(eventCount) / seconds)
            Talk.say("  \(name): \(Unit.digits(Double(size) / 1e6 / seconds)) MB/s of CPU time")
        }
        return measurement
    }
}

/// Speeds of the tool; best of the repeats.
struct LogToolTable {
    let text: String

    init(_ section: Results.Section) {
        var table = MarkdownTable(head: ["`channelstream-log`", "MB/s", "events/s", "seconds", "log"])
        for measurement in section.measurements {
            table.rows.append([
                "`\(measurement.name)`",
                measurement.best("mb_per_cpu_s", .higher).map(Unit.digits) ?? "-",
                measurement.best("events_per_cpu_s", .higher).map(Unit.grouped) ?? "-",
                measurement.best("cpu_s", .lower).map(Unit.digits) ?? "-",
                measurement.note ?? "",
            ])
        }
        self.text = table.text
    }
}
