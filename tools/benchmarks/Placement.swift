import Foundation

/// Where processes run: the server on one core, the load on another, both before everything else, where the machine
/// permits.
struct Placement {
    /// Words before a command.
    let server: [String]
    let load: [String]
    /// For ``Provenance/conditions``.
    let description: String

    /// Most open files of a process: two for each of 100,000 connections would not be enough for nothing else.
    private static let fileLimit = 250_000

    /// Finds out what is permitted.
    static func detect(pins: Bool) -> Placement {
        let cores = ProcessInfo.processInfo.processorCount
        let isPinned = pins && cores > 1 && self.works(["taskset", "-c", "0", "true"])
        let niceness = (try? ChildProcess.run(["nice", "-n", "-10", "nice"], timeLimit: .seconds(5)))?.output
            .trimmingCharacters(in: .whitespacesAndNewlines)
        var common: [String] = []
        // A server must not outlive this program, however that ends.
        if self.works(["setpriv", "--pdeathsig", "KILL", "true"]) { common += ["setpriv", "--pdeathsig", "KILL"] }
        if self.works(["prlimit", "--nofile=\(Self.fileLimit)", "true"]) {
            common += ["prlimit", "--nofile=\(Self.fileLimit)"]
        }
        if niceness == "-10" { common += ["nice", "-n", "-10"] }
        return Placement(
            server: common + (isPinned ? ["taskset", "-c", "\(cores - 1)"] : []),
            load: common + (isPinned ? ["taskset", "-c", "0"] : []),
            description: (isPinned ? "server and load pinned to a core each" : "not pinned")
                + (niceness == "-10" ? ", nice -10" : "")
        )
    }

    private static func works(_ words: [String]) -> Bool {
        (try? ChildProcess.run(words, timeLimit: .seconds(5)))?.status == 0
    }
}
