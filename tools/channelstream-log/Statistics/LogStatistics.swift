import EventLog
import LogValues
import Projections
import RawJSON

/// What a log holds, in figures.
struct LogStatistics {
    private(set) var lineCount: UInt64 = 0
    private(set) var firstLine: UInt64?
    private(set) var lastLine: UInt64?
    /// Decoded bytes of the lines, newlines included.
    private(set) var textSizeBytes: UInt64 = 0
    private(set) var largestLineSizeBytes = 0
    /// The earliest and the latest time; the wall clock may have jumped, so they need not be those of the ends.
    private(set) var earliest: [UInt8]?
    private(set) var latest: [UInt8]?
    private(set) var types = CountTable()
    private(set) var channels = CountTable()
    private(set) var users = CountTable()
    /// By `2026-11-23T23`.
    private(set) var hours = CountTable()
    private(set) var erasedCount: UInt64 = 0
    /// Lines that lack a part.
    private(set) var unreadableCount: UInt64 = 0

    private static let hourLength = 13

    mutating func add(_ line: LogLine) {
        let size = line.bytes.count + 1
        self.lineCount += 1
        self.firstLine = self.firstLine ?? line.sequenceNumber.rawValue
        self.lastLine = line.sequenceNumber.rawValue
        self.textSizeBytes += UInt64(size)
        self.largestLineSizeBytes = max(self.largestLineSizeBytes, size)
        guard let fields = LineFields(line.bytes) else {
            self.unreadableCount += 1
            return
        }
        self.note(time: fields.time)
        self.types.add(fields.type, sizeBytes: size)
        self.hours.add(fields.time.extracting(first: Self.hourLength), sizeBytes: size)
        if Redaction.isRedacted(line.bytes) { self.erasedCount += 1 }
        let data = fields.data
        data.user?.withUTF8 { self.users.add($0, sizeBytes: size) }
        data.channel?.withUTF8 { self.channels.add($0, sizeBytes: size) }
        data.forEachChannel { $0.withUTF8 { self.channels.add($0, sizeBytes: size) } }
    }

    private mutating func note(time: Bytes) {
        if time.compare(self.earliest ?? []) < 0 || self.earliest == nil { self.earliest = Array(time) }
        if time.compare(self.latest ?? []) > 0 || self.latest == nil { self.latest = Array(time) }
    }
}
