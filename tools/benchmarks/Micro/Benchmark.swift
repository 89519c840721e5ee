import Foundation
import Synchronization

/// Runs what is to be measured several times and prints a line: name, minimum, median, maximum, unit, settings.
///
/// A benchmark is named like `rawjson.scan-event-lines`; those run whose names start with the chosen prefix. Where the
/// process was started with the counter of `tools/allocations` loaded, the line also says how many allocations one of
/// the things counted took.
enum Benchmark {
    private struct Session {
        var prefix = ""
        var measurements: [Results.Measurement] = []
    }

    private static let session = Mutex(Session())
    /// Odd, so that the median is a round that was measured.
    private static let rounds = 15

    /// Chooses what runs, before anything does.
    static func select(_ prefix: String) { self.session.withLock { $0.prefix = prefix } }

    /// What was measured so far.
    static var measurements: [Results.Measurement] { self.session.withLock { $0.measurements } }

    private static var prefix: String { self.session.withLock { $0.prefix } }

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
    ///   - rounds: How many; odd.
    ///   - body: One round, long enough for the clock; returns how many it did.
    static func rate(
        _ name: String,
        of unit: String,
        settings: String,
        rounds: Int = Self.rounds,
        _ body: () throws -> Int
    ) rethrows {
        try self.measure(name, unit: "k \(unit)/s", settings: settings, isCounted: true, rounds: rounds) {
            count,
            time in
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
        Self.record(name, figures, unit: "ms", settings: settings, allocations: nil)
    }

    /// Measures how many megabytes (10^6 bytes) a second pass through `body`.
    ///
    /// - Parameters:
    ///   - name: Subject and case.
    ///   - settings: What else a reader has to know to repeat it.
    ///   - body: One round, long enough for the clock; returns the bytes that passed through.
    static func throughput(_ name: String, settings: String, _ body: () throws -> Int) rethrows {
        try self.measure(name, unit: "MB/s", settings: settings, isCounted: false) { size, time in
            Double(size) / 1e6 / (time / .seconds(1))
        } body: {
            try body()
        }
    }

    /// Prints figures that were measured otherwise, ascending; one that is measured once is all three.
    static func report(_ name: String, _ figures: [Double], _ unit: String, _ settings: String) {
        guard name.hasPrefix(Self.prefix), !figures.isEmpty else { return }
        Self.record(name, figures, unit: unit, settings: settings, allocations: nil)
    }

    private static func measure(
        _ name: String,
        unit: String,
        settings: String,
        isCounted: Bool,
        rounds: Int = Self.rounds,
        figure: (Int, Duration) -> Double,
        body: () throws -> Int
    ) rethrows {
        guard name.hasPrefix(Self.prefix) else { return }
        let clock = ContinuousClock()
        _ = try body()  // fills caches, faults pages in
        var figures: [Double] = []
        var count = 0
        let allocationsBefore = AllocationCounter.loaded?.count
        for _ in 0..<rounds {
            let time = try clock.measure { count = try body() }
            figures.append(figure(count, time))
        }
        let allocations = allocationsBefore.flatMap { before in
            AllocationCounter.loaded.map { Double($0.count - before) / Double(rounds * max(1, count)) }
        }
        figures.sort()
        // Of bytes that pass through nobody asks for allocations each.
        Self.record(name, figures, unit: unit, settings: settings, allocations: isCounted ? allocations : nil)
    }

    /// Prints on what machine and of which commit the figures are.
    static func printHeader(_ provenance: Provenance) {
        print("machine: \(provenance.machine); commit: \(provenance.commit)")
        print(Self.columns("benchmark", ["min", "median", "max"]), "unit")
    }

    /// Prints a line, and keeps it.
    static func record(
        _ name: String,
        _ sorted: [Double],
        unit: String,
        settings: String,
        allocations: Double?
    ) {
        let figures = [sorted[0], sorted[sorted.count / 2], sorted[sorted.count - 1]]
        let counted = allocations.map { String(format: ", %.2f allocations each", $0) } ?? ""
        print(
            Self.columns(name, figures.map { String(format: $0 < 10 ? "%.2f" : "%.0f", $0) }),
            "\(unit)  (\(settings), \(sorted.count) rounds\(counted))"
        )
        var measurement = Results.Measurement(name: name, figures: ["rounds": sorted], unit: unit, note: settings)
        if let allocations { measurement.figures["allocations"] = [allocations] }
        self.session.withLock { $0.measurements.append(measurement) }
    }

    private static func columns(_ name: String, _ figures: [String]) -> String {
        let name = name.padding(toLength: max(44, name.count), withPad: " ", startingAt: 0)
        return name + figures.map { String(repeating: " ", count: max(0, 9 - $0.count)) + $0 }.joined()
    }
}
