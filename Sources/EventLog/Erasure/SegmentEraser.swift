import LogValues
import RawJSON
import SystemPackage

/// Writes sealed segments anew, so that given lines stand there in their redacted form and everything else as it was:
/// the same lines, numbers, commits, leaves and roots.
///
/// Crash-atomic for each segment: the new file is written beside the old one, read back, synced, and renamed over it.
/// Who has the old file open reads on in it; who opens the segment from then on has the new one. Where the segment is a
/// symbolic link, what it leads to is replaced, for there the contents stand. The caller alone may write to the log's
/// folder.
struct SegmentEraser {
    /// Behind the name of a segment: its new form, until it is whole.
    static let suffix = ".erasing"

    private let catalog: SegmentCatalog
    private let frameSizeBytes: Int
    private let fileSystem: any FileSystem

    init(_ catalog: SegmentCatalog, frameSizeBytes: Int, _ fileSystem: any FileSystem) {
        self.catalog = catalog
        self.frameSizeBytes = frameSizeBytes
        self.fileSystem = fileSystem
    }

    /// Erases the contents of lines that stand in a sealed segment.
    ///
    /// - Parameters:
    ///   - lines: Sorted; those of other segments are passed over.
    ///   - name: The segment, which must not be the one that is being written.
    /// - Returns: How many of the lines had a content; with 0 the file is left as it is.
    /// - Throws: ``EventLogError/damaged(file:offset:_:)`` if the segment cannot be read to its end; then, and if the disk
    ///   fails, the old file is there unchanged.
    func erase(_ lines: ArraySlice<SequenceNumber>, in name: SegmentName) throws(EventLogError) -> Int {
        let path = try withLogErrors { () throws(FileSystemError) in
            try self.fileSystem.placeOfBytes(of: self.catalog.path(of: name))
        }
        // A name of its own: where a process that is told to stop lives on for a moment, the next one is not disturbed.
        let number = String(UInt32.random(in: .min ... .max), radix: 16)
        let temporary = FilePath("\(path).\(number)\(Self.suffix)")
        var reader = try SegmentReader(name, at: path, self.fileSystem)
        guard let header = try reader.readHeader() else {
            throw .damaged(file: name.fileName, offset: reader.offset, .segmentHeader)
        }
        let replacement = try FileReplacement.begin(of: path, at: temporary, self.fileSystem)
        let writer = try SegmentWriter.resume(
            name,
            replacement.file,
            offset: 0,
            textSize: 0,
            frameSizeBytes: self.frameSizeBytes,
            self.fileSystem
        )
        var copy = Copy(frontier: header.frontier, lines: lines)
        try copy.run(from: &reader, to: writer)
        guard copy.erasedCount > 0 else {
            try withLogErrors { () throws(FileSystemError) in try self.fileSystem.remove(temporary) }
            return 0
        }
        try self.compare(temporary, name, header, copy.frontier)
        try replacement.finish()
        return copy.erasedCount
    }

    /// Whether a segment's bytes have other names (hard links), under which they stay as they are.
    func hasOtherNames(_ name: SegmentName) throws(EventLogError) -> Bool {
        try withLogErrors { () throws(FileSystemError) in
            try self.fileSystem.status(of: self.catalog.path(of: name)).linkCount > 1
        }
    }

    /// Removes new forms of segments that a crash, or a full disk, left unfinished, wherever they were being written.
    func removeLeftovers() throws(EventLogError) {
        try withLogErrors { () throws(FileSystemError) in
            try self.removeLeftovers(in: self.catalog.folder) { _ in true }
            for segment in self.catalog.segments {
                let path = self.catalog.path(of: segment)
                guard let place = try self.fileSystem.linkTarget(of: path), let name = place.lastComponent else {
                    continue
                }
                // A folder that is not the log's may hold anything else.
                try self.removeLeftovers(in: place.removingLastComponent()) { $0.hasPrefix("\(name.string).") }
            }
        }
    }

    private func removeLeftovers(in folder: FilePath, where isOurs: (String) -> Bool) throws(FileSystemError) {
        for name in try self.fileSystem.list(folder) where name.hasSuffix(Self.suffix) && isOurs(name) {
            try self.fileSystem.remove(folder.appending(name))
        }
        try self.fileSystem.syncDirectory(folder)
    }

    /// Reads the new file: nothing may take a segment's place that does not hold its leaves.
    private func compare(
        _ path: FilePath,
        _ name: SegmentName,
        _ header: SegmentHeader,
        _ frontier: Frontier
    ) throws(EventLogError) {
        let survey: SegmentSurvey
        do {
            survey = try SegmentSurvey(name, at: path, synced: nil, self.fileSystem) { _ in }
        } catch {
            if case .fileSystem = error { throw error }
            throw .rewriteDiffers(file: name.fileName)
        }
        guard survey.ending == .frameEnd, survey.header == header, survey.frontier == frontier else {
            throw .rewriteDiffers(file: name.fileName)
        }
    }
}

/// One segment's way from its old file to the new one.
private struct Copy {
    /// The tree of the lines copied so far; the leaves are those of the old file.
    private(set) var frontier: Frontier
    private(set) var erasedCount = 0
    /// Those that have not been reached.
    private var lines: ArraySlice<SequenceNumber>
    /// The commit that is being gathered.
    private var text: [UInt8] = []
    private var redacted: [UInt8] = []

    init(frontier: Frontier, lines: ArraySlice<SequenceNumber>) {
        self.frontier = frontier
        self.lines = lines
    }

    mutating func run(from reader: inout SegmentReader, to writer: SegmentWriter) throws(EventLogError) {
        self.text = reader.headerText + [LineFormat.newline]
        try self.write(to: writer)
        while true {
            switch try reader.advance() {
            case nil:
                try self.take(reader.current)
                // Commit by commit, as the old file has them: a batch stays one block, or as many as it takes.
                if reader.isAtCommitEnd { try self.write(to: writer) }
            case .frameEnd:
                return try writer.endFrame()
            case .openFrame:
                throw .damaged(file: reader.name.fileName, offset: reader.offset, .unended)
            case .fault(let damage, let offset):
                throw .damaged(file: reader.name.fileName, offset: offset, damage)
            }
        }
    }

    private mutating func take(_ line: LogLine) throws(EventLogError) {
        let leaf: Hash256
        let hasContent: Bool
        do {
            leaf = try Redaction.leafHash(of: line.bytes, scratch: &self.redacted)
            hasContent = try self.names(line.sequenceNumber) && Redaction.parts(of: line.bytes) != nil
        } catch {
            throw .damaged(file: line.segment.fileName, offset: line.blockOffset, .content)
        }
        self.frontier.append(leaf: leaf)
        if hasContent {
            self.text.append(contentsOf: self.redacted)
            self.erasedCount += 1
        } else {
            self.text.append(contentsOf: line.bytes)
        }
        self.text.append(LineFormat.newline)
    }

    /// Whether the line is one of those to be erased; they are asked for in order.
    private mutating func names(_ line: SequenceNumber) -> Bool {
        while let next = self.lines.first, next < line { self.lines.removeFirst() }
        return self.lines.first == line
    }

    private mutating func write(to writer: SegmentWriter) throws(EventLogError) {
        try writer.write(self.text.span, syncsBetweenBlocks: false)
        self.text.removeAll(keepingCapacity: true)
    }
}
