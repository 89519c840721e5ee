import Foundation

/// Lets the contenders of a row take turns, and collects what was measured.
struct LoadRunner {
    let programs: Programs
    let placement: Placement
    let effort: LoadRow.Effort
    /// Cores that other programs may use before a measurement waits and is repeated; 0: it is not looked at.
    let noiseLimit: Double
    /// Contenders that are left out.
    let withoutPeers: Bool

    /// Measures one row.
    ///
    /// A server that does not come up, or a run that fails, costs this row its figure, and is noted; the others go on.
    func measure(_ row: LoadRow) -> Results.Section {
        let provenance = Provenance.current(conditions: self.placement.description, root: self.programs.root)
        var measurements: [Results.Measurement] = []
        var servers: [RunningServer] = []
        for contender in row.contenders where contender.isInstalled && self.takesPart(contender) {
            measurements.append(Results.Measurement(name: contender.name, figures: [:]))
            do {
                servers.append(try RunningServer(contender, self.programs, self.placement))
            } catch {
                self.note("\(error)", in: &measurements[measurements.count - 1])
            }
        }
        for _ in 0..<row.repeats(self.effort) {
            for server in servers {
                guard let index = measurements.firstIndex(where: { $0.name == server.contender.name }) else { continue }
                self.run(row, server, &measurements[index])
            }
        }
        return Results.Section(provenance: provenance, measurements: measurements)
    }

    private func takesPart(_ contender: Contender) -> Bool {
        !self.withoutPeers || contender.isOurs || contender == .limit || contender == .limitCoalescing
            || contender == .limitLogging
    }

    private func run(_ row: LoadRow, _ server: RunningServer, _ measurement: inout Results.Measurement) {
        do {
            let report = try self.fanload(
                row.words(self.effort, server.contender),
                server,
                timeLimit: row.timeLimit
            )
            for problem in report.problems { self.note(problem, in: &measurement) }
            // Nothing, at any speed, is no figure.
            guard let value = report.figures[row.figure.path], value > 0 else {
                self.note("no figure \(row.figure.path)", in: &measurement)
                return
            }
            measurement.figures[row.figure.path, default: []].append(value)
            for path in Self.alsoKept {
                guard path != row.figure.path, let value = report.figures[path] else { continue }
                measurement.figures[path, default: []].append(value)
            }
            Talk.say("  \(server.contender.name): \(row.figure.unit.text(value))")
        } catch {
            self.note("\(error)", in: &measurement)
        }
    }

    /// One run of `fanload`; its exit status only says again what its report says.
    func fanload(_ words: [String], _ server: RunningServer, timeLimit: Duration) throws -> FanloadReport {
        let noise = self.noiseLimit > 0 ? ["--noise-max", "\(self.noiseLimit)"] : []
        let run = try ChildProcess.run(
            self.placement.load + [self.programs.fanload.path] + server.fanloadWords + words + noise
                + ["--json", "--quiet"],
            timeLimit: timeLimit
        )
        return try FanloadReport(output: run.output.isEmpty ? run.talk : run.output)
    }

    private func note(_ text: String, in measurement: inout Results.Measurement) {
        Talk.say("  \(measurement.name): \(text)")
        let notes = measurement.note.map { "\($0); " } ?? ""
        if !notes.contains(text) { measurement.note = notes + text }
    }

    /// Kept beside the row's own figure: how busy everything was, and what else the run shows.
    private static let alsoKept = [
        "publish.server_cpu_us_per_delivery", "publish.server_cpu_us_per_call", "publish.calls_per_s",
        "publish.msgs_per_s", "publish.delivered_per_s", "publish.deliveries_per_read", "publish.latency_ms.p99",
        "publish.complete_fanout_ms.p99", "publish.ack_ms.p99", "publish.server_cores", "publish.other_cores",
        "publish.receiver_cores", "publish.publisher_cores", "publish.server_rss", "publish.missing",
        "best.server_cpu_us_per_delivery", "best.deliveries_per_read", "best.latency_ms.p99", "max_calls_per_s",
        "connect.per_s", "connect.server_cpu_us_per_connect", "connect.rss_bytes_per_connection",
        "idle.rss_bytes_per_connection", "idle.kernel_tcp_buffers", "idle.server_cores",
    ]
}

/// Words for people, on standard error.
enum Talk {
    static func say(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}
