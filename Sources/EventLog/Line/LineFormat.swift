import LogValues
import RawJSON

/// The frame of an event line: `{"seq":N,` … `}`, with `"more":true,` after the number where the next line belongs to
/// the same proposal.
///
/// Written by ``CommitEncoder``, checked by every reader; what stands between is not this target's business.
enum LineFormat {
    /// Largest line, without its newline.
    ///
    /// A reader takes a longer one for damage.
    static let maximumSizeBytes = 32 << 20
    /// Largest batch, and so the largest commit.
    static let maximumBatchSizeBytes = 64 << 20

    static let opening: StaticString = "{\"seq\":"
    static let more: StaticString = "\"more\":true,"
    static let newline = UInt8(ascii: "\n")

    /// The facts that stand at the start of a line.
    struct Head: Equatable {
        let sequenceNumber: SequenceNumber
        /// Whether the next line belongs to the same proposal.
        let hasMore: Bool
    }

    /// Reads the frame of a line.
    ///
    /// - Parameter line: The line without its newline.
    /// - Returns: Nil if this is not an event line: other opening, a number that is not written in the one way, no brace
    ///   at the end.
    static func head(of line: Bytes) -> Head? {
        guard self.hasOpening(line), line[line.count - 1] == UInt8(ascii: "}") else { return nil }
        var at = self.opening.utf8CodeUnitCount
        var number: UInt64 = 0
        let digitsStart = at
        while at < line.count, at - digitsStart < 19, case let digit = line[at] &- UInt8(ascii: "0"), digit < 10 {
            number = number * 10 + UInt64(digit)
            at += 1
        }
        guard at > digitsStart, line[digitsStart] != UInt8(ascii: "0"), number <= SequenceNumber.last.rawValue,
            at < line.count, line[at] == UInt8(ascii: ",")
        else { return nil }
        at += 1
        return Head(sequenceNumber: SequenceNumber(number), hasMore: self.continues(line, after: self.more, at: at))
    }

    /// Whether `text` begins as an event line does.
    static func hasOpening(_ text: Bytes) -> Bool { self.continues(text, after: self.opening, at: 0) }

    /// Whether a part of the format stands in a text, and more behind it.
    private static func continues(_ text: Bytes, after part: StaticString, at start: Int) -> Bool {
        text.count - start > part.utf8CodeUnitCount && text.holds(part, at: start)
    }

    /// Offset of the first newline at or after `start`.
    static func newline(in text: Bytes, from start: Int) -> Int? {
        text.firstIndex(of: self.newline, from: start)
    }

    /// Whether `text` ends with a whole line that is the last of its proposal.
    ///
    /// An unreadable last line counts as one, so that it is not taken for a torn commit.
    static func endsProposal(_ text: Bytes) -> Bool {
        guard text.last == self.newline else { return false }
        var start = text.count - 1
        while start > 0, text[start - 1] != self.newline { start -= 1 }
        return self.head(of: text.extracting(start..<text.count - 1))?.hasMore != true
    }
}
