/// Writes metrics as Prometheus (text format 0.0.4) or OpenMetrics (1.0) have them.
///
/// Names and label names are ours and right; label values and help may hold anything. Each name is written once, with all
/// of its samples.
struct MetricsText {
    enum Format: Sendable {
        case prometheus
        case openMetrics

        /// The form that an `Accept` header asks for; Prometheus's if it asks for nothing else.
        init(accepting accept: String?) {
            self = accept?.contains("application/openmetrics-text") == true ? .openMetrics : .prometheus
        }

        var contentType: String {
            switch self {
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }
    }

    /// One value, with what tells it from others of its name.
    struct Sample {
        let labels: [(name: StaticString, value: String)]
        let value: Double

        init(_ value: Double, _ labels: (name: StaticString, value: String)...) {
            self.labels = labels
            self.value = value
        }
    }

    private let format: Format
    private var text = ""

    init(_ format: Format) {
        self.format = format
    }

    /// A value that goes up and down.
    mutating func gauge(_ name: StaticString, _ help: StaticString, _ samples: Sample...) {
        self.gauge(name, help, samples)
    }

    /// Writes a metric; without samples nothing but what it is.
    mutating func gauge(_ name: StaticString, _ help: StaticString, _ samples: [Sample]) {
        self.text += "# HELP \(name) \(self.escaped(help))\n# TYPE \(name) gauge\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped(value: $0.value))\"" }
            self.text += labels.isEmpty ? "\(name)" : "\(name){\(labels.joined(separator: ","))}"
            self.text += " \(Self.number(sample.value))\n"
        }
    }

    /// The whole, when all is written.
    consuming func finish() -> String {
        self.format == .openMetrics ? self.text + "# EOF\n" : self.text
    }

    private func escaped(_ help: StaticString) -> String {
        let text = Self.replacing("\n", by: "\\n", in: Self.replacing("\\", by: "\\\\", in: "\(help)"))
        return self.format == .openMetrics ? Self.replacing("\"", by: "\\\"", in: text) : text
    }

    private static func escaped(value: String) -> String {
        let text = self.replacing("\\", by: "\\\\", in: value)
        return self.replacing("\n", by: "\\n", in: self.replacing("\"", by: "\\\"", in: text))
    }

    private static func replacing(_ character: Unicode.Scalar, by text: String, in whole: String) -> String {
        var result = ""
        for scalar in whole.unicodeScalars {
            if scalar == character { result += text } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }

    /// Whole numbers without a fraction, as people write them.
    private static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? "\(value)"
    }
}
