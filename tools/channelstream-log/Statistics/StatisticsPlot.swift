import EventLog
import SystemPackage

/// Events per hour and per type as an SVG picture.
struct StatisticsPlot {
    private static let width = 960
    private static let chartHeight = 260
    private static let margin = 60

    private let hours: [CountTable.Entry]
    private let types: [CountTable.Entry]

    init(_ statistics: LogStatistics) {
        self.hours = statistics.hours.entries.sorted { $0.name.lexicographicallyPrecedes($1.name) }
        self.types = statistics.types.mostFrequent(.max)
    }

    /// The picture.
    var svg: String {
        let rowHeight = 22
        let typesTop = Self.chartHeight + 2 * Self.margin
        let height = typesTop + rowHeight * self.types.count + Self.margin
        var svg = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.width)" height="\(height)" \
            viewBox="0 0 \(Self.width) \(height)" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="#ffffff"/>
            <text x="\(Self.margin)" y="28" font-size="16">Events per hour</text>

            """
        svg += self.hourBars()
        svg += "<text x=\"\(Self.margin)\" y=\"\(typesTop - 12)\" font-size=\"16\">Events per type</text>\n"
        let most = self.types.first?.count ?? 1
        for (index, type) in self.types.enumerated() {
            let top = typesTop + index * rowHeight
            let length = Self.scale(type.count, most, to: Self.width - 4 * Self.margin - 160)
            svg += """
                <text x="\(Self.margin)" y="\(top + 14)">\(Self.escaped(type.name))</text>
                <rect x="\(Self.margin + 170)" y="\(top + 3)" width="\(length)" height="14" fill="#3b6ea5"/>
                <text x="\(Self.margin + 176 + length)" y="\(top + 14)">\(type.count)</text>

                """
        }
        return svg + "</svg>\n"
    }

    private func hourBars() -> String {
        guard let most = self.hours.map(\.count).max(), most > 0 else { return "" }
        let span = Self.width - 2 * Self.margin
        let step = max(1, span / self.hours.count)
        // More hours than pixels: the latest.
        let shown = self.hours.suffix(span)
        let labelEvery = max(1, (shown.count + 7) / 8)
        let bottom = Self.margin + Self.chartHeight - 20
        var svg = "<text x=\"\(Self.margin - 6)\" y=\"\(Self.margin - 12)\" text-anchor=\"end\">\(most)</text>\n"
        for (index, hour) in shown.enumerated() {
            let left = Self.margin + index * step
            let length = Self.scale(hour.count, most, to: bottom - Self.margin)
            svg += """
                <rect x="\(left)" y="\(bottom - length)" width="\(max(1, step - 1))" height="\(length)" fill="#3b6ea5">\
                <title>\(Self.escaped(hour.name)): \(hour.count)</title></rect>

                """
            if index % labelEvery == 0 {
                svg += "<text x=\"\(left)\" y=\"\(bottom + 16)\">\(Self.escaped(hour.name))h</text>\n"
            }
        }
        return svg
    }

    /// - Throws: ``ToolFailure`` if the file cannot be written.
    func write(to path: String) throws {
        try TextFile.write(Array(self.svg.utf8), to: FilePath(path))
    }

    private static func scale(_ count: UInt64, _ most: UInt64, to length: Int) -> Int {
        max(1, Int(Double(count) / Double(most) * Double(length)))
    }

    private static func escaped(_ text: [UInt8]) -> String {
        var escaped = ""
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case _ where scalar.value < 0x20: escaped += " "
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
