import LogValues
import RawJSON
import SystemPackage

/// The end of a sealed segment: with which line it ends, so that a missing segment behind it is noticed.
///
/// Without reading the whole segment, which may be one of thousands: its last frames are decoded, some hundred kilobytes.
/// Only where they cannot be found (frames of release 0.1.0 are as long as a segment) all of it is read.
struct SegmentTail {
    /// Bytes at the end of the file in which the last frame is looked for, a few first: a frame holds 256 KiB of text, or
    /// as much as the largest commit beyond that.
    private static let searchSizes: [UInt64] = [128 << 10, 2 << 20]

    private let name: SegmentName
    private let path: FilePath
    private let fileSystem: any FileSystem

    init(_ name: SegmentName, at path: FilePath, _ fileSystem: any FileSystem) {
        self.name = name
        self.path = path
        self.fileSystem = fileSystem
    }

    /// Makes sure that the segment ends where the next one begins.
    ///
    /// Damage is passed over: whoever reads the lines finds it, and says more about it.
    ///
    /// - Throws: ``EventLogError/missingLines(first:last:after:)`` if lines are missing between the two;
    ///   ``EventLogError/damaged(file:offset:_:)`` if the segment has lines that the next one has too;
    ///   ``EventLogError/fileSystem(_:)``.
    func check(before next: SegmentName) throws(EventLogError) {
        guard let end = try self.lastLine() else { return }
        guard end.next <= next.base else {
            throw .damaged(file: self.name.fileName, offset: 0, .unexpectedLine(end))
        }
        guard end.next == next.base else {
            throw .missingLines(first: end.next, last: SequenceNumber(next.base.rawValue - 1), after: self.name)
        }
    }

    /// The last line of a segment that was ended as it should be; of a segment without lines, the one before its first; nil
    /// if it is damaged.
    func lastLine() throws(EventLogError) -> SequenceNumber? {
        if let line = try self.lastLineOfLastFrames() { return line }
        return try self.lastLineOfAll()
    }

    // MARK: The last frames

    private func lastLineOfLastFrames() throws(EventLogError) -> SequenceNumber? {
        let file = try withLogErrors { () throws(FileSystemError) in try self.fileSystem.open(self.path, .read) }
        defer { self.fileSystem.close(file) }
        let size = try withLogErrors { () throws(FileSystemError) in try self.fileSystem.size(file) }
        for searchSize in Self.searchSizes {
            let start = size - min(size, searchSize)
            let bytes = try withLogErrors { () throws(FileSystemError) in
                try self.fileSystem.bytes(start..<size, of: file)
            }
            // What looks like a header may be compressed text: then what follows is no frame that ends with the file.
            for place in Self.frameHeaders(in: bytes).reversed() {
                if let line = try self.lastLine(fromFrameAt: start + UInt64(place), of: file) { return line }
            }
        }
        return nil
    }

    private static func frameHeaders(in bytes: [UInt8]) -> [Int] {
        let size = FrameWidth.narrow.header.count
        guard bytes.count >= size else { return [] }
        return (0...bytes.count - size).filter { place in
            // The magic's first byte, before anything that costs more.
            bytes[place] == UInt8(truncatingIfNeeded: LZ4FrameHeader.magic)
                && LZ4FrameHeader.isOfSegment(bytes.span.extracting(place..<place + size))
        }
    }

    /// The last line of whole frames from a place to the end of the file; nil if there are none, or no line begins there.
    private func lastLine(fromFrameAt place: UInt64, of file: OpenFile) throws(EventLogError) -> SequenceNumber? {
        var frames = LZ4FrameReader(file, self.fileSystem)
        frames.seek(to: place)
        var last: SequenceNumber?
        var text: [UInt8] = []
        while true {
            switch try frames.next() {
            case .frameStart:
                continue
            case .block:
                guard text.count + frames.text.count <= LineFormat.maximumBatchSizeBytes else { return nil }
                text.append(contentsOf: frames.text)
            case .frameEnd:
                // Lines do not go from one frame into the next.
                last = Self.lastLine(of: text) ?? last
                text.removeAll(keepingCapacity: true)
            case .endOfFile:
                return frames.frame == nil ? last : nil
            case .fault:
                return nil
            }
        }
    }

    private static func lastLine(of text: [UInt8]) -> SequenceNumber? {
        guard text.last == LineFormat.newline else { return nil }
        let start = text.dropLast().lastIndex(of: LineFormat.newline).map { $0 + 1 } ?? 0
        return LineFormat.head(of: text.span.extracting(start..<text.count - 1))?.sequenceNumber
    }

    // MARK: The whole segment

    private func lastLineOfAll() throws(EventLogError) -> SequenceNumber? {
        var reader = try SegmentReader(self.name, at: self.path, self.fileSystem)
        do throws(EventLogError) {
            while true {
                switch try reader.advance() {
                case nil: continue
                case .frameEnd: return SequenceNumber(reader.nextLine.rawValue - 1)
                case .openFrame, .fault: return nil
                }
            }
        } catch {
            if case .damaged = error { return nil }
            throw error
        }
    }
}
