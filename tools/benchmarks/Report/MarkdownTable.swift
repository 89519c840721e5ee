/// A table as Markdown has it.
struct MarkdownTable {
    var head: [String]
    /// Columns from this one on are set to the right, as numbers are.
    var numbersFrom = 1
    var rows: [[String]] = []

    var text: String {
        let rule = self.head.indices.map { $0 < self.numbersFrom ? "---" : "---:" }
        return ([self.head, rule] + self.rows).map(Self.line).joined(separator: "\n")
    }

    private static func line(_ cells: [String]) -> String {
        "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
}
