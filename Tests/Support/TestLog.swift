package import EventLog
package import LogValues
import RawJSON
package import SystemPackage

/// A log on a disk in memory, with small settings, and what it reported.
package final class TestLog: Sendable {
    package static let directory: FilePath = "/data"

    package let log: EventLog
    package let recovery: RecoveryReport
    private let reports: CommitReports

    package init(
        _ fileSystem: any FileSystem,
        _ configuration: EventLogConfiguration = TestLog.configuration(),
        directory: FilePath = TestLog.directory
    ) throws(EventLogError) {
        let reports = CommitReports()
        self.reports = reports
        (self.log, self.recovery) = try EventLog.open(
            directory,
            configuration: configuration,
            fileSystem: fileSystem
        )
        self.log.attach { reports.add($0) }
    }

    /// Settings whose ids and times are always the same.
    package static func configuration(
        segmentSizeBytes: Int = 1 << 20,
        frameSizeBytes: Int? = nil,
        durability: Durability = .always
    ) -> EventLogConfiguration {
        var configuration = EventLogConfiguration()
        configuration.segmentSizeBytes = segmentSizeBytes
        if let frameSizeBytes { configuration.frameSizeBytes = frameSizeBytes }
        configuration.durability = durability
        configuration.now = { 1_795_000_000_123_456 }
        configuration.makeLogID = { (0x0123_4567_89AB_CDEF, 0x0011_2233_4455_6677) }
        return configuration
    }

    package var commits: [Commit] { self.reports.commits }
    package var failures: [(error: EventLogError, lineCount: Int)] { self.reports.failures }

    /// Appends a batch, and waits until it was committed or refused.
    @discardableResult
    package func commit(_ batch: LineBatch) -> CommitReport? {
        let count = self.reports.lineCount + batch.count
        self.log.append(batch)
        return self.reports.wait(forLines: count)
    }

    /// Appends without waiting.
    package func append(_ batch: LineBatch) { self.log.append(batch) }

    /// Waits until so many lines were committed or refused, and returns the report that told of the last of them.
    @discardableResult
    package func wait(forLines count: Int) -> CommitReport? { self.reports.wait(forLines: count) }

    package func close() { self.log.close() }

    /// A batch of one proposal.
    ///
    /// - Parameters:
    ///   - texts: What each line says, which also decides its salt.
    ///   - isPlain: Whether the text stands in the head, and the line has no content.
    /// - Returns: The batch.
    package static func batch(_ texts: String..., isPlain: Bool = false) -> LineBatch {
        self.batch(texts, isPlain: isPlain)
    }

    package static func batch(_ texts: [String], isPlain: Bool = false) -> LineBatch {
        var batch = LineBatch()
        for (index, text) in texts.enumerated() {
            let salt = Salt(high: UInt64(text.utf8.count), low: UInt64(index))
            let content = LineContent(salt: salt, bytes: Array("{\"text\":\"\(text)\"}".utf8))
            batch.append(isLastOfProposal: index == texts.count - 1, content: isPlain ? nil : content) { head in
                head.append(contentsOf: "\"type\":\"message.posted\",\"data\":{\"channel\":\"room\"".utf8)
                if isPlain { head.append(contentsOf: ",\"text\":\"\(text)\"".utf8) }
                head.append(UInt8(ascii: "}"))
            }
        }
        return batch
    }

    /// Text that hardly compresses, so that its blocks are large.
    package static func noise(_ size: Int, seed: UInt64) -> String {
        var generator = SeededGenerator(seed: seed)
        var text = ""
        while text.utf8.count < size { text += String(generator.next(), radix: 36) }
        return text
    }

    /// All lines that a reader finds, as text.
    package static func lines(
        _ fileSystem: any FileSystem,
        from first: SequenceNumber = .first,
        through last: SequenceNumber? = nil,
        directory: FilePath = TestLog.directory
    ) throws -> [String] {
        var lines: [String] = []
        try LogReader(directory, fileSystem: fileSystem).forEachLine(from: first, through: last) { line in
            lines.append(String(decoding: line.bytes, as: UTF8.self))
        }
        return lines
    }

    /// The path of the segment that begins with a line.
    package static func path(ofSegment base: UInt64) -> FilePath {
        self.directory.appending("log").appending(SegmentName(base: SequenceNumber(base)).fileName)
    }
}
