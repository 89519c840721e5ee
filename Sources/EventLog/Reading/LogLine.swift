package import LogValues

/// A line of the log, borrowed from the reader that returned it.
package struct LogLine {
    package let sequenceNumber: SequenceNumber
    /// Whether the next line belongs to the same proposal.
    package let hasMore: Bool
    /// The line without its newline.
    ///
    /// Valid until the reader's next call.
    package let bytes: UnsafeRawBufferPointer
    package let segment: SegmentName
    /// The start of the block in which the line begins, in bytes from the start of the segment's file.
    package let blockOffset: UInt64
    /// The start of the frame of that block: the line is ``FramePlace/first`` of its frame, or stands behind it.
    package let frameOffset: UInt64

    /// The same line, whose bytes were copied to another place.
    package func moved(to bytes: UnsafeRawBufferPointer) -> LogLine {
        LogLine(
            sequenceNumber: self.sequenceNumber,
            hasMore: self.hasMore,
            bytes: bytes,
            segment: self.segment,
            blockOffset: self.blockOffset,
            frameOffset: self.frameOffset
        )
    }
}
