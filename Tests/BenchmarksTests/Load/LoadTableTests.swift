import Testing

@testable import benchmarks

@Suite("The table of the comparison")
struct LoadTableTests {
    private static func section(_ figures: [(Contender, [Double])], _ row: LoadRow) -> Results.Section {
        Results.Section(
            provenance: .sample,
            measurements: figures.map { contender, values in
                Results.Measurement(name: contender.name, figures: [row.figure.path: values])
            }
        )
    }

    @Test("the ratio is that of the best repeats")
    func ratioOfBest() {
        var table = LoadTable()
        table.add(.delivery, Self.section([(.limit, [9, 4]), (.always, [5, 8])], .delivery))
        #expect(table.text.contains("| 4.00 µs | 5.00 µs | 1.25 | at most 1.15 x limit | missed by 9 % |"))
    }

    @Test("of a rate the highest is the best")
    func higherIsBetter() {
        var table = LoadTable()
        table.add(.batch, Self.section([(.os, [120_000, 160_000])], .batch))
        #expect(table.text.contains("| - | 160,000/s | - | at least 150,000/s | met |"))
    }

    @Test("what was not measured is said, and counts neither as met nor as missed")
    func notMeasured() {
        var table = LoadTable()
        table.add(.delivery, Self.section([(.limit, [4])], .delivery))
        #expect(table.text.contains("| 4.00 µs | - | - | at most 1.15 x limit | not measured |"))
    }

    @Test("contenders that are neither limit nor ours stand beside")
    func others() {
        var table = LoadTable()
        table.add(.delivery, Self.section([(.limit, [4]), (.always, [4]), (.nats, [11])], .delivery))
        #expect(table.text.contains("| NATS: 11.0 µs |"))
    }

    @Test(
        "a goal is met at its very figure, and missed by how much",
        arguments: [
            (LoadRow.Goal.atMost(25), 25.0, "met"), (.atMost(25), 26, "missed by 4 %"),
            (.atMost(25), 100, "missed, 4.00 x"), (.atLeast(100), 100, "met"), (.atLeast(100), 80, "missed by 25 %"),
        ]
    )
    func verdicts(goal: LoadRow.Goal, ours: Double, text: String) {
        #expect(goal.verdict(ours: ours, ratio: nil) == text)
    }

    @Test("every row has a name of its own, and takes its baseline and its subject along")
    func rowsAreConsistent() {
        #expect(Set(LoadRow.all.map(\.name)).count == LoadRow.all.count)
        for row in LoadRow.all {
            #expect(row.contenders.contains(row.subject), "\(row.name)")
            #expect(row.baseline.map(row.contenders.contains) ?? true, "\(row.name)")
        }
    }

    @Test("a bulk body is one JSON object a line, joined by commas as the generator does")
    func bulkBody() throws {
        let words = LoadRow.bulk.words(.quick, .os)
        let part = { (name: String) in
            try #require(words.firstIndex(of: name).map { words[$0 + 1] }).replacing("\\n", with: "\n")
        }
        let item = try part("--pub-item")
        let body = try part("--pub-pre") + item + "," + item + part("--pub-post")
        let lines = body.split(separator: "\n")
        #expect(lines.count == 3)
        for line in lines { #expect(line.hasPrefix(#"{"user":"pub","channel":""#) && line.hasSuffix("}}")) }
    }
}

extension Provenance {
    static let sample = Provenance(
        date: "2026-11-24T12:00:00Z",
        commit: "abc",
        processor: "CPU",
        cores: 2,
        kernel: "Linux",
        memoryMiB: 4096,
        conditions: "pinned"
    )
}
