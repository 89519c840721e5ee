import ArgumentParser
import Foundation

/// The ways through the program that matter.
enum ProfilePath: String, CaseIterable, ExpressibleByArgument {
    case delivery
    case publish
    case verify
    case replay

    /// What the microseconds are for.
    var unit: String {
        switch self {
        case .delivery: "delivery"
        case .publish: "call"
        case .verify, .replay: "event"
        }
    }
}

/// `profile`: where each microsecond goes.
struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Samples the main paths with `perf`, and says whose each microsecond is.",
        discussion: """
            delivery: 1 channel x 1,000 listeners at 40 calls/s. publish: 1,000 channels x 2 listeners, 16 publishers, \
            durability os. verify and replay: channelstream-log on a log that the server wrote. Microseconds are the \
            share of the samples times the CPU time that the run took for one of the things counted.
            """
    )

    @OptionGroup var common: CommonOptions
    @OptionGroup var load: LoadOptions

    @Argument(help: "Which: \(ProfilePath.allCases.map(\.rawValue).joined(separator: ", ")); all if none is named.")
    var paths: [ProfilePath] = []

    @Option(name: .long, help: "Seconds of sampling a server.")
    var seconds = 6

    func run() throws {
        guard Programs.isInstalled("perf") else { throw ValidationError("perf is not installed (linux-perf)") }
        let runner = try self.load.runner(self.common.rootFolder, .full)
        let provenance = Provenance.current(conditions: runner.placement.description, root: self.common.rootFolder)
        for path in self.paths.isEmpty ? ProfilePath.allCases : self.paths {
            Talk.say("profile of \(path.rawValue)")
            let measurements = try Scratch.withFolder("profile") { folder in
                switch path {
                case .delivery:
                    try self.sampleServer(
                        ["--subs", "1000", "--pubs", "4", "--rate", "40"],
                        figure: "publish.server_cpu_us_per_delivery",
                        runner,
                        folder
                    )
                case .publish:
                    try self.sampleServer(
                        ["--subs", "2000", "--channels", "1000", "--pubs", "16"],
                        figure: "publish.server_cpu_us_per_call",
                        runner,
                        folder
                    )
                case .verify: try self.sampleTool(["verify"], runner, folder)
                case .replay: try self.sampleTool(["replay", "--check"], runner, folder)
                }
            }
            let section = Results.Section(provenance: provenance, measurements: measurements)
            try self.common.keep(["profile.\(path.rawValue)": section])
            print("\(path.rawValue)\n\n\(ProfileTable(section).text)\n")
        }
    }

    private func sampleServer(
        _ words: [String],
        figure: String,
        _ runner: LoadRunner,
        _ folder: URL
    ) throws -> [Results.Measurement] {
        let server = try RunningServer(.os, runner.programs, runner.placement)
        // Long enough for connecting, for the samples, and for what lies between.
        let load = try ChildProcess(
            runner.placement.load + [runner.programs.fanload.path] + server.fanloadWords + words
                + ["--warmup", "2", "--duration", "\(self.seconds + 4)", "--json", "--quiet"]
        )
        sleep(4)
        let data = folder.appendingPathComponent("perf.data")
        _ = try ChildProcess.require(
            [
                "perf", "record", "-q", "-F", "997", "-g", "-p", "\(server.id)", "-o", data.path, "--", "sleep",
                "\(self.seconds)",
            ],
            timeLimit: .seconds(60)
        )
        let report = try FanloadReport(output: try load.finish(timeLimit: .seconds(90)).output)
        return try Self.measurements(data, microseconds: report.figures[figure] ?? 0)
    }

    private func sampleTool(_ words: [String], _ runner: LoadRunner, _ folder: URL) throws -> [Results.Measurement] {
        let log = try ServerLog.write(eventCount: 1_000_000, runner)
        let data = folder.appendingPathComponent("perf.data")
        let command = [runner.programs.channelstreamLog.path] + words + [log.directory.path]
        let before = ChildrenTime.seconds
        _ = try ChildProcess.require(runner.placement.server + command, timeLimit: .seconds(120))
        let seconds = ChildrenTime.seconds - before
        _ = try ChildProcess.require(
            ["perf", "record", "-q", "-F", "997", "-g", "-o", data.path, "--"] + command,
            timeLimit: .seconds(120)
        )
        return try Self.measurements(data, microseconds: seconds * 1e6 / Double(log.eventCount))
    }

    /// Groups first, then the functions that take most.
    private static func measurements(_ data: URL, microseconds: Double) throws -> [Results.Measurement] {
        let text = try ChildProcess.require(
            ["perf", "script", "-i", data.path, "-F", "comm,tid,ip,sym,dso"],
            environment: ["PERF_NO_DEMANGLE": "1"],
            timeLimit: .seconds(120)
        )
        let samples = PerfScript(text.output).samples
        guard !samples.isEmpty else { return [] }
        let groups = Dictionary(grouping: samples, by: CostGroup.name).mapValues(\.count)
        let functions = Dictionary(grouping: samples) { $0.first?.symbol ?? "" }.mapValues(\.count)
        let top = functions.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(12)
        let names = try self.demangled(top.map(\.key))
        let make = { (name: String, count: Int, unit: String) in
            let share = Double(count) / Double(samples.count)
            return Results.Measurement(
                name: name,
                figures: ["share": [share], "us": [share * microseconds], "samples": [Double(count)]],
                unit: unit
            )
        }
        return groups.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { make($0.key, $0.value, "group") }
            + zip(top, names).map { make($1, $0.value, "function") }
    }

    private static func demangled(_ symbols: [String]) throws -> [String] {
        // The kernel's and C's names would lose their underscores.
        let mangled = symbols.filter { $0.hasPrefix("$s") }
        guard Programs.isInstalled("swift"), !mangled.isEmpty else { return symbols }
        let run = try ChildProcess.run(
            ["swift", "demangle", "--compact", "--simplified"] + mangled,
            timeLimit: .seconds(20)
        )
        let names = run.output.split(separator: "\n").map(String.init)
        guard names.count == mangled.count else { return symbols }
        let readable = Dictionary(zip(mangled, names)) { first, _ in first }
        return symbols.map { readable[$0] ?? $0 }
    }
}

