import EventLog
import SystemPackage

/// Sizes of files.
enum FileSizes {
    /// Bytes of a segment's file; 0 if it is gone.
    static func size(of path: FilePath) -> UInt64 {
        let fileSystem = PosixFileSystem()
        guard let file = try? fileSystem.open(path, .read) else { return 0 }
        defer { fileSystem.close(file) }
        return (try? fileSystem.size(file)) ?? 0
    }

    /// Bytes of all segments.
    ///
    /// - Throws: ``EventLogError`` if the directory cannot be read.
    static func size(ofLogIn directory: FilePath) throws -> UInt64 {
        let catalog = try SegmentCatalog(directory)
        return catalog.segments.reduce(0) { $0 + self.size(of: catalog.path(of: $1)) }
    }
}
