import EventLog

/// Lines of one frame, held back until the frame's end has shown that they are what was written.
///
/// Blocks of a frame build on each other: one that is missing, doubled or in another's place may decode to lines that look
/// right, number and all, and were never written. Only the checksum at the frame's end tells.
struct HeldFrame {
    /// Beyond it lines are let go unseen: frames of older logs are as long as a segment.
    static let sizeLimitBytes = 8 << 20

    private var bytes: [UInt8] = []
    private var lines: [(line: LogLine, range: Range<Int>)] = []

    var sizeBytes: Int { self.bytes.count }
    var isEmpty: Bool { self.lines.isEmpty }

    /// Whether a line belongs to the frame whose lines are held; any line does if there are none.
    func holds(_ line: LogLine) -> Bool {
        guard let held = self.lines.first?.line else { return true }
        return held.segment == line.segment && held.frameOffset == line.frameOffset
    }

    mutating func append(_ line: LogLine) {
        let start = self.bytes.count
        self.bytes.append(contentsOf: line.bytes)
        self.lines.append((line, start..<self.bytes.count))
    }

    /// Hands out what is held, and holds nothing then.
    mutating func release(to body: (LogLine) throws -> Void) rethrows {
        try self.bytes.withUnsafeBytes { bytes in
            for (line, range) in self.lines {
                try body(line.moved(to: UnsafeRawBufferPointer(rebasing: bytes[range])))
            }
        }
        self.lines.removeAll(keepingCapacity: true)
        self.bytes.removeAll(keepingCapacity: true)
    }
}
