import Foundation
import Testing

@testable import benchmarks

@Suite("Results, and what is made of them")
struct ReportTests {
    @Test("results come back as they were written, and a file that is not there is no results")
    func roundTrip() throws {
        try Scratch.withFolder("test") { folder in
            let file = folder.appendingPathComponent("deep/results.json")
            #expect(try Results.read(file) == Results())
            var results = Results()
            results.sections["micro"] = Results.Section(
                provenance: .sample,
                measurements: [Results.Measurement(name: "a", at: 10, figures: ["b": [1.5, 2]], unit: "ms")]
            )
            try results.write(file)
            #expect(try Results.read(file) == results)
        }
    }

    @Test("the median of an even number of repeats is one that was measured")
    func median() {
        let measurement = Results.Measurement(name: "", figures: ["x": [4, 1, 3, 2]])
        #expect(measurement.median("x") == 2)
        #expect(measurement.median("y") == nil)
    }

    @Test(
        "numbers are written with three digits that mean something",
        arguments: [
            (0.0042, "0.00"), (4.7012, "4.70"), (13.25, "13.2"), (147.4, "147"), (12_845, "12,800"),
            (1_700_400, "1,700,000"), (999.6, "1,000"), (0, "0.00"),
        ]
    )
    func digits(value: Double, text: String) {
        #expect(Unit.digits(value) == text)
    }

    @Test("a unit goes with its figure")
    func units() {
        #expect(Unit.perSecond.text(1_700_000) == "1.70 M/s")
        #expect(Unit.perSecond.text(64_200) == "64,200/s")
        #expect(Unit.bytes.text(512) == "512 bytes")
        #expect(Unit.bytes.text(3_277) == "3.20 KiB")
    }

    @Test("only what stands between the marks is replaced")
    func marks() throws {
        var document = MarkedDocument("a\n<!-- begin: x -->\nold\n<!-- end: x -->\nb\n")
        try document.replace("x", with: "new")
        #expect(document.text == "a\n<!-- begin: x -->\n\nnew\n\n<!-- end: x -->\nb\n")
        let once = document.text
        try document.replace("x", with: "new")
        #expect(document.text == once, "writing twice changes nothing")
    }

    @Test(
        "a document without the marks is left as it is",
        arguments: ["", "<!-- begin: x -->\n", "<!-- end: x -->\n<!-- begin: x -->\n"]
    )
    func missingMarks(text: String) {
        var document = MarkedDocument(text)
        #expect(throws: MarkedDocument.MissingMark.self) { try document.replace("x", with: "new") }
        #expect(document.text == text)
    }

    @Test("the document has the marks of every part")
    func documentHasMarks() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
        let file = root.standardizedFileURL.appendingPathComponent("docs/performance.md")
        var document = MarkedDocument(try String(contentsOf: file, encoding: .utf8))
        for (name, part) in PerformanceDocument(Results()).parts { try document.replace(name, with: part) }
    }

    @Test("a bar in a cell does not end the cell")
    func tableCells() {
        let table = MarkdownTable(head: ["a", "b"], rows: [["x|y", "1"]])
        #expect(table.text == "| a | b |\n| --- | ---: |\n| x\\|y | 1 |")
    }
}

@Suite("Plots")
struct LinePlotTests {
    private static func plot(_ points: [(x: Double, y: Double)], isLogarithmic: Bool = false) -> LinePlot {
        LinePlot(
            title: "a < b & c",
            xTitle: "listeners",
            yTitle: "µs",
            isLogarithmic: isLogarithmic,
            lines: [LinePlot.Line(name: "ours", points: points)]
        )
    }

    @Test("a plot is well-formed XML with a mark for every point", arguments: [false, true])
    func wellFormed(isLogarithmic: Bool) throws {
        let svg = try #require(Self.plot([(1, 4), (10, 5), (100_000, 6)], isLogarithmic: isLogarithmic).svg)
        #expect(svg.hasPrefix("<svg "))
        #expect(svg.hasSuffix("</svg>\n"))
        #expect(svg.split(separator: "<circle ").count - 1 == 3)
        #expect(svg.contains("a &lt; b &amp; c"))
        #expect(!svg.contains("nan") && !svg.contains("inf"))
        // Every element is closed, by itself or by its end.
        let opened = svg.matches(of: /<[a-z]+[^>]*[^\/]>/).count
        #expect(opened == svg.split(separator: "</").count - 1)
    }

    @Test("a higher value stands higher")
    func upwards() throws {
        let svg = try #require(Self.plot([(1, 1), (10, 9)]).svg)
        let heights = svg.matches(of: /cy="([0-9.]+)"/).compactMap { Double($0.1) }
        #expect(heights.count == 2)
        #expect(heights[0] > heights[1])
    }

    @Test("one point alone stands inside the plot")
    func onePoint() throws {
        let svg = try #require(Self.plot([(100, 5)], isLogarithmic: true).svg)
        let places = svg.matches(of: /cx="([0-9.]+)"/).compactMap { Double($0.1) }
        #expect(places.allSatisfy { (64...616).contains($0) } && places.count == 1)
    }

    @Test("nothing is plotted of nothing")
    func nothing() {
        #expect(Self.plot([]).svg == nil)
        #expect(Self.plot([(0, 5)]).svg == nil, "0 has no place on a logarithmic axis")
    }
}
