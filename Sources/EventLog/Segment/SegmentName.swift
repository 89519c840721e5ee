package import LogValues

/// The name of a segment's file: the sequence number of its first line, in 20 digits, so that names sort as numbers.
package struct SegmentName: Comparable, Hashable, Sendable, CustomStringConvertible {
    static let suffix = ".ndjson.lz4"
    private static let digitCount = 20

    /// The first line that the segment holds, or would hold.
    package let base: SequenceNumber

    package init(base: SequenceNumber) {
        self.base = base
    }

    /// Reads a file's name; nil if such a file is no segment.
    package init?(fileName: String) {
        let utf8 = fileName.utf8
        guard utf8.count == Self.digitCount + Self.suffix.utf8.count, fileName.hasSuffix(Self.suffix),
            utf8.prefix(Self.digitCount).allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = UInt64(fileName.prefix(Self.digitCount)),
            number > 0, number <= SequenceNumber.last.rawValue
        else { return nil }
        self.base = SequenceNumber(number)
    }

    package var fileName: String {
        let digits = String(self.base.rawValue)
        return String(repeating: "0", count: Self.digitCount - digits.count) + digits + Self.suffix
    }

    package var description: String { self.fileName }

    package static func < (left: SegmentName, right: SegmentName) -> Bool { left.base < right.base }
}
