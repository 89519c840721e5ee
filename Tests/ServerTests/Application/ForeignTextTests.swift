import Logging
import Synchronization
import Testing

@testable import Server
@testable import Web

@Suite("Text from elsewhere")
struct ForeignTextTests {
    @Test("ordinary text stays what it is, in any language", arguments: ["", "node-1: \"quoted\" \\", "Käse 猫 é ∀"])
    func staysAsItIs(text: String) {
        #expect(ForeignText.shown(text) == text)
    }

    @Test(
        "nothing ends a line, moves a cursor, or turns text around",
        arguments: [
            "\n": "\\u{a}", "\r": "\\u{d}", "\u{1b}[2J": "\\u{1b}[2J", "\u{7f}": "\\u{7f}", "\u{9b}31m": "\\u{9b}31m",
            "\u{2028}": "\\u{2028}", "\u{202e}": "\\u{202e}", "\u{200b}": "\\u{200b}", "\u{feff}": "\\u{feff}",
            "\u{a0}": "\\u{a0}", "\u{0}": "\\u{0}", "\u{e000}": "\\u{e000}",
        ]
    )
    func escapes(text: String, shown: String) {
        #expect(ForeignText.shown("a\(text)b") == "a\(shown)b")
    }

    @Test("what is long is cut, between characters, escapes whole", arguments: ["x", "é", "\n", "🙂"])
    func bounded(unit: String) {
        let shown = ForeignText.shown(String(repeating: unit, count: 10_000), limit: 100)
        #expect(shown.utf8.count <= 100 + "…".utf8.count && shown.hasSuffix("…"))
        #expect(!shown.contains("\n"))
    }

    @Test("whatever is logged is one line: messages, metadata of all kinds, errors")
    func oneLine() throws {
        struct Fault: Error, CustomStringConvertible { let description = "a\nb" }
        let recorder = Recorder()
        var logger = Logger(label: "test") { _ in OneLineLogHandler(RecordingHandler(recorder)) }
        logger[metadataKey: "own"] = "1\n2"
        logger.error(
            "first\nsecond",
            error: Fault(),
            metadata: [
                "text": "x\ny", "value": .stringConvertible(Fault()), "list": ["p\nq"], "map": ["k": "r\ns"],
            ]
        )
        let text = try #require(recorder.texts.withLock { $0.first })
        #expect(!text.contains("\n"))
        for piece in ["first\\u{a}second", "x\\u{a}y", "a\\u{a}b", "p\\u{a}q", "r\\u{a}s", "1\\u{a}2"] {
            #expect(text.contains(piece), "\(piece) in \(text)")
        }
    }

    private final class Recorder: Sendable {
        let texts = Mutex<[String]>([])
    }

    private struct RecordingHandler: LogHandler {
        let recorder: Recorder
        var metadata: Logger.Metadata = [:]
        var metadataProvider: Logger.MetadataProvider?
        var logLevel = Logger.Level.trace

        init(_ recorder: Recorder) {
            self.recorder = recorder
        }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = self.metadata.merging(event.metadata ?? [:]) { $1 }
            let error = event.error.map { "\($0)" } ?? ""
            self.recorder.texts.withLock { $0.append("\(event.message) \(Self.plain(.dictionary(all))) \(error)") }
        }

        /// As a stream handler writes it, without the quotes of a debug description.
        private static func plain(_ value: Logger.MetadataValue) -> String {
            switch value {
            case .string(let text): text
            case .stringConvertible(let value): "\(value)"
            case .array(let values): values.map { Self.plain($0) }.joined(separator: " ")
            case .dictionary(let values):
                values.map { "\($0.key)=\(Self.plain($0.value))" }.sorted().joined(separator: " ")
            }
        }
    }
}
