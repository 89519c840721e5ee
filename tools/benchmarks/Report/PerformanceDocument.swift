import Foundation

/// `docs/performance.md`: which part of it is made from which results.
struct PerformanceDocument {
    private let results: Results

    init(_ results: Results) { self.results = results }

    /// Makes the marked parts anew, and the plots.
    ///
    /// A part whose results are not there says so; a plot is left as it is then.
    func write(_ file: URL, plotsIn folder: URL) throws {
        var document = MarkedDocument(try String(contentsOf: file, encoding: .utf8))
        for (name, part) in self.parts { try document.replace(name, with: part) }
        try Data(document.text.utf8).write(to: file, options: .atomic)
        for growth in Growth.all {
            guard let section = self.results.sections[growth.name] else { continue }
            for (name, plot) in growth.drawings(section) {
                guard let svg = plot.svg else { continue }
                try Data(svg.utf8).write(to: folder.appendingPathComponent("\(name).svg"), options: .atomic)
            }
        }
    }

    /// The parts by the names of their marks.
    var parts: [(name: String, text: String)] {
        [("load", self.load), ("recorded", Self.recorded)]
            + Growth.all.map { ($0.name, self.growth($0)) }
            + [
                ("disk", self.section("disk") { DiskTable($0).text }),
                ("log-tool", self.section("log-tool") { LogToolTable($0).text }),
                ("allocations", self.section("allocations") { AllocationTable($0).text }),
                ("start-up", self.section("start-up") { MicroTable($0).text }),
                ("history", self.section("history") { MicroTable($0).text }),
                ("micro", self.section("micro") { MicroTable($0).text }),
            ]
            + ProfilePath.allCases.map { path in
                ("profile-\(path.rawValue)", self.section("profile.\(path.rawValue)") { ProfileTable($0).text })
            }
    }

    private static let nothing = "Not measured yet."

    private func section(_ name: String, _ table: (Results.Section) -> String) -> String {
        guard let section = self.results.sections[name] else { return Self.nothing }
        return "\(table(section))\n\n\(Self.source([section.provenance]))"
    }

    private var load: String {
        var table = LoadTable()
        var sources: [Provenance] = []
        var notes: [String] = []
        for row in LoadRow.all {
            guard let section = self.results.sections["load.\(row.name)"] else { continue }
            table.add(row, section)
            sources.append(section.provenance)
            for measurement in section.measurements {
                if let note = measurement.note { notes.append("- `\(row.name)`, \(measurement.name): \(note)") }
            }
        }
        guard !table.isEmpty else { return Self.nothing }
        let remarks = notes.isEmpty ? "" : "\n\nSeen in these runs:\n\n" + notes.joined(separator: "\n")
        return "\(table.text)\n\n\(Self.source(sources))\(remarks)"
    }

    private static var recorded: String {
        var table = MarkdownTable(head: ["", "other servers"], numberColumns: 0..<0)
        for row in LoadRow.all where !row.recorded.isEmpty { table.rows.append([row.title, row.recorded]) }
        return table.text
    }

    private func growth(_ growth: Growth) -> String {
        guard let section = self.results.sections[growth.name] else { return Self.nothing }
        let plots = growth.drawings(section).map { "![\($0.plot.title)](performance/\($0.name).svg)" }
        return "\(GrowthTable(growth, section).text)\n\n\(plots.joined(separator: "\n"))\n\n"
            + Self.source([section.provenance])
    }

    /// One line for each machine, day and commit.
    private static func source(_ provenances: [Provenance]) -> String {
        var lines: [String] = []
        for provenance in provenances {
            let line =
                "Commit \(provenance.commit), \(provenance.date.prefix(10)), \(provenance.machine); "
                + "\(provenance.conditions)."
            if !lines.contains(line) { lines.append(line) }
        }
        return lines.joined(separator: "\n")
    }
}
