package import LogValues
import RawJSON
package import SystemPackage

/// Reading and writing in as many calls as it takes.
extension FileSystem {
    /// Writes all of `bytes` at `offset`.
    package func writeAll(_ file: OpenFile, _ bytes: Bytes, at offset: UInt64) throws(FileSystemError) {
        var written = 0
        while written < bytes.count {
            let rest = bytes.extracting(written...)
            let count = try self.write(file, rest, at: offset + UInt64(written))
            // A call that writes nothing and reports no error would be repeated for ever.
            guard count > 0 else { throw FileSystemError(.write, file.path, .ioError) }
            written += count
        }
    }

    package func writeAll(_ file: OpenFile, _ bytes: [UInt8], at offset: UInt64) throws(FileSystemError) {
        try self.writeAll(file, bytes.span, at: offset)
    }

    /// Fills a buffer with the bytes that stand at `offset`.
    ///
    /// - Returns: How many there are: fewer than the buffer holds only where the file ends.
    package func fill(
        _ buffer: inout MutableSpan<UInt8>,
        from file: OpenFile,
        at offset: UInt64
    ) throws(FileSystemError) -> Int {
        var count = 0
        while count < buffer.count {
            var rest = buffer._mutatingExtracting(count...)
            let got = try self.read(file, into: &rest, at: offset + UInt64(count))
            guard got > 0 else { break }
            count += got
        }
        return count
    }

    /// The bytes of a range; fewer where the file ends.
    package func bytes(_ range: Range<UInt64>, of file: OpenFile) throws(FileSystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var target = bytes.mutableSpan
        let count = try self.fill(&target, from: file, at: range.lowerBound)
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Copies a range of one file to the start of another; less where the first one ends.
    package func copyBytes(
        _ range: Range<UInt64>,
        from source: OpenFile,
        to target: OpenFile
    ) throws(FileSystemError) {
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var at = range.lowerBound
        while at < range.upperBound {
            let room = Int(min(UInt64(buffer.count), range.upperBound - at))
            var whole = buffer.mutableSpan
            var part = whole._mutatingExtracting(..<room)
            let count = try self.read(source, into: &part, at: at)
            guard count > 0 else { return }
            try self.writeAll(target, buffer.span.extracting(..<count), at: at - range.lowerBound)
            at += UInt64(count)
        }
    }

    /// Reads a small file whole.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - limit: Bytes to read at most; of a longer file, one byte more is returned.
    /// - Returns: The bytes; nil if there is no such file.
    /// - Throws: ``EventLogError/fileSystem(_:)`` if it cannot be read.
    package func contents(of path: FilePath, limit: Int) throws(EventLogError) -> [UInt8]? {
        do throws(FileSystemError) {
            let file = try self.open(path, .read)
            defer { self.close(file) }
            return try self.bytes(0..<UInt64(limit) + 1, of: file)
        } catch {
            guard error.operation == .open, error.isNotFound else { throw .fileSystem(error) }
            return nil
        }
    }
}