/// A log that the server wrote: with checkpoints, as `replay --check` wants them.
struct ServerLog {
    let directory: URL
    let eventCount: Int
    /// Holds the folder.
    private let server: RunningServer

    /// Publishes, 100 messages a call, until there are so many events or 40 seconds are over.
    static func write(eventCount: Int, _ runner: LoadRunner) throws -> ServerLog {
        let server = try RunningServer(.os, runner.programs, runner.placement)
        _ = try runner.fanload(
            [
                "--subs", "200", "--channels", "100", "--pubs", "4", "--batch", "100", "--warmup", "0", "--duration",
                "40", "--max-msgs", "\(eventCount)",
            ],
            server,
            timeLimit: .seconds(90)
        )
        server.stop()
        return ServerLog(
            directory: server.dataDirectory,
            eventCount: try SampleLog.count(server.dataDirectory),
            server: server
        )
    }
}

/// User and system time of the children that have ended, in seconds.
enum ChildrenTime {
    static var seconds: Double {
        var usage = rusage()
        unsafe getrusage(RUSAGE_CHILDREN.rawValue, &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }
}

/// One path: who takes how much, then the functions that take most.
struct ProfileTable {
    let text: String

    init(_ section: Results.Section) {
        let tables = [("group", "whose"), ("function", "function")].map { unit, title in
            var table = MarkdownTable(head: [title, "share", "µs"])
            for measurement in section.measurements where measurement.unit == unit {
                let share = measurement.median("share") ?? 0
                guard share >= 0.005 else { continue }
                let name = measurement.name.count > 110 ? measurement.name.prefix(110) + "…" : measurement.name[...]
                table.rows.append([
                    unit == "function" ? "`\(name)`" : String(name),
                    "\(Unit.digits(share * 100)) %",
                    measurement.median("us").map(Unit.digits) ?? "-",
                ])
            }
            return table.text
        }
        let count = section.measurements.filter { $0.unit == "group" }.compactMap { $0.median("samples") }.reduce(0, +)
        self.text = tables.joined(separator: "\n\n") + "\n\n\(Int(count)) samples."
    }
}
