import Foundation

/// Runs what is to be measured several times and prints a line: name, minimum, median, maximum, unit, settings.
///
/// A benchmark is named like `rawjson.scan-event-lines`; those run whose names start with the first argument, all of
/// them without one.
enum Benchmark {
    private static let prefix = CommandLine.arguments.dropFirst().first ?? ""
    /// Odd, so that the median is a round that was measured.
    private static let rounds = 15

    /// Measures how many megabytes (10^6 bytes) a second pass through `body`.
    ///
    /// - Parameters:
    ///   - name: Subject and case.
    ///   - settings: What else a reader has to know to repeat it.
    ///   - body: One round, long enough for the clock; returns the bytes that passed through.
    static func throughput(_ name: String, settings: String, _ body: () throws -> Int) rethrows {
        guard name.hasPrefix(Self.prefix) else { return }
        let clock = ContinuousClock()
        _ = try body()  // fills caches, faults pages in
        var figures: [Double] = []
        for _ in 0..<Self.rounds {
            var size = 0
            let time = try clock.measure { size = try body() }
            figures.append(Double(size) / 1e6 / (time / .seconds(1)))
        }
        figures.sort()
        Self.printLine(name, figures, unit: "MB/s", settings: "\(settings), \(Self.rounds) rounds")
    }

    /// Prints on what machine and of which commit the figures are.
    static func printHeader() {
        let machine = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
            .split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
        let cores = ProcessInfo.processInfo.activeProcessorCount
        print("machine: \(machine ?? "unknown"), \(cores) cores; commit: \(Self.commit ?? "unknown")")
        print(Self.columns("benchmark", ["min", "median", "max"]), "unit")
    }

    private static func printLine(_ name: String, _ sorted: [Double], unit: String, settings: String) {
        let figures = [sorted[0], sorted[sorted.count / 2], sorted[sorted.count - 1]]
        print(Self.columns(name, figures.map { String(format: "%.0f", $0) }), "\(unit)  (\(settings))")
    }

    private static func columns(_ name: String, _ figures: [String]) -> String {
        let name = name.padding(toLength: max(40, name.count), withPad: " ", startingAt: 0)
        return name + figures.map { String(repeating: " ", count: max(0, 9 - $0.count)) + $0 }.joined()
    }

    private static var commit: String? {
        let git = Process()
        git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        git.arguments = ["git", "describe", "--always", "--dirty"]
        let output = Pipe()
        git.standardOutput = output
        git.standardError = FileHandle.nullDevice
        guard (try? git.run()) != nil else { return nil }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        git.waitUntilExit()
        return git.terminationStatus == 0 ? text.trimmingCharacters(in: .whitespacesAndNewlines) : nil
    }
}
