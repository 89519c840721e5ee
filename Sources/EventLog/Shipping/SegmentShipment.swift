package import LogValues
package import SystemPackage

/// Shows a node's segments to those who copy them: whole commits and nothing behind.
///
/// A value without open files; reading blocks.
package struct SegmentShipment: Sendable {
    /// How far a log is committed, as the report of its last commit says.
    package struct End: Sendable, Equatable {
        /// The last line.
        package let line: SequenceNumber
        /// The segment that holds it.
        package let segment: SegmentName
        /// Bytes of that segment's file up to the end of the line's commit.
        package let offset: UInt64

        package init(line: SequenceNumber, segment: SegmentName, offset: UInt64) {
            self.line = line
            self.segment = segment
            self.offset = offset
        }

        package init(_ commit: Commit) {
            self.init(line: commit.last, segment: commit.segment, offset: commit.segmentOffset)
        }
    }

    /// A segment's file, as far as it may be read.
    package struct Entry: Sendable, Equatable {
        package let name: SegmentName
        package let size: UInt64
        /// Nothing is appended to it any more.
        package let isSealed: Bool
    }

    package let directory: FilePath
    private let fileSystem: any FileSystem

    package init(_ directory: FilePath, fileSystem: any FileSystem = PosixFileSystem()) {
        self.directory = directory
        self.fileSystem = fileSystem
    }

    /// The segments, in order.
    package func entries(through end: End) throws(EventLogError) -> [Entry] {
        let catalog = try SegmentCatalog(self.directory, fileSystem: self.fileSystem)
        var entries: [Entry] = []
        for name in catalog.segments where name <= end.segment {
            entries.append(try self.entry(name, at: catalog.path(of: name), through: end))
        }
        return entries
    }

    /// Bytes of the segments behind one, as far as they may be read.
    package func sizeBytes(behind name: SegmentName, through end: End) throws(EventLogError) -> UInt64 {
        guard name < end.segment else { return 0 }
        let catalog = try SegmentCatalog(self.directory, fileSystem: self.fileSystem)
        var size: UInt64 = 0
        for other in catalog.segments where other > name && other <= end.segment {
            size += try self.entry(other, at: catalog.path(of: other), through: end).size
        }
        return size
    }

    /// One segment; nil if it is not there, or holds nothing that is committed.
    package func entry(_ name: SegmentName, through end: End) throws(EventLogError) -> Entry? {
        guard name <= end.segment else { return nil }
        let catalog = try SegmentCatalog(self.directory, fileSystem: self.fileSystem)
        guard catalog.segments.contains(name) else { return nil }
        return try self.entry(name, at: catalog.path(of: name), through: end)
    }

    /// Reads bytes of a segment's file.
    ///
    /// - Parameters:
    ///   - entry: The segment, and how far it may be read.
    ///   - offset: Where to begin, at most the entry's size.
    ///   - limit: Bytes to read at most.
    /// - Returns: The bytes; fewer than the limit only at the entry's size.
    /// - Throws: ``EventLogError/fileSystem(_:)``.
    package func bytes(of entry: Entry, from offset: UInt64, limit: Int) throws(EventLogError) -> [UInt8] {
        guard offset < entry.size else { return [] }
        let path = try SegmentCatalog(self.directory, fileSystem: self.fileSystem).path(of: entry.name)
        return try withLogErrors { () throws(FileSystemError) in
            let file = try self.fileSystem.open(path, .read)
            defer { self.fileSystem.close(file) }
            return try self.fileSystem.bytes(offset..<offset + min(UInt64(limit), entry.size - offset), of: file)
        }
    }

    private func entry(_ name: SegmentName, at path: FilePath, through end: End) throws(EventLogError) -> Entry {
        guard name < end.segment else { return Entry(name: name, size: end.offset, isSealed: false) }
        let size = try withLogErrors { () throws(FileSystemError) in
            let file = try self.fileSystem.open(path, .read)
            defer { self.fileSystem.close(file) }
            return try self.fileSystem.size(file)
        }
        return Entry(name: name, size: size, isSealed: true)
    }
}
