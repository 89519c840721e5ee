import Foundation

/// Where processes run: the server on one core, the load on another, both before everything else, where the machine
/// permits.
struct Placement {
    /// Words before a command.
    let server: [String]
    let load: [String]
    /// For ``Provenance/conditions``.
    let description: String

    /// Open files of a process that 100,000 connections need; where that is not permitted, as many as are.
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
        let fileLimit = [Self.fileLimit, self.hardFileLimit].first {
            self.works(["prlimit", "--nofile=\($0)", "true"])
        }
        if let fileLimit { common += ["prlimit", "--nofile=\(fileLimit)"] }
        if niceness == "-10" { common += ["nice", "-n", "-10"] }
        return Placement(
            server: common + (isPinned ? ["taskset", "-c", "\(cores - 1)"] : []),
            load: common + (isPinned ? ["taskset", "-c", "0"] : []),
            description: (isPinned ? "server and load pinned to a core each" : "not pinned")
                + (niceness == "-10" ? ", nice -10" : "")
        )
    }

    private static var hardFileLimit: Int {
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_max)
    }

    private static func works(_ words: [String]) -> Bool {
        (try? ChildProcess.run(words, timeLimit: .seconds(5)))?.status == 0
    }
}
