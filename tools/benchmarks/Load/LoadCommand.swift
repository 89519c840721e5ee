import ArgumentParser
import Foundation

/// Words that say with what, and how, servers are measured.
struct LoadOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Sources of fanload and limit; by default $CHANNELSTREAM_LOAD_DIR, or ../shared/bench beside the repository.",
            valueName: "dir"
        )
    )
    var loadDir: String?

    @Flag(name: .long, inversion: .prefixedNo, help: "Server and load on a core each, where that is permitted.")
    var pin = true

    @Option(
        name: .long,
        help: "Wait, and measure again, while other programs use more than so many cores; 0: do not look."
    )
    var noiseMax = 0.0

    func programs(_ root: URL) throws -> Programs {
        let given = self.loadDir ?? ProcessInfo.processInfo.environment["CHANNELSTREAM_LOAD_DIR"]
        let folder = given.map { URL(fileURLWithPath: $0) } ?? root.appendingPathComponent("../shared/bench")
        return try Programs(root: root, loadFolder: folder.standardizedFileURL)
    }

    func runner(_ root: URL, _ effort: LoadRow.Effort, withoutPeers: Bool = false) throws -> LoadRunner {
        LoadRunner(
            programs: try self.programs(root),
            placement: .detect(pins: self.pin),
            effort: effort,
            noiseLimit: self.noiseMax,
            withoutPeers: withoutPeers
        )
    }
}

/// `load`: ours beside `limit` and the peers that are installed, in turn.
struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Measures the server beside the yardstick and installed peers, in turn, in the same run.",
        discussion: """
            Rows: \(LoadRow.all.map(\.name).joined(separator: ", ")), \
            \(Growth.all.map(\.name).joined(separator: ", ")). Only the ratios of one run mean something: the speed of \
            a shared machine moves.
            """
    )

    @OptionGroup var common: CommonOptions
    @OptionGroup var load: LoadOptions

    @Flag(name: .long, help: "Short runs, once each, without the search for the highest rate and without growth.")
    var quick = false

    @Option(name: .long, help: ArgumentHelp("Only these, separated by commas.", valueName: "names"))
    var rows: String?

    @Option(name: .long, help: "Most listeners and channels of the growth rows.")
    var growthLimit = 100_000

    @Flag(name: .long, help: "Leave installed peers out.")
    var withoutPeers = false

    func validate() throws {
        let known = LoadRow.all.map(\.name) + Growth.all.map(\.name)
        if let unknown = self.chosen?.first(where: { !known.contains($0) }) {
            throw ValidationError("there is no row \(unknown); there are \(known.joined(separator: ", "))")
        }
    }

    func run() throws {
        let runner = try self.load.runner(
            self.common.rootFolder,
            self.quick ? .quick : .full,
            withoutPeers: self.withoutPeers
        )
        var table = LoadTable()
        for row in LoadRow.all where self.takes(row.name, isInQuickRun: row.isInQuickRun) {
            Talk.say(row.title)
            let section = runner.measure(row)
            try self.common.keep(["load.\(row.name)": section])
            table.add(row, section)
        }
        if !table.isEmpty { print(table.text) }
        for growth in Growth.all where self.takes(growth.name, isInQuickRun: false) {
            Talk.say("\(growth.title): \(growth.axis)")
            let section = growth.measure(runner, upTo: self.growthLimit)
            try self.common.keep([growth.name: section])
            print("\n\(growth.title)\n\n\(GrowthTable(growth, section).text)")
        }
    }

    private var chosen: [String]? {
        self.rows?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    private func takes(_ name: String, isInQuickRun: Bool) -> Bool {
        self.chosen?.contains(name) ?? (isInQuickRun || !self.quick)
    }
}
