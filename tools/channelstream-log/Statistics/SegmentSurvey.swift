import EventLog
import LogValues
import Projections
import RawJSON
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

    /// Reads all segments; behind a gap, where segments are missing, it goes on.
    ///
    /// - Throws: ``EventLogError`` at the first gap or damage; ``rows`` are complete then but for what could not be read.
    mutating func run() throws -> LogScan.Ending {
        let catalog = try SegmentCatalog(self.directory)
        self.rows = catalog.segments.map { Row(name: $0, fileSizeBytes: FileSizes.size(of: catalog.path(of: $0))) }
        // A log may begin late: every segment that is there is listed.
        var start = catalog.segments.first?.base ?? .first
        var gap: EventLogError?
        while true {
            do {
                let ending = try self.read(from: start)
                if let gap { throw Gap(error: gap) }
                return ending
            } catch let found as Gap {
                throw found.error
            } catch let error as EventLogError {
                guard case .missingLines(_, let last, _) = error else {
                    self.markDamage(error)
                    throw gap ?? error
                }
                gap = gap ?? error
                start = last.next
            }
        }
    }

    /// The first gap, once all was read.
    private struct Gap: Error {
        let error: EventLogError
    }

    private mutating func read(from first: SequenceNumber) throws -> LogScan.Ending {
        var index = self.rows.firstIndex { $0.name.base >= first } ?? 0
        let ending = try LogScan(directory: self.directory).forEachLine(from: first) { cursor in
            let line = cursor.line
            while index < self.rows.count, self.rows[index].name < line.segment { index += 1 }
            guard index < self.rows.count else {
                // Begun while this was reading.
                self.rows.append(Row(name: line.segment))
                return
            }
            self.rows[index].add(line)
            if self.rows[index].opened.isEmpty { self.rows[index].opened = cursor.segmentHeader?.opened ?? "" }
        }
        guard let last = self.rows.indices.last else { return ending }
        switch ending {
        case .complete(.open): self.rows[last].state = .open
        case .torn: self.rows[last].state = .torn
        case .complete: break
        }
        return ending
    }

    /// The segment that an error names is damaged; those behind it were not read.
    private mutating func markDamage(_ error: EventLogError) {
        let file: String? =
            switch error {
            case .damaged(let file, _, _), .unknownFormat(let file, _): file
            default: nil
            }
        // Of a file that cannot be read at all, no line was.
        let bad = self.rows.firstIndex { $0.name.fileName == file } ?? self.rows.firstIndex { $0.lineCount == 0 }
        guard let bad else { return }
        self.rows[bad].state = .damaged
        for index in self.rows.indices where index > bad { self.rows[index].state = .unread }
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
