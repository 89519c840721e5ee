import EventLog
import Projections

/// What can be asked of the index of one segment, whether it is a file or in memory.
///
/// Answers are lines of the segment, its first being 0, and ascending. They are candidates: of another name that has
/// the same hash, too.
protocol SegmentLookup {
    /// Lines that post a message.
    func posts(ofMessage hash: UInt64) throws(IndexFileError) -> [UInt32]
    /// Lines that edit or delete a message.
    func changes(ofMessage hash: UInt64) throws(IndexFileError) -> [UInt32]
    /// Lines that say that a line, given by its number in the log, was erased.
    func erasures(ofLine number: UInt64) throws(IndexFileError) -> [UInt32]
    /// For each channel with this hash, the first line that names it.
    func mentions(ofChannel hash: UInt64) throws(IndexFileError) -> [UInt32]
    /// Messages posted to channels with this hash, in a range of lines: those at its end, or at its start.
    func posted(
        toChannel hash: UInt64,
        in lines: Range<UInt32>,
        limit: Int,
        fromEnd: Bool
    ) throws(IndexFileError) -> [UInt32]
}

/// A row of ascending lines, wherever it is.
struct AscendingLines {
    let count: Int
    let line: (Int) throws(IndexFileError) -> UInt32

    /// Those in a range of lines, `limit` of them at most.
    func lines(in range: Range<UInt32>, limit: Int, fromEnd: Bool) throws(IndexFileError) -> [UInt32] {
        let start = try self.firstIndex(notBelow: range.lowerBound)
        let end = try self.firstIndex(notBelow: range.upperBound)
        let count = min(limit, end - start)
        var lines: [UInt32] = []
        for index in fromEnd ? end - count..<end : start..<start + count { lines.append(try self.line(index)) }
        return lines
    }

    private func firstIndex(notBelow line: UInt32) throws(IndexFileError) -> Int {
        var (low, high) = (0, self.count)
        while low < high {
            let middle = (low + high) / 2
            if try self.line(middle) < line { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension SegmentDraft: SegmentLookup {
    func posts(ofMessage hash: UInt64) -> [UInt32] { self.posts.lines(of: hash) }

    func changes(ofMessage hash: UInt64) -> [UInt32] { self.changes.lines(of: hash) }

    func erasures(ofLine number: UInt64) -> [UInt32] { self.erasures.lines(of: number) }

    func mentions(ofChannel hash: UInt64) -> [UInt32] { self.channels[hash, default: []].map(\.firstLine).sorted() }

    func posted(
        toChannel hash: UInt64,
        in lines: Range<UInt32>,
        limit: Int,
        fromEnd: Bool
    ) throws(IndexFileError) -> [UInt32] {
        var found: [UInt32] = []
        for channel in self.channels[hash, default: []] {
            let row = AscendingLines(count: channel.posted.count) { channel.posted[$0] }
            found += try row.lines(in: lines, limit: limit, fromEnd: fromEnd)
        }
        return found.sorted().limited(to: limit, fromEnd: fromEnd)
    }
}

extension [UInt32] {
    /// The last ones, or the first.
    func limited(to limit: Int, fromEnd: Bool) -> [UInt32] {
        fromEnd ? Array(self.suffix(limit)) : Array(self.prefix(limit))
    }
}
