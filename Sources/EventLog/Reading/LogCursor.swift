import LogValues
import SystemPackage

/// A place in a log from which lines are read, one after the other, across segments.
///
/// The number and the structure of each line are checked. Made by a ``LogReader``. One thread at a time.
package struct LogCursor: ~Copyable {
    /// Why there is no next line.
    package enum Ending: Equatable, Sendable {
        /// The line that the caller named as the last was handed out.
        case through
        /// The log was closed: it ends after a whole frame.
        case closed
        /// The log is being written, or its writer died: its last frame is open.
        case open
        /// What stands behind the last whole commit is torn, by a crash or by damage that looks the same.
        case torn(segment: SegmentName, offset: UInt64, Damage)
    }

    private let fileSystem: any FileSystem
    private var catalog: SegmentCatalog
    private var index: Int
    private var reader: SegmentReader
    private var first: SequenceNumber
    private let through: SequenceNumber?
    /// The log's id, as the segment before says; nil in the first one.
    private var logID: String?
    private var isHeaderChecked = false
    /// Set when ``advance()`` has returned false.
    package private(set) var ending: Ending?

    init?(
        _ catalog: SegmentCatalog,
        from first: SequenceNumber,
        through: SequenceNumber?,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) {
        guard let firstSegment = catalog.segments.first else { return nil }
        guard let index = catalog.index(holding: first) else { throw .missingLine(first, firstSegment: firstSegment) }
        let name = catalog.segments[index]
        let reader = try SegmentReader(name, at: catalog.path(of: name), fileSystem)
        self.fileSystem = fileSystem
        self.catalog = catalog
        self.index = index
        self.first = first
        self.through = through
        self.reader = reader
    }

    /// Goes to where a frame begins in the segment that is being read; the segment's header is checked all the same.
    ///
    /// - Parameters:
    ///   - place: The frame.
    ///   - first: The next line to hand out.
    /// - Returns: False, and stays where it is, if the frame is another segment's or begins behind `first`.
    /// - Throws: ``EventLogError/damaged(file:offset:_:)`` if the segment's header is.
    mutating func skip(to place: FramePlace, from first: SequenceNumber) throws(EventLogError) -> Bool {
        guard place.segment == self.reader.name, place.first <= first, place.offset > 0,
            try self.reader.readHeader() != nil
        else { return false }
        self.reader.seek(to: place.offset, first: place.first)
        self.first = first
        self.ending = nil
        return true
    }

    /// The header of the segment that is being read, once its first line was asked for.
    package var segmentHeader: SegmentHeader? { self.reader.header }

    /// The segment that is being read, and where its last whole commit that was read ends, in bytes from the file's start.
    ///
    /// At the end of the log that is how much of the last segment belongs to it.
    package var commitEnd: (segment: SegmentName, offset: UInt64) {
        (self.reader.name, self.reader.commitPoint.offset)
    }

    /// Whether the frame of a line that was handed out has been read to its end, and is what was written: its checksum is
    /// right.
    package func hasPassedFrame(of line: LogLine.Place) -> Bool {
        guard line.segment == self.reader.name else { return line.segment < self.reader.name }
        return line.frameOffset < self.reader.wholeFramesEnd
    }

    /// The line at which the cursor stands, after ``advance()`` has found one.
    package var line: LogLine {
        @_lifetime(borrow self)
        get { self.reader.current }
    }

    /// Steps to the next line, which is ``line`` then; false at the end, which ``ending`` tells more about.
    ///
    /// - Throws: ``EventLogError/damaged(file:offset:_:)`` at the first damage. Lines before it were handed out.
    package mutating func advance() throws(EventLogError) -> Bool {
        guard self.ending == nil else { return false }
        while true {
            if let through = self.through, self.reader.nextLine > through {
                self.ending = .through
                return false
            }
            if let ending = try self.reader.advance() {
                guard try self.enterNextSegment(after: ending) else { return false }
            } else {
                if !self.isHeaderChecked { try self.checkHeader() }
                let place = self.line.place
                try self.checkEnd(of: place)
                guard place.sequenceNumber < self.first else { return true }
            }
        }
    }

    /// Looks again for a next line after an end, in case the log has grown.
    ///
    /// - Returns: False if the file is no longer the one that was read, only longer: begin anew then.
    mutating func resume() throws(EventLogError) -> Bool {
        guard let ending = self.ending, ending != .through else { return true }
        // A torn end may have been cut off, and other bytes be there by now.
        guard !self.reader.hasPartialCommit, try self.reader.fileSize() >= self.reader.offset else { return false }
        self.ending = nil
        self.reader.refresh()
        return true
    }

    /// Goes on in the next segment; false, with ``ending`` set, if this is the last one.
    private mutating func enterNextSegment(after ending: SegmentReader.Ending) throws(EventLogError) -> Bool {
        let isLast = self.index == self.catalog.segments.count - 1
        switch ending {
        case .frameEnd:
            guard self.reader.header != nil else { return try self.end(withoutHeader: isLast) }
        case .openFrame:
            guard isLast else { throw self.damage(.unended, at: self.reader.offset) }
            self.ending = .open
            return false
        case .fault(let damage, let offset):
            guard isLast, try self.isTorn(behind: offset) else { throw self.damage(damage, at: offset) }
            self.ending = .torn(segment: self.reader.name, offset: offset, damage)
            return false
        }
        let next = SegmentName(base: self.reader.nextLine)
        if isLast {
            // The log may have gone on since the catalog was read; but behind a segment without lines none can follow.
            guard next != self.reader.name, try self.exists(next) else {
                self.ending = .closed
                return false
            }
            self.catalog.append(next)
        }
        try self.enter(next)
        return true
    }

    /// An empty file is a last segment that is being made, or whose making a crash interrupted.
    private mutating func end(withoutHeader isLast: Bool) throws(EventLogError) -> Bool {
        guard isLast else { throw self.damage(.segmentHeader, at: 0) }
        self.ending = .open
        return false
    }

    private mutating func enter(_ next: SegmentName) throws(EventLogError) {
        let found = self.catalog.segments[self.index + 1]
        guard found <= next else {
            throw .missingLines(
                first: next.base,
                last: SequenceNumber(found.base.rawValue - 1),
                after: self.reader.name
            )
        }
        guard found == next else {
            throw .damaged(file: found.fileName, offset: 0, .sequence(expected: next.base, found: found.base))
        }
        self.logID = self.reader.header?.logID
        self.isHeaderChecked = false
        self.reader = try SegmentReader(next, at: self.catalog.path(of: next), self.fileSystem)
        self.index += 1
    }

    /// All segments must be of the same log.
    private mutating func checkHeader() throws(EventLogError) {
        self.isHeaderChecked = true
        guard let expected = self.logID, let found = self.reader.header?.logID, found != expected else { return }
        throw self.damage(.otherLog(expected: expected, found: found), at: 0)
    }

    /// A line that the next segment begins with, or a later one, does not belong here.
    ///
    /// A block that was moved here from the next segment has the number that is expected; decoded behind other text, it
    /// may even look like a line.
    private func checkEnd(of line: LogLine.Place) throws(EventLogError) {
        guard self.index + 1 < self.catalog.segments.count,
            case let next = self.catalog.segments[self.index + 1].base, line.sequenceNumber >= next
        else { return }
        throw self.damage(.unexpectedLine(line.sequenceNumber), at: line.blockOffset)
    }

    private func isTorn(behind offset: UInt64) throws(EventLogError) -> Bool {
        let path = self.catalog.path(of: self.reader.name)
        let file = try withLogErrors { () throws(FileSystemError) in try self.fileSystem.open(path, .read) }
        defer { self.fileSystem.close(file) }
        return try TornTail.search(behind: offset, in: file, self.fileSystem) == .nothingIntact
    }

    private func exists(_ segment: SegmentName) throws(EventLogError) -> Bool {
        do {
            self.fileSystem.close(try self.fileSystem.open(self.catalog.path(of: segment), .read))
            return true
        } catch {
            guard error.isNotFound else { throw .fileSystem(error) }
            return false
        }
    }

    private func damage(_ damage: Damage, at offset: UInt64) -> EventLogError {
        .damaged(file: self.reader.name.fileName, offset: offset, damage)
    }
}
