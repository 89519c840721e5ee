package import LogValues
package import SystemPackage

/// The segments of a log, as their file names say; nothing of them is read.
package struct SegmentCatalog: Sendable {
    /// The folder of the segments, in the data directory.
    package static let folderName = "log"

    /// The folder that holds the segments.
    package let folder: FilePath
    /// In order.
    package private(set) var segments: [SegmentName]

    /// Lists the segments under a data directory; none if there is no log yet.
    ///
    /// Other files are passed over.
    package init(
        _ directory: FilePath,
        fileSystem: any FileSystem = PosixFileSystem()
    ) throws(EventLogError) {
        self.folder = directory.appending(Self.folderName)
        do {
            self.segments = try fileSystem.list(self.folder).compactMap { SegmentName(fileName: $0) }.sorted()
        } catch {
            guard error.isNotFound else { throw .fileSystem(error) }
            self.segments = []
        }
    }

    /// Makes sure that a directory which has no log yet is not one in which segments stand at the wrong place: whoever
    /// put them there means them to be the log.
    ///
    /// - Throws: ``EventLogError/misplacedSegments(directory:first:)``.
    package static func refuseMisplaced(
        in directory: FilePath,
        _ fileSystem: any FileSystem = PosixFileSystem()
    ) throws(EventLogError) {
        guard let first = try self.misplaced(in: directory, fileSystem).min() else { return }
        guard try SegmentCatalog(directory, fileSystem: fileSystem).segments.isEmpty else { return }
        throw .misplacedSegments(directory: directory, first: first)
    }

    private static func misplaced(
        in directory: FilePath,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> [SegmentName] {
        do throws(FileSystemError) {
            return try fileSystem.list(directory).compactMap { SegmentName(fileName: $0) }
        } catch {
            guard error.isNotFound else { throw .fileSystem(error) }
            return []
        }
    }

    package func path(of segment: SegmentName) -> FilePath { self.folder.appending(segment.fileName) }

    /// The first line that is kept, or would be: 1 unless retention dropped the oldest segments.
    package var firstLine: SequenceNumber { self.segments.first?.base ?? .first }

    /// The index of the segment that holds a line, if any does: the last one that begins at it or before.
    package func index(holding sequenceNumber: SequenceNumber) -> Int? {
        self.segments.lastIndex { $0.base <= sequenceNumber }
    }

    mutating func append(_ segment: SegmentName) { self.segments.append(segment) }

    mutating func removeLast() { self.segments.removeLast() }
}
