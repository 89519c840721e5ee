package import LogValues
import RawJSON
import SystemPackage

/// Writes the lines of one snapshot into a file that has no name yet by which anybody would find it.
///
/// Made by ``SnapshotStore/write(_:body:)``, which gives it its name once everything is on the disk. One thread at a
/// time.
package final class SnapshotLineWriter {
    /// Written bytes after which the file is synced.
    ///
    /// In steps, since one sync of a large file at the end would hold up the commits of the log on the same disk.
    private static let syncStepBytes: UInt64 = 8 << 20

    private let fileSystem: any FileSystem
    private let file: OpenFile
    private var frames: LZ4FrameWriter
    /// Text of the next block.
    private var text: [UInt8] = []
    private var offset: UInt64 = 0
    private var syncedOffset: UInt64 = 0
    /// Bytes of text so far.
    package private(set) var textSizeBytes: UInt64 = 0

    init(_ file: OpenFile, _ fileSystem: any FileSystem) throws(EventLogError) {
        self.file = file
        self.fileSystem = fileSystem
        self.frames = try LZ4FrameWriter()
        self.text.reserveCapacity(LZ4FrameWriter.blockSizeBytes)
    }

    /// Writes one line, which is given without its newline and holds none.
    ///
    /// - Throws: ``EventLogError/snapshotLineTooLong(sizeBytes:)``; the errors of the file system, after which the
    ///   snapshot cannot be finished.
    package func write(_ line: Bytes) throws(EventLogError) {
        guard line.count <= SnapshotFile.lineSizeLimit else { throw .snapshotLineTooLong(sizeBytes: line.count) }
        var at = 0
        while self.text.count + line.count - at >= LZ4FrameWriter.blockSizeBytes {
            let end = at + LZ4FrameWriter.blockSizeBytes - self.text.count
            self.text.append(contentsOf: line.extracting(at..<end))
            at = end
            try self.flush()
        }
        self.text.append(contentsOf: line.extracting(at...))
        self.text.append(LineFormat.newline)
        self.textSizeBytes += UInt64(line.count) + 1
    }

    /// Ends the frame; the last of it is left to whoever made the file to sync.
    func finish() throws(EventLogError) {
        if !self.text.isEmpty { try self.flush() }
        try self.frames.end()
        try self.writeOut()
    }

    private func flush() throws(EventLogError) {
        do {
            let text = self.text
            try self.frames.block(text.span)
        }
        try self.writeOut()
        self.text.removeAll(keepingCapacity: true)
        if self.offset - self.syncedOffset >= Self.syncStepBytes { try self.sync() }
    }

    private func writeOut() throws(EventLogError) {
        self.offset += try self.frames.withOutput { bytes throws(EventLogError) in
            try withLogErrors { () throws(FileSystemError) in
                try self.fileSystem.writeAll(self.file, bytes, at: self.offset)
            }
            return UInt64(bytes.count)
        }
    }

    private func sync() throws(EventLogError) {
        try withLogErrors { () throws(FileSystemError) in try self.fileSystem.sync(self.file) }
        self.syncedOffset = self.offset
    }
}
