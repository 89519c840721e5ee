import LogValues
import RawJSON

/// Follows the numbers of lines through text that comes block by block.
struct LineNumbering {
    /// The number that the next line must have.
    private(set) var next: SequenceNumber
    /// Whether the next line is a segment's header, which has no number.
    private var isAtHeader: Bool
    private(set) var isAtLineStart = true

    /// - Parameters:
    ///   - first: The number of the first line.
    ///   - hasHeader: Whether a segment's header stands before it.
    init(from first: SequenceNumber, hasHeader: Bool) {
        self.next = first
        self.isAtHeader = hasHeader
    }

    /// Takes the text of the next block; false if a line begins in it that is not the next one.
    ///
    /// A beginning that is cut by the block's end is let pass.
    mutating func take(_ text: Bytes) -> Bool {
        var at = 0
        while at < text.count {
            if self.isAtLineStart, !self.isAtHeader, !self.isNext(text.extracting(at...)) {
                return false
            }
            guard let end = LineFormat.newline(in: text, from: at) else {
                self.isAtLineStart = false
                return true
            }
            at = end + 1
            self.isAtLineStart = true
            if self.isAtHeader {
                self.isAtHeader = false
            } else {
                self.next = self.next.next
            }
        }
        return true
    }

    private func isNext(_ text: Bytes) -> Bool {
        let digits = String(self.next.rawValue).utf8
        var at = LineFormat.opening.utf8CodeUnitCount
        guard text.count > at + digits.count else { return true }
        guard text.holds(LineFormat.opening, at: 0) else { return false }
        for digit in digits {
            guard text[at] == digit else { return false }
            at += 1
        }
        return text[at] == UInt8(ascii: ",")
    }
}
