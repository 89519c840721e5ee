package import LogValues
package import SystemPackage

/// A segment as it comes in from another node, byte by byte, in a file of its own until its lines are taken.
///
/// The file, `incoming`, stands outside of the log, so that nothing of it counts before it is checked; and it stays over
/// a restart, so that a transfer goes on at the byte where it ended. Lines come out whole commits at a time, checked as
/// any reader checks them (frames, checksums, numbers), with their leaf, and with the tree that they give together with
/// the one that the segment's header claims. One thread at a time.
package final class ShippedSegment {
    /// A line that came in; its bytes are valid until the next call.
    package struct Line {
        package let line: LogLine
        package let leaf: Hash256
    }

    package static let fileName = "incoming"

    package let name: SegmentName
    private let path: FilePath
    private let fileSystem: any FileSystem
    private let file: OpenFile
    private var reader: SegmentReader
    private var redacted: [UInt8] = []
    /// Bytes that have come in: where the transfer goes on.
    package private(set) var size: UInt64
    /// The tree of all lines up to the last that was handed out; nil before the header was read.
    package private(set) var tree: Frontier?

    /// Goes on with a transfer, or begins one: what came in of another segment is dropped.
    ///
    /// - Parameters:
    ///   - name: The segment.
    ///   - directory: The data directory.
    ///   - fileSystem: Where the file is.
    /// - Throws: ``EventLogError/fileSystem(_:)``.
    package init(
        _ name: SegmentName,
        in directory: FilePath,
        fileSystem: any FileSystem = PosixFileSystem()
    ) throws(EventLogError) {
        let path = directory.appending(Self.fileName)
        self.name = name
        self.path = path
        self.fileSystem = fileSystem
        (self.file, self.size) = try withLogErrors { () throws(FileSystemError) in
            let file: OpenFile
            do throws(FileSystemError) {
                file = try fileSystem.open(path, .readAndWrite)
            } catch {
                guard error.isNotFound else { throw error }
                file = try fileSystem.open(path, .create)
            }
            return (file, try fileSystem.size(file))
        }
        do throws(EventLogError) {
            self.reader = try SegmentReader(name, at: path, fileSystem)
        } catch {
            fileSystem.close(self.file)
            throw error
        }
        guard self.size > 0, !self.holdsThisSegment else { return }
        try self.restart()
    }

    deinit {
        self.fileSystem.close(self.file)
    }

    private var holdsThisSegment: Bool {
        guard let header = try? self.reader.readHeader() else { return false }
        return header.base == self.name.base
    }

    /// The segment's header, once it has come in.
    package var header: SegmentHeader? { self.reader.header }

    /// Takes bytes that stand at ``size`` in the other node's file.
    ///
    /// They are not synced: what a power failure takes of them is fetched again.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(EventLogError) {
        try withLogErrors { () throws(FileSystemError) in
            try self.fileSystem.writeAll(self.file, bytes, at: self.size)
        }
        self.size += UInt64(bytes.count)
    }

    /// The next line; nil where more bytes must come first.
    ///
    /// - Throws: ``EventLogError/damaged(file:offset:_:)`` if what came in is not a segment, or goes on otherwise than it
    ///   began: the file must be begun anew then (``restart()``).
    package func next() throws(EventLogError) -> Line? {
        switch try self.reader.next() {
        case .line(let line):
            return try self.hashed(line)
        case .end(.frameEnd), .end(.openFrame), .end(.fault(.incomplete, offset: _)):
            self.reader.refresh()
            return nil
        case .end(.fault(let damage, let offset)):
            throw .damaged(file: self.name.fileName, offset: offset, damage)
        }
    }

    /// Forgets everything that came in.
    package func restart() throws(EventLogError) {
        try withLogErrors { () throws(FileSystemError) in try self.fileSystem.truncate(self.file, to: 0) }
        self.reader = try SegmentReader(self.name, at: self.path, self.fileSystem)
        self.size = 0
        self.tree = nil
    }

    /// Removes what came in, for a node that fetches nothing any more.
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - fileSystem: Where the file is.
    /// - Throws: ``EventLogError/fileSystem(_:)``.
    package static func removeTransfer(
        in directory: FilePath,
        fileSystem: any FileSystem = PosixFileSystem()
    ) throws(EventLogError) {
        do throws(FileSystemError) {
            try fileSystem.remove(directory.appending(Self.fileName))
        } catch {
            guard error.isNotFound else { throw .fileSystem(error) }
        }
    }

    private func hashed(_ line: LogLine) throws(EventLogError) -> Line {
        let leaf: Hash256
        do {
            leaf = try Redaction.leafHash(of: line.bytes, scratch: &self.redacted)
        } catch {
            throw .damaged(file: self.name.fileName, offset: line.blockOffset, .content)
        }
        if self.tree == nil { self.tree = self.reader.header?.frontier }
        self.tree?.append(leaf: leaf)
        return Line(line: line, leaf: leaf)
    }
}
