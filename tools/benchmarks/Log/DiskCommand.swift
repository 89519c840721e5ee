import ArgumentParser
import EventLog
import Foundation
import SystemPackage

/// `disk`: bytes on disk for an event, in our log and in others.
struct DiskCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disk",
        abstract: "Compares bytes on disk per event: our log, gzip NDJSON, and NATS JetStream if it is installed.",
        discussion: """
            The same lines everywhere. JetStream keeps a message for every commit: the lines of the commit. It wants \
            nats-server and python3.
            """
    )

    @OptionGroup var common: CommonOptions

    @Option(name: .long, help: "Events that are written.")
    var events = 50_000

    func run() throws {
        let provenance = Provenance.current(conditions: "\(self.events) events", root: self.common.rootFolder)
        var measurements: [Results.Measurement] = []
        for commitCount in [1, 10, 100] {
            Talk.say("\(commitCount) events a commit")
            try Scratch.withFolder("disk") { folder in
                measurements += try self.measure(commitCount, in: folder)
            }
        }
        let section = Results.Section(provenance: provenance, measurements: measurements)
        try self.common.keep(["disk": section])
        print(DiskTable(section).text)
    }

    private func measure(_ commitCount: Int, in folder: URL) throws -> [Results.Measurement] {
        let directory = folder.appendingPathComponent("hub")
        try SampleLog.write(lineCount: self.events, commitCount: commitCount, to: FilePath(directory.path))
        let lines = try SampleLog.lines(of: FilePath(directory.path))
        let text = folder.appendingPathComponent("lines.ndjson")
        try Data(lines.joined()).write(to: text)
        var sizes: [(name: String, bytes: Int, note: String?)] = [
            ("plain NDJSON", lines.reduce(0) { $0 + $1.count }, nil),
            ("our log", try Self.size(of: directory.appendingPathComponent("log")), "segments"),
        ]
        _ = try ChildProcess.require(["gzip", "-6", "-k", text.path], timeLimit: .seconds(60))
        sizes.append(("gzip -6, one file", try Self.size(of: URL(fileURLWithPath: text.path + ".gz")), nil))
        sizes.append(("gzip -6, a member a commit", try self.membersSize(lines, commitCount, folder), nil))
        if Programs.isInstalled("nats-server"), Programs.isInstalled("python3") {
            for compression in ["none", "s2"] {
                do {
                    let size = try self.jetStreamSize(text, commitCount, compression, folder)
                    sizes.append(("NATS JetStream, \(compression)", size, "file storage"))
                } catch {
                    Talk.say("  JetStream, \(compression): \(error)")
                }
            }
        }
        return sizes.map { name, bytes, note in
            let figure = Double(bytes) / Double(self.events)
            Talk.say("  \(name): \(Unit.digits(figure)) bytes an event")
            return Results.Measurement(
                name: name,
                at: Double(commitCount),
                figures: ["bytes_per_event": [figure]],
                unit: "bytes",
                note: note
            )
        }
    }

    /// What can be appended and read back at once after each commit: a gzip member for each.
    ///
    /// Measured on the first 2,000 commits, since a process runs for each.
    private func membersSize(_ lines: [[UInt8]], _ commitCount: Int, _ folder: URL) throws -> Int {
        let parts = folder.appendingPathComponent("members")
        try FileManager.default.createDirectory(at: parts, withIntermediateDirectories: true)
        let commits = min(2_000, lines.count / commitCount)
        for commit in 0..<commits {
            let part = lines[(commit * commitCount)..<((commit + 1) * commitCount)]
            try Data(part.joined()).write(to: parts.appendingPathComponent("\(commit)"))
        }
        _ = try ChildProcess.require(["gzip", "-6", "-n", "-r", parts.path], timeLimit: .seconds(60))
        return Int(Double(try Self.size(of: parts)) / Double(commits * commitCount) * Double(lines.count))
    }

    private func jetStreamSize(_ text: URL, _ commitCount: Int, _ compression: String, _ folder: URL) throws -> Int {
        let store = folder.appendingPathComponent("jetstream-\(compression)")
        let port = try LocalPort.free()
        let configuration = folder.appendingPathComponent("nats-\(compression).conf")
        try Data("host: 127.0.0.1\nport: \(port)\njetstream { store_dir: \"\(store.path)\" }\n".utf8)
            .write(to: configuration)
        let server = try ChildProcess(["nats-server", "-c", configuration.path])
        defer { server.stop() }
        for _ in 0..<100 where !LocalPort.accepts(port) { usleep(50_000) }
        let script = self.common.rootFolder.appendingPathComponent("tools/comparisons/jetstream")
        _ = try ChildProcess.require(
            [
                script.path, "--port", "\(port)", "--lines", "\(commitCount)", "--compression", compression, text.path,
            ],
            timeLimit: .seconds(120)
        )
        server.stop()
        // The blocks of messages; consumers and metadata beside them do not grow with the events.
        return try Self.size(of: store) { $0.pathExtension == "blk" }
    }

    private static func size(of place: URL, where isCounted: (URL) -> Bool = { _ in true }) throws -> Int {
        let keys: Set<URLResourceKey> = [.isRegularFileKey, .fileSizeKey]
        var files = [place]
        if let inner = FileManager.default.enumerator(at: place, includingPropertiesForKeys: Array(keys)) {
            files += inner.compactMap { $0 as? URL }
        }
        return try files.reduce(0) { total, file in
            let values = try file.resourceValues(forKeys: keys)
            return total + (values.isRegularFile == true && isCounted(file) ? values.fileSize ?? 0 : 0)
        }
    }
}

/// Bytes per event: what keeps them downwards, events a commit across.
struct DiskTable {
    let text: String

    init(_ section: Results.Section) {
        let steps = Set(section.measurements.compactMap(\.at)).sorted()
        var names: [String] = []
        for measurement in section.measurements where !names.contains(measurement.name) {
            names.append(measurement.name)
        }
        var table = MarkdownTable(
            head: ["bytes on disk per event"] + steps.map { $0 == 1 ? "1 event a commit" : "\(Int($0)) a commit" }
        )
        for name in names {
            table.rows.append(
                [name]
                    + steps.map { step in
                        section.measurement(name, at: step)?.best("bytes_per_event", .lower).map(Unit.digits) ?? "-"
                    }
            )
        }
        self.text = table.text
    }
}
