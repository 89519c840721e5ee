/// A table as Markdown has it.
struct MarkdownTable {
    var head: [String]
    /// These columns are set to the right, as numbers are; nil: all but the first.
    var numberColumns: Range<Int>?
    var rows: [[String]] = []

    var text: String {
        let numbers = self.numberColumns ?? 1..<max(1, self.head.count)
        let rule = self.head.indices.map { numbers.contains($0) ? "---:" : "---" }
        return ([self.head, rule] + self.rows).map(Self.line).joined(separator: "\n")
    }

    private static func line(_ cells: [String]) -> String {
        "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
}
