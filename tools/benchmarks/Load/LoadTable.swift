import Foundation

/// The rows of the comparison, as a table with ratios and goals.
struct LoadTable {
    private var table = MarkdownTable(
        head: ["", "limit", "ours", "ratio", "goal", "", "measured beside"],
        numberColumns: 1..<4
    )

    var isEmpty: Bool { self.table.rows.isEmpty }
    var text: String { self.table.text }

    mutating func add(_ row: LoadRow, _ section: Results.Section) {
        let best = { (contender: Contender) in
            section.measurement(contender.name)?.best(row.figure.path, row.figure.better)
        }
        let ours = best(row.subject)
        let base = row.baseline.flatMap(best)
        let ratio = if let ours, let base, base > 0 { ours / base } else { Double?.none }
        let others = row.contenders.filter { $0 != .limit && $0 != row.subject }.compactMap { contender in
            best(contender).map { "\(contender.name): \(row.figure.unit.text($0))" }
        }
        let besides = row.besides.compactMap { beside in
            section.measurement(row.subject.name)?.best(beside.figure.path, beside.figure.better)
                .map { "\(beside.name) \(beside.figure.unit.text($0 / beside.divisor))" }
        }
        self.table.rows.append([
            row.title + (row.remark.isEmpty ? "" : " (\(row.remark))"),
            best(.limit).map(row.figure.unit.text) ?? "-",
            ours.map(row.figure.unit.text) ?? "-",
            ratio.map(Unit.ratio.text) ?? "-",
            row.goal.map { $0.text(row) } ?? "-",
            row.goal.flatMap { $0.verdict(ours: ours, ratio: ratio) } ?? "not measured",
            (besides + others).joined(separator: "; "),
        ])
    }
}

extension LoadRow.Goal {
    func text(_ row: LoadRow) -> String {
        switch self {
        case .ratio(let most): "at most \(Unit.ratio.text(most)) x \(row.baseline?.name ?? "")"
        case .atMost(let most): "at most \(row.figure.unit.text(most))"
        case .atLeast(let least): "at least \(row.figure.unit.text(least))"
        }
    }

    /// Met, or by how much it is missed; nil if there is no figure.
    func verdict(ours: Double?, ratio: Double?) -> String? {
        switch self {
        case .ratio(let most): ratio.map { $0 <= most ? "met" : Self.missed($0 / most) }
        case .atMost(let most): ours.map { $0 <= most ? "met" : Self.missed($0 / most) }
        case .atLeast(let least):
            ours.map { $0 >= least ? "met" : Self.missed(least / max($0, .leastNonzeroMagnitude)) }
        }
    }

    private static func missed(_ factor: Double) -> String {
        guard factor < 1.995 else { return "missed, \(Unit.digits(factor)) x" }
        return "missed by \(Int(((factor - 1) * 100 - 1e-6).rounded(.up))) %"
    }
}

/// One growth row: the steps downwards, the contenders across.
struct GrowthTable {
    let text: String

    init(_ growth: Growth, _ section: Results.Section) {
        var table = MarkdownTable(head: [growth.axis])
        for plot in growth.plots {
            for contender in growth.contenders { table.head.append("\(plot.title), \(plot.unit): \(contender.name)") }
        }
        for step in growth.steps {
            var cells = [Unit.grouped(Double(step))]
            for plot in growth.plots {
                for contender in growth.contenders {
                    let value = section.measurement(contender.name, at: Double(step))?.best(plot.path, .lower)
                    cells.append(value.map { Unit.digits($0 * plot.scale) } ?? "-")
                }
            }
            table.rows.append(cells)
        }
        self.text = table.text
    }
}

extension Growth {
    /// The plots of what was measured, by the names of their files.
    func drawings(_ section: Results.Section) -> [(name: String, plot: LinePlot)] {
        self.plots.map { plot in
            let lines = self.contenders.map { contender in
                LinePlot.Line(
                    name: contender.name,
                    points: self.steps.compactMap { step in
                        section.measurement(contender.name, at: Double(step))?.best(plot.path, .lower)
                            .map { (x: Double(step), y: $0 * plot.scale) }
                    }
                )
            }
            return (
                plot.name,
                LinePlot(
                    title: plot.title,
                    xTitle: self.axis,
                    yTitle: plot.unit,
                    isLogarithmic: plot.isLogarithmic,
                    lines: lines.filter { !$0.points.isEmpty }
                )
            )
        }
    }
}
