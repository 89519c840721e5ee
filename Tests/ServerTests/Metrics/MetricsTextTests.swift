import Testing

@testable import Server

@Suite("Metrics as text")
struct MetricsTextTests {
    private func text(_ format: MetricsText.Format) -> String {
        var text = MetricsText(format)
        text.gauge("a_seconds", "A \"quoted\" help.", .init(0.5), .init(3, ("node", "a\"b\\c\nd")))
        text.gauge("nobody", "Of nobody.", [])
        text.gauge("large", "Large.", .init(12_345_678_901), .init(.infinity, ("x", "y")))
        return text.finish()
    }

    @Test("Prometheus's form has help, type and samples of each name in a group, with label values escaped")
    func prometheus() {
        #expect(
            self.text(.prometheus) == #"""
                # HELP a_seconds A "quoted" help.
                # TYPE a_seconds gauge
                a_seconds 0.5
                a_seconds{node="a\"b\\c\nd"} 3
                # HELP nobody Of nobody.
                # TYPE nobody gauge
                # HELP large Large.
                # TYPE large gauge
                large 12345678901
                large{x="y"} +Inf

                """#
        )
    }

    @Test("OpenMetrics escapes quotes in help too, and ends with a mark")
    func openMetrics() {
        let text = self.text(.openMetrics)
        #expect(text.hasPrefix(#"# HELP a_seconds A \"quoted\" help."#))
        #expect(text.hasSuffix("+Inf\n# EOF\n"))
    }

    @Test("the form is Prometheus's unless OpenMetrics is asked for")
    func formats() {
        #expect(MetricsText.Format(accepting: nil) == .prometheus)
        #expect(MetricsText.Format(accepting: "*/*") == .prometheus)
        #expect(
            MetricsText.Format(accepting: "application/openmetrics-text;version=1.0.0,text/plain;q=0.5") == .openMetrics
        )
    }
}
