import EventLog
import LogValues
import RawJSON

/// Lines of one frame, held back until the frame's end has shown that they are what was written.
///
/// Blocks of a frame build on each other: one that is missing, doubled or in another's place may decode to lines that look
/// right, number and all, and were never written. Only the checksum at the frame's end tells, or the hashes of the lines.
struct HeldFrame {
    /// Beyond it lines are not held until the end: frames of older logs are as long as a segment.
    static let sizeLimitBytes = 8 << 20

    private var bytes: [UInt8] = []
    private var lines: [(place: LogLine.Place, range: Range<Int>)] = []

    var sizeBytes: Int { self.bytes.count }
    var isEmpty: Bool { self.lines.isEmpty }

    /// Whether a line belongs to the frame whose lines are held; any line does if there are none.
    func holds(_ line: LogLine) -> Bool {
        guard let held = self.lines.first?.place else { return true }
        return held.segment == line.segment && held.frameOffset == line.frameOffset
    }

    mutating func append(_ line: LogLine) {
        let start = self.bytes.count
        self.bytes.append(contentsOf: line.bytes)
        self.lines.append((line.place, start..<self.bytes.count))
    }

    /// The first of the lines that are held.
    var firstLine: LogLine.Place? { self.lines.first?.place }
    /// The number of the last of them.
    var lastNumber: SequenceNumber? { self.lines.last?.place.sequenceNumber }

    /// Hands out what is held, as long as no line has another hash than was recorded, and holds nothing then.
    ///
    /// - Parameters:
    ///   - leaves: The recorded hashes.
    ///   - block: A block in which nothing stands that was written, nor behind it.
    ///   - body: Called for each line.
    /// - Throws: What `body` throws; ``ToolFailure`` at the first line with another hash or in that block, after those
    ///   before it.
    mutating func release(
        comparing leaves: RecordedLeaves,
        without block: MisplacedBlock? = nil,
        to body: (LogLine) throws -> Void
    ) throws {
        var comparison = LeafComparison(leaves)
        try self.release { line in
            if let block, line.blockOffset >= block.offset {
                throw ToolFailure(.damage, "\(line.segment): damaged at offset \(block.offset): \(block)")
            }
            try comparison.check(line)
            try body(line)
        }
    }

    /// Hands out what is held, and holds nothing then.
    mutating func release(to body: (LogLine) throws -> Void) rethrows {
        for (place, range) in self.lines {
            try body(LogLine(place, self.bytes.span.extracting(range)))
        }
        self.lines.removeAll(keepingCapacity: true)
        self.bytes.removeAll(keepingCapacity: true)
    }
}
