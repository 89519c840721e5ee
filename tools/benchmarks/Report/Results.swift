import Foundation

/// Everything that was measured, as it is kept in `docs/performance/results.json`.
///
/// A section is replaced as a whole when it is measured anew, so that each carries one machine, date and commit.
struct Results: Codable, Equatable {
    /// By name, such as `load.delivery`, `growth.listeners`, `micro`.
    var sections: [String: Section] = [:]

    /// What one run measured of one subject.
    struct Section: Codable, Equatable {
        var provenance: Provenance
        var measurements: [Measurement]
    }

    /// The figures of one contender (a server, a benchmark, a group of functions), at one point of the axis if there
    /// is one.
    struct Measurement: Codable, Equatable {
        var name: String
        /// Where on the plot's horizontal axis: listeners, channels, events a commit.
        var at: Double?
        /// Every repeat, in the order of the runs, by name of the figure.
        var figures: [String: [Double]]
        var unit: String?
        /// What else a reader must know: settings, or what went wrong.
        var note: String?
    }

    static func read(_ file: URL) throws -> Results {
        guard FileManager.default.fileExists(atPath: file.path) else { return Results() }
        return try JSONDecoder().decode(Results.self, from: try Data(contentsOf: file))
    }

    /// Writes the file whole: it appears under its name when it is complete.
    func write(_ file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try (try encoder.encode(self) + Data("\n".utf8)).write(to: file, options: .atomic)
    }
}

extension Results.Section {
    func measurement(_ name: String, at point: Double? = nil) -> Results.Measurement? {
        self.measurements.first { $0.name == name && $0.at == point }
    }
}

extension Results.Measurement {
    /// The best of the repeats: what the code costs when the machine is in the way least.
    func best(_ figure: String, _ better: Better) -> Double? {
        switch better {
        case .lower: self.figures[figure]?.min()
        case .higher: self.figures[figure]?.max()
        }
    }

    /// The middle one of the repeats, the lower of two.
    func median(_ figure: String) -> Double? {
        guard let sorted = self.figures[figure]?.sorted(), !sorted.isEmpty else { return nil }
        return sorted[(sorted.count - 1) / 2]
    }
}

/// Which way a figure is better.
enum Better: Sendable {
    case lower
    case higher
}
