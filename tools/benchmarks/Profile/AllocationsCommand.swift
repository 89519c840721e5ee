import ArgumentParser
import Foundation

/// `allocations`: how often the server allocates for a message.
struct AllocationsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allocations",
        abstract: "Counts the server's allocations per publish call and per delivery.",
        discussion: """
            A counter (tools/allocations/count.c) is loaded in front of glibc's allocator, and two runs of different \
            length are compared, so that what connecting costs cancels out. Not valgrind: that slows the server down \
            so much that other things happen in it, and merges what would not be merged.
            """
    )

    @OptionGroup var common: CommonOptions
    @OptionGroup var load: LoadOptions

    /// What is counted for.
    private static let cases: [(name: String, listeners: Int, words: [String])] = [
        (
            "1 channel x 1,000 listeners, 40 calls/s", 1_000,
            ["--subs", "1000", "--pubs", "4", "--rate", "40", "--warmup", "0"]
        ),
        (
            "1,000 channels x 2 listeners, 16 publishers", 2,
            ["--subs", "2000", "--channels", "1000", "--pubs", "16", "--warmup", "0"]
        ),
        (
            "the same, 100 messages a call, 4 publishers", 2,
            ["--subs", "2000", "--channels", "1000", "--pubs", "4", "--batch", "100", "--warmup", "0"]
        ),
    ]

    func run() throws {
        let runner = try self.load.runner(self.common.rootFolder, .quick)
        let counter = try AllocationCounterLibrary.build(self.common.rootFolder)
        let provenance = Provenance.current(conditions: "durability os", root: self.common.rootFolder)
        let measurements = try Self.cases.map { name, listeners, words in
            try Self.measure(name, listeners: listeners, words: words, runner, counter)
        }
        let section = Results.Section(provenance: provenance, measurements: measurements)
        try self.common.keep(["allocations": section])
        print(AllocationTable(section).text)
    }

    private static func measure(
        _ name: String,
        listeners: Int,
        words: [String],
        _ runner: LoadRunner,
        _ counter: URL
    ) throws -> Results.Measurement {
        try Scratch.withFolder("allocations") { folder in
            let file = folder.appendingPathComponent("count")
            let server = try RunningServer(
                .os,
                runner.programs,
                runner.placement,
                environment: ["LD_PRELOAD": counter.path, "ALLOCATION_COUNT_FILE": file.path]
            )
            var counts: [UInt64] = []
            var deliveries: [Double] = []
            for seconds in ["1", "4"] {
                let before = try self.count(file)
                let report = try runner.fanload(words + ["--duration", seconds], server, timeLimit: .seconds(60))
                counts.append(try self.count(file) - before)
                deliveries.append(report.figures["publish.delivered"] ?? 0)
            }
            let allocations = Double(counts[1]) - Double(counts[0])
            let delivered = deliveries[1] - deliveries[0]
            return Results.Measurement(
                name: name,
                figures: [
                    "per_delivery": [allocations / delivered],
                    "per_message": [allocations / delivered * Double(listeners)],
                ]
            )
        }
    }

    private static func count(_ file: URL) throws -> UInt64 {
        let data = try Data(contentsOf: file)
        guard data.count == 8 else { return 0 }
        return unsafe data.withUnsafeBytes { unsafe $0.loadUnaligned(as: UInt64.self) }
    }
}

/// The counter, as a library to load.
enum AllocationCounterLibrary {
    static func build(_ root: URL) throws -> URL {
        let folder = root.appendingPathComponent(".build/load")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let library = folder.appendingPathComponent("liballocations.so")
        _ = try ChildProcess.require(
            [
                "cc", "-O2", "-Wall", "-shared", "-fPIC", "-o", library.path,
                root.appendingPathComponent("tools/allocations/count.c").path,
            ],
            timeLimit: .seconds(60)
        )
        return library
    }
}

/// Allocations of the whole server, by load.
struct AllocationTable {
    let text: String

    init(_ section: Results.Section) {
        var table = MarkdownTable(head: ["allocations of the server", "a message", "a delivery"])
        for measurement in section.measurements {
            table.rows.append([
                measurement.name,
                measurement.median("per_message").map(Unit.digits) ?? "-",
                measurement.median("per_delivery").map(Unit.digits) ?? "-",
            ])
        }
        self.text = table.text
    }
}
