import Testing

@testable import channelstream_log

@Suite("Output")
struct OutputTests {
    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test(
        "a CSV field is quoted only where RFC 4180 asks for it",
        arguments: [
            ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("a b", "a b"),
        ]
    )
    func csv(field: String, expected: String) {
        var row: [UInt8] = []
        CSV.append(Array(field.utf8), to: &row)
        #expect(Self.text(row) == expected)
    }

    @Test(
        "a CSV field that a spreadsheet would take for a formula is text",
        arguments: [
            ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("  =A1", "'  =A1"),
            ("=A1,B1", "\"'=A1,B1\""), ("＝1", "'＝1"), ("a=1", "a=1"), ("1-1", "1-1"), ("\t=1", "'\\u{9}=1"),
        ]
    )
    func formulas(field: String, expected: String) {
        var row: [UInt8] = []
        CSV.append(Array(field.utf8), to: &row)
        #expect(Self.text(row) == expected)
    }

    @Test(
        "a CSV row is one line, in which nothing stands that a terminal obeys",
        arguments: ["\n", "\r\n", "\u{1B}]0;x\u{7}"]
    )
    func controls(name: String) {
        var row: [UInt8] = []
        CSV.append(Array("a\(name)b".utf8), to: &row)
        #expect(row.allSatisfy { 0x20..<0x7F ~= $0 })
    }

    @Test("control characters and direction overrides of names do not reach a terminal")
    func terminal() {
        var text: [UInt8] = []
        TerminalText.append("a\u{1B}[31m\u{9B}\u{202E}\nż".utf8, to: &text)
        #expect(Self.text(text) == "a\\u{1b}[31m\\u{9b}\\u{202e}\\u{a}ż")
    }

    @Test("a table's columns are as wide as their widest cell, numbers to the right")
    func table() {
        var table = TextTable([TextTable.Column("NAME"), TextTable.Column("N", .right)])
        table.append(["żółw", "7"])
        table.append(["al", "123"])
        #expect(Self.text(table.text) == "NAME    N\nżółw    7\nal    123\n")
    }

    @Test(
        "sizes are written for people",
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (1 << 20, "1.0 MiB"), (UInt64.max / 16, "1023.9 PiB"),
        ]
    )
    func sizes(bytes: UInt64, expected: String) {
        #expect(Quantity.size(bytes) == expected)
    }

    @Test("ratios have two places, and none where there is nothing to divide by")
    func ratios() {
        #expect(Quantity.ratio(5, 2) == "2.50")
        #expect(Quantity.ratio(1, 50) == "0.02")
        #expect(Quantity.ratio(1, 0) == "-")
    }

    @Test("a table of counts finds names again, also when it has grown, and counts what is beyond its limit")
    func counts() {
        var table = CountTable(limit: 100)
        for round in 0..<3 {
            for number in 0..<(round == 0 ? 100 : 120) {
                table.add("name-\(number)".utf8Span.span, sizeBytes: 10)
            }
        }
        #expect(table.entries.count == 100)
        #expect(table.entries.allSatisfy { $0.count == 3 && $0.sizeBytes == 30 })
        #expect(table.others.count == 40)
        #expect(table.mostFrequent(2).map { Self.text($0.name) } == ["name-0", "name-1"])
    }
}
