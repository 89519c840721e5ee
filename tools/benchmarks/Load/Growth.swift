import Foundation

/// How cost and memory grow: the same load per listener at more and more of them.
struct Growth: Sendable {
    let name: String
    let title: String
    let axis: String
    let steps: [Int]
    let contenders: [Contender]
    /// What is plotted, with the unit of the axis.
    let plots: [Plot]
    let words: @Sendable (Int, Contender) -> [String]

    struct Plot: Sendable {
        /// Name of the file: `growth-listeners`.
        let name: String
        let title: String
        let path: String
        let unit: String
        let isLogarithmic: Bool
        var scale = 1.0
    }

    static let all: [Growth] = [.listeners, .channels]

    /// About 20,000 deliveries/s at each step.
    static let listeners = Growth(
        name: "growth.listeners",
        title: "One channel, 20,000 deliveries/s in all",
        axis: "listeners",
        steps: [10, 100, 1_000, 10_000],
        contenders: [.limit, .os],
        plots: [
            Plot(
                name: "growth-listeners",
                title: "CPU per delivery, one channel",
                path: "publish.server_cpu_us_per_delivery",
                unit: "µs",
                isLogarithmic: false
            )
        ],
        words: { count, _ in
            ["--subs", "\(count)", "--pubs", "4", "--rate", "\(20_000 / count)", "--warmup", "1", "--duration", "3"]
        }
    )

    /// One listener a channel, so that what grows is only the number of channels (and of connections).
    static let channels = Growth(
        name: "growth.channels",
        title:
            "One listener a channel, 2,000 calls/s in all; 10,000 connections at most, then with several channels each",
        axis: "channels",
        steps: [1, 10, 100, 1_000, 10_000, 100_000],
        contenders: [.limit, .os],
        plots: [
            Plot(
                name: "growth-channels",
                title: "CPU per call and delivery, one listener a channel",
                path: "publish.server_cpu_us_per_delivery",
                unit: "µs",
                isLogarithmic: false
            ),
            Plot(
                name: "growth-memory",
                title: "Resident set of the server",
                path: "publish.server_rss",
                unit: "MiB",
                isLogarithmic: true,
                scale: 1.0 / 1_048_576
            ),
        ],
        words: { count, contender in
            let connections = min(count, Self.connectionLimit)
            var words = [
                "--subs", "\(connections)", "--channels", "\(connections)", "--pubs", "4", "--rate", "2000",
                "--warmup", "1", "--duration", "3", "--connect-conc", "128",
            ]
            if count > connections, contender.isOurs {
                let others = (1..<(count / connections)).map { "\"{n}-\($0)\"" }.joined(separator: ",")
                words += [
                    "--setup-body",
                    #"{"username":"u{n}","conn_id":"{uuid}","channels":["{channel}",\#(others)],"#
                        + #""info":{"include_history":false,"include_users":false}}"#,
                ]
            }
            return words
        }
    )

    /// Beyond it, each connection has several channels: more than 20,000 open files are permitted to few.
    private static let connectionLimit = 10_000

    /// MiB that a step of this many connections wants to see free: the kernel keeps some KiB for each end.
    static func memoryNeededMiB(_ connections: Int) -> Int { min(connections, self.connectionLimit) / 1024 * 40 + 256 }

    func measure(_ runner: LoadRunner, upTo limit: Int) -> Results.Section {
        let provenance = Provenance.current(conditions: runner.placement.description, root: runner.programs.root)
        var measurements: [Results.Measurement] = []
        for step in self.steps where step <= limit {
            guard Self.memoryNeededMiB(step) < Self.freeMiB else {
                Talk.say("  \(step): left out, it wants \(Self.memoryNeededMiB(step)) MiB of memory")
                continue
            }
            for contender in self.contenders where contender.isOurs || step <= Self.connectionLimit {
                measurements.append(self.measure(contender, step, runner))
            }
        }
        return Results.Section(provenance: provenance, measurements: measurements)
    }

    /// A server of its own for every step: memory is what a process of that size has.
    private func measure(_ contender: Contender, _ step: Int, _ runner: LoadRunner) -> Results.Measurement {
        var measurement = Results.Measurement(name: contender.name, at: Double(step), figures: [:])
        do {
            let server = try RunningServer(contender, runner.programs, runner.placement)
            let report = try runner.fanload(self.words(step, contender), server, timeLimit: .seconds(120))
            if !report.problems.isEmpty { measurement.note = report.problems.joined(separator: "; ") }
            for path in self.plots.map(\.path) + ["connect.rss_bytes_per_connection", "publish.other_cores"] {
                if let value = report.figures[path] { measurement.figures[path] = [value] }
            }
            let shown = self.plots.compactMap { plot in
                report.figures[plot.path].map { "\(Unit.digits($0 * plot.scale)) \(plot.unit)" }
            }
            Talk.say("  \(step), \(contender.name): \(shown.joined(separator: ", ")) \(measurement.note ?? "")")
        } catch {
            measurement.note = "\(error)"
            Talk.say("  \(step), \(contender.name): \(error)")
        }
        return measurement
    }

    private static var freeMiB: Int {
        (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8))?
            .split(separator: "\n").first { $0.hasPrefix("MemAvailable") }?
            .split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 / 1024 } ?? 0
    }
}
