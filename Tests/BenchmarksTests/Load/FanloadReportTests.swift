import Testing

@testable import benchmarks

@Suite("The load generator's report")
struct FanloadReportTests {
    private static let good = """
        {"tool":"fanload","subs":1000,"connect":{"wanted":1000,"opened":1000,"failed":0,"handshake_ms":{"p99":4.5}},\
        "publish":{"ok":true,"server_cpu_us_per_delivery":4.7012,"out_of_order":0,"latency_ms":{"n":4000,"p99":13.2}}}
        """

    @Test("figures are found by their path, whatever else is printed before the report")
    func figuresByPath() throws {
        let report = try FanloadReport(output: "warming up\n\(Self.good)\n")
        #expect(report.figures["publish.server_cpu_us_per_delivery"] == 4.7012)
        #expect(report.figures["publish.latency_ms.p99"] == 13.2)
        #expect(report.figures["connect.handshake_ms.p99"] == 4.5)
        #expect(report.figures["subs"] == 1000)
        #expect(report.problems.isEmpty)
    }

    @Test("what was lost, out of order or not connected is a problem, not a figure alone")
    func problems() throws {
        let report = try FanloadReport(
            output: #"{"connect":{"failed":3},"publish":{"ok":false,"why_not":"missing 7","out_of_order":2}}"#
        )
        #expect(report.problems == ["missing 7", "2 out of order", "3 connections failed"])
    }

    @Test("of a search the best step counts, not the steps that failed on the way")
    func search() throws {
        let report = try FanloadReport(
            output: """
                {"max_delivered_per_s":250000.0,"best":{"ok":true,"delivered_per_s":250000.0},\
                "steps":[{"ok":false,"why_not":"p99 900 ms > 250 ms"}]}
                """
        )
        #expect(report.figures["max_delivered_per_s"] == 250_000)
        #expect(report.problems.isEmpty)
    }

    @Test("a figure that could not be had is left out", arguments: ["null", "\"none\""])
    func missingFigure(value: String) throws {
        let report = try FanloadReport(output: #"{"publish":{"calls_per_s":\#(value)}}"#)
        #expect(report.figures["publish.calls_per_s"] == nil)
    }

    @Test("what is no report is refused", arguments: ["", "fanload: cannot connect", "[1]", "{\"cut\":"])
    func malformed(output: String) {
        #expect(throws: FanloadReport.Malformed.self) { try FanloadReport(output: output) }
    }
}
