import Foundation

/// On what machine, when, and of which commit something was measured.
struct Provenance: Codable, Equatable {
    var date: String
    var commit: String
    var processor: String
    var cores: Int
    var kernel: String
    var memoryMiB: Int
    /// How the processes were placed, and what else ran: `pinned, nice -10`.
    var conditions: String

    /// What holds here and now.
    ///
    /// - Parameters:
    ///   - conditions: How the processes were placed.
    ///   - root: The repository, for the commit.
    /// - Returns: What could be found out; what could not is `unknown`.
    static func current(conditions: String, root: URL) -> Provenance {
        let information = ProcessInfo.processInfo
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime]
        return Provenance(
            date: formatter.string(from: Date()),
            commit: self.output(["git", "-C", root.path, "describe", "--always", "--dirty", "--abbrev=10"])
                ?? "unknown",
            processor: self.processor ?? "unknown processor",
            cores: information.activeProcessorCount,
            kernel: self.output(["uname", "-sr"]) ?? "unknown system",
            memoryMiB: Int(information.physicalMemory >> 20),
            conditions: conditions
        )
    }

    var machine: String {
        "\(self.cores) cores (\(self.processor)), \(self.memoryMiB / 1024) GiB, \(self.kernel)"
    }

    private static var processor: String? {
        (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
            .split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last?.trimmingCharacters(in: .whitespaces)
    }

    private static func output(_ words: [String]) -> String? {
        guard let run = try? ChildProcess.run(words, timeLimit: .seconds(10)), run.status == 0 else { return nil }
        return run.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
