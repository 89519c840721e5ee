import EventLog
import LogValues
import Projections
import RawJSON
import SystemPackage

/// Makes a new log of what stands before a damage, and a record of what does not.
struct LogRepair {
    /// Where segments are kept, as they were, that are not part of the new log.
    static let lostFolderName = "lost"

    private let source: FilePath
    private let finding: Finding
    private let catalog: SegmentCatalog

    /// - Parameters:
    ///   - source: The data directory of the damaged log.
    ///   - finding: The first damage.
    /// - Throws: ``ToolFailure`` if there is nothing to save.
    init(_ source: FilePath, _ finding: Finding) throws {
        self.source = source
        self.finding = finding
        self.catalog = try withToolFailures { try SegmentCatalog(source) }
        let isExplained = try withToolFailures { try SnapshotStore(in: source).explainsMissingStart() }
        guard !self.catalog.segments.isEmpty, self.catalog.firstLine == .first || isExplained else {
            throw ToolFailure(.damage, "the log's first segment is missing: there is no beginning to save")
        }
    }

    /// - Returns: The record, as it stands in `repair.json`.
    /// - Throws: ``ToolFailure``.
    func run(to target: FilePath) throws -> [UInt8] {
        let copy = try LogCopy(from: self.source, to: target)
        let bad = self.finding.segment.flatMap { SegmentName(fileName: $0) }
        for segment in self.catalog.segments where bad.map({ segment < $0 }) ?? true { try copy.copy(segment) }
        var lost: [SegmentName] = []
        if let bad {
            if let offset = self.finding.offset, offset > 0 { try copy.copy(bad, size: offset) }
            lost = self.catalog.segments.filter { $0 >= bad }
        }
        try copy.copyDropNote()
        try copy.copyKeys()
        let end = try copy.finish()
        if let end { try copy.copySnapshots(through: end) }
        if !lost.isEmpty {
            try copy.makeFolder(Self.lostFolderName)
            for segment in lost {
                try copy.copy("log/\(segment.fileName)", to: "\(Self.lostFolderName)/\(segment.fileName)")
            }
        }
        let record = self.record(keptThrough: end?.rawValue ?? 0, lost)
        try TextFile.write(record, to: target.appending("repair.json"))
        return record
    }

    /// The last line that the log is known to have had.
    private func lastKnownLine() -> UInt64 {
        let synced = (try? TrustedFiles.syncedNote(besideLogIn: self.source)).flatMap { $0 }?.end.rawValue ?? 0
        let base = self.catalog.segments.last?.base ?? .first
        var last = base.rawValue - 1
        // What cannot be read is not known.
        _ = try? LogReader(self.source).forEachLine(from: base) { last = $0.sequenceNumber.rawValue }
        let told = (try? LogWitness.all(in: self.source))?.map(\.line).max() ?? 0
        return max(synced, last, told)
    }

    private func record(keptThrough end: UInt64, _ lost: [SegmentName]) -> [UInt8] {
        JSONWriter.line { writer in
            writer.member("source", self.source.string)
            writer.member("repaired", "\(Timestamp(microseconds: PosixClock.microsecondsSince1970()))")
            writer.member("damage", self.finding.text)
            writer.member("segment", self.finding.segment)
            writer.member("offset", self.finding.offset)
            writer.member("kept_through", end)
            writer.member("lost_from", end + 1)
            writer.member("lost_through_at_least", max(end, self.lastKnownLine()))
            writer.member("set_aside", lost.map { "\(Self.lostFolderName)/\($0.fileName)" })
        }
    }
}
