import ArgumentParser

/// `micro`: the parts alone, on one core.
struct MicroCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "micro",
        abstract: "Measures the parts alone, on one core.",
        discussion: """
            EXAMPLES
              benchmarks micro
              benchmarks rawjson.scan
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "Only benchmarks whose names start like this.")
    var prefix = ""

    /// Every subject, a file each.
    private static let subjects: [@Sendable () throws -> Void] = [
        rawJSONBenchmarks,
        reducerBenchmarks,
        logBenchmarks,
        commitBenchmarks,
        serverBenchmarks,
    ]

    /// What takes minutes: only if it is asked for.
    private static let longSubjects: [(prefix: String, run: @Sendable () throws -> Void)] = [
        ("start-up", startUpBenchmarks), ("history", historyBenchmarks),
    ]

    func run() throws {
        let provenance = Provenance.current(conditions: "one core", root: self.common.rootFolder)
        Benchmark.select(self.prefix)
        Benchmark.printHeader(provenance)
        if let long = Self.longSubjects.first(where: { !self.prefix.isEmpty && self.prefix.hasPrefix($0.prefix) }) {
            try long.run()
            try self.keep(long.prefix, provenance)
        } else {
            for subject in Self.subjects { try subject() }
            try self.keep("micro", provenance)
        }
    }

    /// Replaces what was measured; the others of the section stay, if they are of the same commit.
    private func keep(_ name: String, _ provenance: Provenance) throws {
        let kept = try Results.read(self.common.resultsFile).sections[name]
        var measurements = Benchmark.measurements
        guard !measurements.isEmpty else { return }
        if let kept, kept.provenance.commit == provenance.commit {
            let names = Set(measurements.map(\.name))
            measurements = kept.measurements.filter { !names.contains($0.name) } + measurements
        }
        try self.common.keep([name: Results.Section(provenance: provenance, measurements: measurements)])
    }
}

/// The micro-benchmarks, as the document shows them.
struct MicroTable {
    let text: String

    init(_ section: Results.Section) {
        var table = MarkdownTable(head: ["", "min", "median", "max", "unit", "allocations each", "settings"])
        for measurement in section.measurements {
            let sorted = (measurement.figures["rounds"] ?? []).sorted()
            guard let low = sorted.first, let high = sorted.last else { continue }
            table.rows.append([
                "`\(measurement.name)`", Unit.digits(low), Unit.digits(sorted[sorted.count / 2]), Unit.digits(high),
                measurement.unit ?? "", measurement.figures["allocations"]?.first.map(Unit.digits) ?? "",
                measurement.note ?? "",
            ])
        }
        self.text = table.text
    }
}
