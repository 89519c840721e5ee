import Foundation

/// A plot of a few lines over a logarithmic axis, as SVG without anything from elsewhere.
struct LinePlot {
    struct Line {
        let name: String
        let points: [(x: Double, y: Double)]
    }

    let title: String
    let xTitle: String
    let yTitle: String
    /// Otherwise the vertical axis begins at 0.
    let isLogarithmic: Bool
    let lines: [Line]

    private static let width = 640.0
    private static let height = 360.0
    private static let left = 64.0
    private static let right = 24.0
    private static let top = 40.0
    private static let bottom = 56.0
    private static let colors = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e"]

    /// The file's text; nil if there is nothing to plot.
    var svg: String? {
        let points = self.lines.flatMap(\.points).filter { $0.x > 0 && $0.y > 0 }
        guard let xLow = points.map(\.x).min(), let xHigh = points.map(\.x).max(), let yHigh = points.map(\.y).max(),
            let yLow = points.map(\.y).min()
        else { return nil }
        let x = Axis.logarithmic(from: xLow, to: xHigh, pixels: Self.left...(Self.width - Self.right))
        let vertical = Self.top...(Self.height - Self.bottom)
        let y =
            self.isLogarithmic
            ? Axis.logarithmic(from: yLow, to: yHigh, pixels: vertical) : .linear(to: yHigh * 1.1, pixels: vertical)
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" font-family="sans-serif" font-size="12">
            <rect width="640" height="360" fill="white"/>
            <text x="64" y="22" font-size="14">\(Self.escaped(self.title))</text>
            <text x="352" y="348" text-anchor="middle">\(Self.escaped(self.xTitle))</text>
            <text x="16" y="180" text-anchor="middle" transform="rotate(-90 16 180)">\(Self.escaped(self.yTitle))</text>

            """
        for tick in x.ticks {
            let at = Self.number(x.pixel(tick))
            text += "<path d=\"M\(at) 40V304\" stroke=\"#ddd\"/>"
            text += "<text x=\"\(at)\" y=\"320\" text-anchor=\"middle\">\(Unit.grouped(tick))</text>\n"
        }
        for tick in y.ticks {
            let at = Self.number(Self.top + vertical.upperBound - y.pixel(tick))
            text += "<path d=\"M64 \(at)H616\" stroke=\"#ddd\"/>"
            text += "<text x=\"58\" y=\"\(at)\" dy=\"4\" text-anchor=\"end\">\(Self.label(tick))</text>\n"
        }
        for (index, line) in self.lines.enumerated() {
            let color = Self.colors[index % Self.colors.count]
            let places = line.points.filter { $0.x > 0 && $0.y > 0 }.map {
                (Self.number(x.pixel($0.x)), Self.number(Self.top + vertical.upperBound - y.pixel($0.y)))
            }
            let path = places.map { "\($0.0) \($0.1)" }.joined(separator: "L")
            text += "<path d=\"M\(path)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\"/>"
            text += places.map { "<circle cx=\"\($0.0)\" cy=\"\($0.1)\" r=\"3\" fill=\"\(color)\"/>" }.joined()
            let row = 56 + index * 18
            text += "<path d=\"M76 \(row)h20\" stroke=\"\(color)\" stroke-width=\"2\"/>"
            text += "<text x=\"102\" y=\"\(row + 4)\">\(Self.escaped(line.name))</text>\n"
        }
        return text + "</svg>\n"
    }

    private static func number(_ value: Double) -> String { String(format: "%.1f", value) }

    private static func label(_ value: Double) -> String {
        value >= 1000 ? Unit.grouped(value) : String(format: "%g", value)
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

/// Where values stand on one axis.
private enum Axis {
    case logarithmic(from: Double, to: Double, pixels: ClosedRange<Double>)
    case linear(to: Double, pixels: ClosedRange<Double>)

    func pixel(_ value: Double) -> Double {
        switch self {
        case .logarithmic(let low, let high, let pixels):
            // One value alone stands in the middle.
            let share = high > low ? (log10(value) - log10(low)) / (log10(high) - log10(low)) : 0.5
            return pixels.lowerBound + share * (pixels.upperBound - pixels.lowerBound)
        case .linear(let high, let pixels):
            return pixels.lowerBound + value / high * (pixels.upperBound - pixels.lowerBound)
        }
    }

    var ticks: [Double] {
        switch self {
        case .logarithmic(let low, let high, _):
            return (Int(ceil(log10(low) - 1e-9))...max(Int(ceil(log10(low) - 1e-9)), Int(log10(high) + 1e-9)))
                .map { pow(10, Double($0)) }.filter { $0 >= low * 0.999 && $0 <= high * 1.001 }
        case .linear(let high, _):
            let rough = high / 5
            let magnitude = pow(10, floor(log10(rough)))
            let step = [1, 2, 5, 10].map { $0 * magnitude }.first { $0 >= rough } ?? rough
            return stride(from: 0, through: high, by: step).map { $0 }
        }
    }
}
