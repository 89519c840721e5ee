package import LogValues
import RawJSON
package import SystemPackage

/// A segment as it comes in from another node, byte by byte, in a file of its own until its lines are taken.
///
/// The file, `incoming`, stands outside of the log, so that nothing of it counts before it is checked; and it stays over
/// a restart, so that a transfer goes on at the byte where it ended. Lines come out whole commits at a time, checked as
/// any reader checks them (frames, checksums, numbers), with their leaf, and with the tree that they give together with
/// the one that the segment's header claims. One thread at a time.
package struct ShippedSegment: ~Copyable {
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
    /// The leaf of the line that came in last.
    private var leaf = Hash256.ofNothing

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
        let file: OpenFile
        var size: UInt64
        (file, size) = try withLogErrors { () throws(FileSystemError) in
            let file: OpenFile
            do throws(FileSystemError) {
                file = try fileSystem.open(path, .readAndWrite)
            } catch {
                guard error.isNotFound else { throw error }
                file = try fileSystem.open(path, .create)
            }
            return (file, try fileSystem.size(file))
        }
        let reader = try Self.reader(of: name, at: path, fileSystem, file, &size)
        self.name = name
        self.path = path
        self.fileSystem = fileSystem
        self.file = file
        self.size = size
        self.reader = reader
    }

    /// Empties the file if it holds something else; closes it after an error.
    private static func reader(
        of name: SegmentName,
        at path: FilePath,
        _ fileSystem: any FileSystem,
        _ file: OpenFile,
        _ size: inout UInt64
    ) throws(EventLogError) -> SegmentReader {
        do throws(EventLogError) {
            var reader = try SegmentReader(name, at: path, fileSystem)
            if size > 0, (try? reader.readHeader())?.base != name.base {
                try withLogErrors { () throws(FileSystemError) in try fileSystem.truncate(file, to: 0) }
                size = 0
                reader = try SegmentReader(name, at: path, fileSystem)
            }
            return reader
        } catch {
            fileSystem.close(file)
            throw error
        }
    }

    deinit {
        self.fileSystem.close(self.file)
    }

    /// Lends the line that came in last, after ``advance()`` has found one, with its leaf, and the tree of all up to it.
    package func withLine<Failure>(
        _ body: (LogLine, Hash256, Frontier?) throws(Failure) -> Void
    ) throws(Failure) {
        try body(self.reader.current, self.leaf, self.tree)
    }

    /// The segment's header, once it has come in.
    package var header: SegmentHeader? { self.reader.header }

    /// Takes bytes that stand at ``size`` in the other node's file.
    ///
    /// They are not synced: what a power failure takes of them is fetched again.
    package mutating func append(_ bytes: Bytes) throws(EventLogError) {
        try withLogErrors { () throws(FileSystemError) in
            try self.fileSystem.writeAll(self.file, bytes, at: self.size)
        }
        self.size += UInt64(bytes.count)
    }

    /// Steps to the next line; false where more bytes must come first.
    ///
    /// - Throws: ``EventLogError/damaged(file:offset:_:)`` if what came in is not a segment, or goes on otherwise than it
    ///   began: the file must be begun anew then (``restart()``).
    package mutating func advance() throws(EventLogError) -> Bool {
        switch try self.reader.advance() {
        case nil:
            try self.takeLeaf()
            return true
        case .frameEnd, .openFrame, .fault(.incomplete, offset: _):
            self.reader.refresh()
            return false
        case .fault(let damage, let offset):
            throw .damaged(file: self.name.fileName, offset: offset, damage)
        }
    }

    /// Forgets everything that came in.
    package mutating func restart() throws(EventLogError) {
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

    private mutating func takeLeaf() throws(EventLogError) {
        self.leaf = try self.reader.leaf(&self.redacted)
        if self.tree == nil { self.tree = self.reader.header?.frontier }
        self.tree?.append(leaf: self.leaf)
    }
}
