import EventLog
import SystemPackage

/// Reads a log and keeps figures of each segment.
struct SegmentSurvey {
    /// A segment's figures.
    struct Row {
        let name: SegmentName
        var lineCount: UInt64 = 0
        /// Decoded bytes of its lines, newlines included, without its header.
        var textSizeBytes: UInt64 = 0
        var fileSizeBytes: UInt64 = 0
        var earliest: [UInt8] = []
        var latest: [UInt8] = []
        var opened = ""
        var state = State.closed

        enum State: String {
            case closed
            case open
            case torn
            case damaged
            case unread
        }
    }

    private let directory: FilePath
    private(set) var rows: [Row] = []

    init(_ directory: FilePath) {
        self.directory = directory
    }

    /// - Throws: ``EventLogError`` at the first damage; ``rows`` are complete then but for what could not be read.
    mutating func run() throws -> LogScan.Ending {
        let catalog = try SegmentCatalog(self.directory)
        var rows = catalog.segments.map { Row(name: $0, fileSizeBytes: FileSizes.size(of: catalog.path(of: $0))) }
        var index = 0
        defer { self.rows = rows }
        // A log may begin late: every segment that is there is listed.
        let first = catalog.segments.first?.base ?? .first
        do {
            let ending = try LogScan(directory: self.directory).forEachLine(from: first) { line, cursor in
                while index < rows.count, rows[index].name < line.segment { index += 1 }
                guard index < rows.count else {
                    // Begun while this was reading.
                    rows.append(Row(name: line.segment))
                    return
                }
                rows[index].add(line)
                if rows[index].opened.isEmpty { rows[index].opened = cursor.segmentHeader?.opened ?? "" }
            }
            switch ending {
            case .complete(.open): rows.indices.last.map { rows[$0].state = .open }
            case .torn: rows.indices.last.map { rows[$0].state = .torn }
            case .complete: break
            }
            return ending
        } catch {
            for rest in rows.indices where rest >= index { rows[rest].state = rest == index ? .damaged : .unread }
            throw error
        }
    }
}

extension SegmentSurvey.Row {
    mutating func add(_ line: LogLine) {
        self.lineCount += 1
        self.textSizeBytes += UInt64(line.bytes.count) + 1
        guard let fields = LineFields(line.bytes) else { return }
        if self.earliest.isEmpty || fields.time.compare(self.earliest) < 0 { self.earliest = Array(fields.time) }
        if self.latest.isEmpty || fields.time.compare(self.latest) > 0 { self.latest = Array(fields.time) }
    }
}
