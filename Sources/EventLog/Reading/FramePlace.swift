package import LogValues

/// The start of a frame in a segment: a place from which the segment can be read without what stands before it.
///
/// Learned from lines that were read (``LogLine/frameOffset``). It may be out of date: whoever reads from it finds
/// damage, or other lines than expected, and then has to read the segment from its start.
package struct FramePlace: Hashable, Sendable {
    package let segment: SegmentName
    /// The start of the frame's header, in bytes from the start of the segment's file.
    package let offset: UInt64
    /// The first line of the frame.
    package let first: SequenceNumber

    package init(segment: SegmentName, offset: UInt64, first: SequenceNumber) {
        self.segment = segment
        self.offset = offset
        self.first = first
    }
}
