import Foundation

/// What `fanload --json` prints, as figures by path: `publish.server_cpu_us_per_delivery`.
struct FanloadReport: Equatable {
    private(set) var figures: [String: Double] = [:]
    /// What was not as it must be: lost, doubled or refused messages, a limit that was passed.
    private(set) var problems: [String] = []

    struct Malformed: Error, CustomStringConvertible {
        var text: String
        var description: String { "fanload printed no report: \(self.text.suffix(300))" }
    }

    /// Reads a report.
    ///
    /// - Parameter output: Standard output of one run; the report is its last line.
    /// - Throws: ``Malformed`` if there is none.
    init(output: String) throws {
        guard let line = output.split(separator: "\n").last,
            let root = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        else { throw Malformed(text: output) }
        self.collect(root, prefix: "")
        if let phase = root["best"] as? [String: Any] ?? root["publish"] as? [String: Any] {
            if let reason = phase["why_not"] as? String { self.problems.append(reason) }
            if let count = phase["out_of_order"] as? Int, count > 0 { self.problems.append("\(count) out of order") }
        }
        if let connect = root["connect"] as? [String: Any], let failed = connect["failed"] as? Int, failed > 0 {
            self.problems.append("\(failed) connections failed")
        }
    }

    private mutating func collect(_ object: [String: Any], prefix: String) {
        for (key, value) in object {
            switch value {
            case let inner as [String: Any]: self.collect(inner, prefix: "\(prefix)\(key).")
            case let number as NSNumber: self.figures["\(prefix)\(key)"] = number.doubleValue
            default: break  // text, and the steps of a search
            }
        }
    }
}
