import EventLog
import LogValues
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
        self.hours.add(UnsafeRawBufferPointer(rebasing: fields.time.prefix(Self.hourLength)), sizeBytes: size)
        if ErasedLine.isErased(line.bytes) { self.erasedCount += 1 }
        let data = DataFields(fields.dataAndRest)
        if let user = data.user { Self.add(user, sizeBytes: size, to: &self.users) }
        if let channel = data.channel { Self.add(channel, sizeBytes: size, to: &self.channels) }
        for channel in data.channels { Self.add(channel, sizeBytes: size, to: &self.channels) }
    }

    private mutating func note(time: UnsafeRawBufferPointer) {
        if self.earliest.map({ time.compare($0) < 0 }) ?? true { self.earliest = Array(time) }
        if self.latest.map({ time.compare($0) > 0 }) ?? true { self.latest = Array(time) }
    }

    private static func add(_ name: JSONString, sizeBytes: Int, to table: inout CountTable) {
        if name.hasEscapes {
            name.decodedUTF8().withUnsafeBytes { table.add($0, sizeBytes: sizeBytes) }
        } else {
            table.add(name.raw, sizeBytes: sizeBytes)
        }
    }
}

/// Tells lines whose content was erased.
enum ErasedLine {
    /// `,"commit":"` 43 characters `"}`.
    private static let suffixSize = 11 + 43 + 2

    /// Whether a line ends as the redacted form does.
    static func isErased(_ line: UnsafeRawBufferPointer) -> Bool {
        line.count > self.suffixSize
            && UnsafeRawBufferPointer(rebasing: line.suffix(self.suffixSize)).begins(with: ",\"commit\":\"")
    }
}
