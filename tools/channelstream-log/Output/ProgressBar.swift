import EventLog
import SystemPackage

/// How far a long reading has come, on standard error, if that is a terminal.
final class ProgressBar {
    private static let barWidth = 30
    private static let interval: Duration = .milliseconds(100)

    private let isShown: Bool
    private let label: String
    /// Bytes of all segments before each one.
    private var starts: [SegmentName: UInt64] = [:]
    private var totalBytes: UInt64 = 0
    private let clock = ContinuousClock()
    private var nextUpdate: ContinuousClock.Instant
    private var hasDrawn = false

    init(_ label: String, for directory: FilePath, isShown: Bool = Diagnostics.isTerminal) {
        self.isShown = isShown
        self.label = label
        self.nextUpdate = self.clock.now
        guard isShown, let catalog = try? SegmentCatalog(directory) else { return }
        for segment in catalog.segments {
            self.starts[segment] = self.totalBytes
            self.totalBytes += FileSizes.size(of: catalog.path(of: segment))
        }
    }

    /// - Parameters:
    ///   - segment: The segment that is being read.
    ///   - offset: Where in it, in bytes.
    ///   - lineCount: Lines read so far.
    func update(_ segment: SegmentName, _ offset: UInt64, _ lineCount: UInt64) {
        guard self.isShown, self.totalBytes > 0, self.clock.now >= self.nextUpdate else { return }
        self.nextUpdate = self.clock.now + Self.interval
        self.hasDrawn = true
        let done = min((self.starts[segment] ?? self.totalBytes) + offset, self.totalBytes)
        let filled = Int(done * UInt64(Self.barWidth) / self.totalBytes)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.barWidth - filled)
        let percent = done * 100 / self.totalBytes
        Diagnostics.write(Array("\r\(self.label) [\(bar)] \(percent)%  \(lineCount) lines\u{1B}[K".utf8))
    }

    /// Takes the bar away.
    func finish() {
        guard self.hasDrawn else { return }
        self.hasDrawn = false
        Diagnostics.write(Array("\r\u{1B}[K".utf8))
    }
}
