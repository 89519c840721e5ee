import LogValues
import SystemPackage

/// One file of a ``HashTree``: the hashes of one level, 32 bytes each, in order.
///
/// What was appended and not yet written is kept in memory and is read as if it stood in the file. One thread at a time.
final class HashLevel {
    /// Bytes that are gathered before they are written.
    private static let writeSizeBytes = 64 << 10

    private let path: FilePath
    private let fileSystem: any FileSystem
    private let isWritable: Bool
    /// Made when there is something to write.
    private var file: OpenFile?
    /// Hashes in the file.
    private var writtenCount: UInt64 = 0
    /// Hashes behind those in the file.
    private var pending: [UInt8] = []

    /// Opens a file if it is there.
    init(
        at path: FilePath,
        isWritable: Bool,
        _ fileSystem: any FileSystem
    ) throws(FileSystemError) {
        self.path = path
        self.fileSystem = fileSystem
        self.isWritable = isWritable
        do throws(FileSystemError) {
            let file = try fileSystem.open(path, isWritable ? .readAndWrite : .read)
            self.file = file
            // A write that a crash cut short leaves a part of a hash, which the next write covers.
            self.writtenCount = try fileSystem.size(file) / UInt64(Hash256.byteCount)
        } catch {
            guard error.isNotFound else { throw error }
        }
    }

    deinit {
        if let file = self.file { self.fileSystem.close(file) }
    }

    var count: UInt64 { self.writtenCount + UInt64(self.pending.count / Hash256.byteCount) }

    func append(_ hash: Hash256) throws(FileSystemError) {
        hash.appendBytes(to: &self.pending)
        if self.isWritable, self.pending.count >= Self.writeSizeBytes { try self.flush() }
    }

    /// Writes what is in memory only.
    func flush() throws(FileSystemError) {
        guard self.isWritable, !self.pending.isEmpty else { return }
        let file = try self.writableFile()
        try self.fileSystem.writeAll(file, self.pending, at: self.writtenCount * UInt64(Hash256.byteCount))
        self.writtenCount += UInt64(self.pending.count / Hash256.byteCount)
        self.pending.removeAll(keepingCapacity: true)
    }

    /// Has the disk take what the file holds.
    func sync() throws(FileSystemError) {
        guard let file = self.file else { return }
        try self.fileSystem.sync(file)
    }

    private func writableFile() throws(FileSystemError) -> OpenFile {
        if let file = self.file { return file }
        let file = try self.fileSystem.open(self.path, .create)
        self.file = file
        return file
    }

    /// Forgets every hash from `count` on, which is at most ``count``.
    func cut(to count: UInt64) throws(FileSystemError) {
        let kept = count > self.writtenCount ? Int(clamping: count - self.writtenCount) : 0
        self.pending.removeLast(max(0, self.pending.count - kept * Hash256.byteCount))
        if count < self.writtenCount { try self.truncate(to: count) }
    }

    /// Takes the file for one that ends after `count` hashes, and leaves in it what follows.
    func end(at count: UInt64) {
        self.writtenCount = min(self.writtenCount, count)
    }

    /// Forgets every hash; the next one is taken for the one at `count`.
    ///
    /// Before it the file then has a hole, of hashes that are never read.
    func removeAll(upTo count: UInt64) throws(FileSystemError) {
        self.pending.removeAll()
        try self.truncate(to: 0)
        self.writtenCount = count
    }

    private func truncate(to count: UInt64) throws(FileSystemError) {
        self.writtenCount = count
        guard self.isWritable, let file = self.file else { return }
        try self.fileSystem.truncate(file, to: count * UInt64(Hash256.byteCount))
    }

    /// The hashes at these places; fewer if the file is shorter.
    func hashes(_ range: Range<UInt64>) throws(FileSystemError) -> [Hash256] {
        let byteCount = UInt64(Hash256.byteCount)
        var bytes: [UInt8] = []
        if let file = self.file, range.lowerBound < self.writtenCount {
            let end = min(range.upperBound, self.writtenCount)
            bytes = try self.fileSystem.bytes(range.lowerBound * byteCount..<end * byteCount, of: file)
        }
        if range.upperBound > self.writtenCount {
            let start = Int(clamping: (max(range.lowerBound, self.writtenCount) - self.writtenCount) * byteCount)
            let end = Int(clamping: (range.upperBound - self.writtenCount) * byteCount)
            bytes.append(contentsOf: self.pending.prefix(end).dropFirst(start))
        }
        return stride(from: 0, through: bytes.count - Hash256.byteCount, by: Hash256.byteCount).compactMap {
            Hash256(bytes: bytes.span.extracting($0..<$0 + Hash256.byteCount))
        }
    }
}
