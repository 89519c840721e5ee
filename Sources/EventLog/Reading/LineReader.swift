package import LogValues
package import SystemPackage

/// Reads single lines of a log, wherever they stand, each by decoding its frame up to it.
///
/// Lines that are asked for in ascending order share the decoding of their frames, and the opening of their segments.
/// Each line is checked as any reader checks it: number, structure, checksums, the segment's header. One thread at a
/// time; files stay open until the reader goes away.
package struct LineReader: ~Copyable {
    /// The size on disk of a frame of 256 KiB of text, roughly, of which half is needed on average.
    private static let frameSizeBytes: UInt64 = 96 << 10
    /// A segment's header, in its first block.
    private static let headerSizeBytes: UInt64 = 4 << 10

    private let reader: LogReader
    private let place: (SequenceNumber) -> FramePlace?
    private var cursor: LogCursor?
    private var framePlace: FramePlace?
    /// The next line that the cursor hands out.
    private var nextLine = SequenceNumber.first

    /// Reads the lines of a log.
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - fileSystem: Where the files are.
    ///   - place: Where the frame begins that holds a line; nil, or an earlier frame, costs time and nothing else.
    package init(
        _ directory: FilePath,
        fileSystem: any FileSystem = PosixFileSystem(),
        place: @escaping (SequenceNumber) -> FramePlace?
    ) {
        self.reader = LogReader(directory, fileSystem: fileSystem)
        self.place = place
    }

    /// Has the disk begin with what reading these lines takes, all of it at once: lines in many segments then wait for the
    /// disk together, not one after the other.
    ///
    /// - Parameter numbers: Ascending. Nothing is read, and nothing is wrong if that is not possible.
    package func prepare(_ numbers: [SequenceNumber]) {
        var known: FramePlace?
        for number in numbers {
            guard let place = self.place(number), place != known else { continue }
            let isNewSegment = place.segment != known?.segment
            known = place
            let path = self.reader.directory.appending(SegmentCatalog.folderName).appending(place.segment.fileName)
            guard let file = try? self.reader.fileSystem.open(path, .read) else { continue }
            if isNewSegment { self.reader.fileSystem.willRead(file, 0..<Self.headerSizeBytes) }
            self.reader.fileSystem.willRead(file, place.offset..<place.offset + Self.frameSizeBytes)
            self.reader.fileSystem.close(file)
        }
    }

    /// The line with a number; nil if the log ends before it.
    ///
    /// - Throws: ``EventLogError/damaged(file:offset:_:)`` if the frame is damaged, or is not where `place` said;
    ///   ``EventLogError/missingLine(_:firstSegment:)`` if the line's segment is not kept any more.
    @_lifetime(&self)
    package mutating func line(at number: SequenceNumber) throws(EventLogError) -> LogLine? {
        // Put back at the end only: after an error, everything begins anew.
        guard var cursor = try self.takeCursor(before: number) else { return nil }
        while try cursor.advance() {
            // Lines come in order, so one behind it means that it is not there.
            guard cursor.line.sequenceNumber < number else { break }
        }
        guard cursor.ending == nil, cursor.line.sequenceNumber == number else { return nil }
        self.nextLine = number.next
        self.cursor = consume cursor
        return self.cursor?.line
    }

    /// A cursor that has not passed a line yet: the one there is, or a new one.
    private mutating func takeCursor(before number: SequenceNumber) throws(EventLogError) -> LogCursor? {
        let place = self.place(number)
        let isSameFrame = place != nil && place == self.framePlace
        self.framePlace = place
        if let place, var cursor = self.cursor.take() {
            if isSameFrame, number >= self.nextLine { return cursor }
            if try cursor.skip(to: place, from: number) { return cursor }
        }
        self.cursor = nil
        return try self.reader.cursor(from: number, skippingTo: place)
    }
}
