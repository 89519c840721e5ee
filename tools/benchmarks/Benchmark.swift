import Foundation

/// Runs what is to be measured several times and prints a line: name, minimum, median, maximum, unit, settings.
///
/// A benchmark is named like `rawjson.scan-event-lines`; those run whose names start with the first argument, all of
/// them without one.
enum Benchmark {
    private static let prefix = CommandLine.arguments.dropFirst().first ?? ""
    /// Odd, so that the median is a round that was measured.
    private static let rounds = 15

    /// Whether benchmarks whose names start like this are to run: what takes long to prepare is asked first.
    static func runs(_ subject: String) -> Bool {
        subject.hasPrefix(Self.prefix) || Self.prefix.hasPrefix(subject)
    }

    /// Measures how many things a second `body` does, in thousands.
    ///
    /// - Parameters:
    ///   - name: Subject and case.
    ///   - unit: What is counted: `events` prints as `k events/s`.
    ///   - settings: What else a reader has to know to repeat it.
    ///   - body: One round, long enough for the clock; returns how many it did.
    static func rate(_ name: String, of unit: String, settings: String, _ body: () throws -> Int) rethrows {
        try self.measure(name, unit: "k \(unit)/s", settings: settings) { count, time in
            Double(count) / 1e3 / (time / .seconds(1))
        } body: {
            try body()
        }
    }

    /// Measures how long `body` takes, in milliseconds; what `prepare` makes for each round is not measured.
    static func duration<Input>(
        _ name: String,
        settings: String,
        prepare: () -> Input,
        _ body: (inout Input) -> Void
    ) {
        guard name.hasPrefix(Self.prefix) else { return }
        let clock = ContinuousClock()
        var figures: [Double] = []
        for _ in 0..<Self.rounds {
            var input = prepare()
            figures.append(clock.measure { body(&input) } / .milliseconds(1))
        }
        figures.sort()
        Self.printLine(name, figures, unit: "ms", settings: "\(settings), \(Self.rounds) rounds")
    }

    /// Measures how many megabytes (10^6 bytes) a second pass through `body`.
    ///
    /// - Parameters:
    ///   - name: Subject and case.
    ///   - settings: What else a reader has to know to repeat it.
    ///   - body: One round, long enough for the clock; returns the bytes that passed through.
    static func throughput(_ name: String, settings: String, _ body: () throws -> Int) rethrows {
        try self.measure(name, unit: "MB/s", settings: settings) { size, time in
            Double(size) / 1e6 / (time / .seconds(1))
        } body: {
            try body()
        }
    }

    /// Prints figures that were measured otherwise, ascending; one that is measured once is all three.
    static func report(_ name: String, _ figures: [Double], _ unit: String, _ settings: String) {
        guard name.hasPrefix(Self.prefix), !figures.isEmpty else { return }
        Self.printLine(name, figures, unit: unit, settings: settings)
    }

    private static func measure(
        _ name: String,
        unit: String,
        settings: String,
        figure: (Int, Duration) -> Double,
        body: () throws -> Int
    ) rethrows {
        guard name.hasPrefix(Self.prefix) else { return }
        let clock = ContinuousClock()
        _ = try body()  // fills caches, faults pages in
        var figures: [Double] = []
        for _ in 0..<Self.rounds {
            var count = 0
            let time = try clock.measure { count = try body() }
            figures.append(figure(count, time))
        }
        figures.sort()
        Self.printLine(name, figures, unit: unit, settings: "\(settings), \(Self.rounds) rounds")
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
        print(
            Self.columns(name, figures.map { String(format: $0 < 10 ? "%.2f" : "%.0f", $0) }),
            "\(unit)  (\(settings))"
        )
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
