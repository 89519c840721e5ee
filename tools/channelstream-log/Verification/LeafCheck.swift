import EventLog
import LogValues
import SystemPackage

/// Holds a log's lines against the leaf hashes that stand beside it (`hashes/0`).
///
/// Where a frame turns out to be wrong, the first line whose hash differs is where it begins to be. Where the log turns out
/// to be right, a hash that differs is what is wrong. Until then nobody knows.
struct LeafCheck {
    /// A line that has another hash than was recorded.
    struct Mismatch: Equatable {
        let place: LogLine.Place
        let recorded: Hash256

        var line: UInt64 { self.place.sequenceNumber.rawValue }
    }

    /// The frame that the last line stands in.
    struct Frame: Equatable {
        let segment: SegmentName
        let offset: UInt64
        let firstLine: SequenceNumber
    }

    private let leaves: RecordedLeaves
    private(set) var frame: Frame?
    /// The first one in the frame whose end has not been read.
    private(set) var inFrame: Mismatch?
    /// The first one in a frame that is whole, behind every root that was compared.
    private(set) var pending: Mismatch?
    /// The first one in lines that a root confirms, and how many there are.
    private(set) var refuted: (first: Mismatch, count: Int)?
    /// Those since the last root that was compared.
    private var unconfirmedCount = 0

    init(_ directory: FilePath) {
        self.leaves = RecordedLeaves(in: directory)
    }

    /// Whether a hash was recorded for a line.
    func hasLeaf(of line: SequenceNumber) -> Bool { self.leaves.leaf(of: line) != nil }

    mutating func compare(_ line: LogLine.Place, _ leaf: Hash256) {
        if self.frame?.offset != line.frameOffset || self.frame?.segment != line.segment {
            self.frame = Frame(segment: line.segment, offset: line.frameOffset, firstLine: line.sequenceNumber)
            self.pending = self.pending ?? self.inFrame
            self.inFrame = nil
        }
        guard let recorded = self.leaves.leaf(of: line.sequenceNumber), recorded != leaf else { return }
        self.unconfirmedCount += 1
        self.inFrame = self.inFrame ?? Mismatch(place: line, recorded: recorded)
    }

    /// Notes that a root says that the lines up to here are right: hashes of theirs that differ are wrong.
    mutating func confirm(through size: UInt64) {
        for mismatch in [self.pending, self.inFrame].compactMap(\.self) where mismatch.line <= size {
            self.refuted = self.refuted ?? (mismatch, 0)
        }
        if let pending = self.pending, pending.line <= size { self.pending = nil }
        if let inFrame = self.inFrame, inFrame.line <= size { self.inFrame = nil }
        // A root is some lines behind what was read, so the count is about right only.
        self.refuted?.count += exchange(&self.unconfirmedCount, with: 0)
    }

    /// The first line up to a size that has another hash than was recorded, and that no root confirms.
    func first(through size: UInt64) -> Mismatch? {
        [self.pending, self.inFrame].compactMap(\.self).first { $0.line <= size }
    }
}
