/// A table for people: columns as wide as their widest cell, numbers to the right.
struct TextTable {
    enum Alignment {
        case left
        case right
    }

    struct Column {
        let title: String
        let alignment: Alignment

        init(_ title: String, _ alignment: Alignment = .left) {
            self.title = title
            self.alignment = alignment
        }
    }

    private let columns: [Column]
    private var rows: [[[UInt8]]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// - Parameter cells: One for each column; control characters are made harmless here.
    mutating func append(_ cells: [[UInt8]]) {
        precondition(cells.count == self.columns.count, "a row has a cell for each column")
        self.rows.append(
            cells.map { cell in
                var text: [UInt8] = []
                TerminalText.append(cell, to: &text)
                return text
            }
        )
    }

    mutating func append(_ cells: [String]) {
        self.append(cells.map { Array($0.utf8) })
    }

    /// The lines of the table, each with its newline.
    var text: [UInt8] {
        let titles = self.columns.map { Array($0.title.utf8) }
        let widths = self.columns.indices.map { column in
            self.rows.reduce(Self.width(titles[column])) { max($0, Self.width($1[column])) }
        }
        var text: [UInt8] = []
        for row in [titles] + self.rows {
            self.append(row, widths, to: &text)
        }
        return text
    }

    private func append(_ row: [[UInt8]], _ widths: [Int], to text: inout [UInt8]) {
        let lineStart = text.count
        for (column, cell) in row.enumerated() {
            if column > 0 { text.append(contentsOf: "  ".utf8) }
            let padding = repeatElement(UInt8(ascii: " "), count: widths[column] - Self.width(cell))
            switch self.columns[column].alignment {
            case .left:
                text.append(contentsOf: cell)
                text.append(contentsOf: padding)
            case .right:
                text.append(contentsOf: padding)
                text.append(contentsOf: cell)
            }
        }
        while text.count > lineStart, text.last == UInt8(ascii: " ") { text.removeLast() }
        text.append(UInt8(ascii: "\n"))
    }

    /// Columns on a terminal, as near as scalars tell: their count.
    static func width(_ cell: some Collection<UInt8>) -> Int {
        cell.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    }
}

/// Sizes and ratios as people read them.
enum Quantity {
    /// `1.5 MiB`.
    static func size(_ bytes: UInt64) -> String {
        guard bytes >= 1024 else { return "\(bytes) B" }
        var tenths = bytes * 10 / 1024
        var unit = "KiB"
        for larger in ["MiB", "GiB", "TiB", "PiB"] where tenths >= 10240 {
            tenths /= 1024
            unit = larger
        }
        return "\(tenths / 10).\(tenths % 10) \(unit)"
    }

    /// `a / b` with two decimal places; `-` if there is none.
    static func ratio(_ numerator: UInt64, _ denominator: UInt64) -> String {
        guard denominator > 0 else { return "-" }
        let hundredths = (Double(numerator) / Double(denominator) * 100).rounded()
        guard hundredths < 1e15 else { return "-" }
        let whole = UInt64(hundredths)
        return "\(whole / 100)." + (whole % 100 < 10 ? "0" : "") + "\(whole % 100)"
    }
}
