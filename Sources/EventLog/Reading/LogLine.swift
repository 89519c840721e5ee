package import LogValues
import RawJSON

/// A line of the log, borrowed from the reader that stands at it: the compiler refuses to keep it over the reader's next
/// step.
package struct LogLine: ~Escapable {
    /// The number and the place of a line, which may be kept when its text is gone.
    package struct Place: Hashable, Sendable, CustomStringConvertible {
        package let sequenceNumber: SequenceNumber
        /// Whether the next line belongs to the same proposal.
        package let hasMore: Bool
        package let segment: SegmentName
        /// Where the block begins in which the line begins, in bytes from the start of the segment's file.
        package let blockOffset: UInt64
        /// Where the frame of that block begins: the line is ``FramePlace/first`` of its frame, or stands behind it.
        package let frameOffset: UInt64

        package var description: String {
            "\(self.segment): offset \(self.blockOffset): line \(self.sequenceNumber)"
        }
    }

    package let place: Place
    /// The line without its newline.
    package let bytes: Bytes

    @_lifetime(copy bytes)
    package init(_ place: Place, _ bytes: Bytes) {
        self.place = place
        self.bytes = bytes
    }

    package var sequenceNumber: SequenceNumber { self.place.sequenceNumber }
    package var hasMore: Bool { self.place.hasMore }
    package var segment: SegmentName { self.place.segment }
    package var blockOffset: UInt64 { self.place.blockOffset }
    package var frameOffset: UInt64 { self.place.frameOffset }
}
