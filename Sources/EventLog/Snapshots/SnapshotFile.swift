package import LogValues
import RawJSON
import SystemPackage

/// A snapshot that is being read: its header, then its lines, which mean nothing to this target.
///
/// Memory is bounded by the LZ4 window and the longest line. One thread at a time.
package final class SnapshotFile {
    /// Longest line, in bytes, without its newline.
    ///
    /// A frame of presence with the list of everybody in a crowded channel is the longest that there is.
    static let lineSizeLimit = 256 << 20

    package let name: SnapshotName
    package let header: SnapshotHeader
    private let fileSystem: any FileSystem
    private let file: OpenFile
    private var frames: LZ4FrameReader
    /// A line whose end has not been read.
    private var partial: [UInt8] = []
    /// The start of the lines in the block that was read last.
    private var start: Int
    private var blockOffset: UInt64

    /// Opens a snapshot and reads its header.
    ///
    /// - Throws: ``EventLogError/damaged(file:offset:_:)``, ``EventLogError/unknownFormat(file:format:)``, the errors of
    ///   the file system.
    init(_ name: SnapshotName, at path: FilePath, _ fileSystem: any FileSystem) throws(EventLogError) {
        let file = try withLogErrors { () throws(FileSystemError) in try fileSystem.open(path, .read) }
        do throws(EventLogError) {
            var frames = LZ4FrameReader(file, fileSystem)
            let (line, start, offset) = try Self.readHeaderLine(&frames, name)
            switch SnapshotHeader.parse(line.span) {
            case .header(let header) where header.name == name: self.header = header
            case .header, .damaged: throw Self.damage(.snapshotHeader, name, at: 0)
            case .unknownFormat(let format): throw .unknownFormat(file: Self.text(name), format: format)
            }
            self.name = name
            self.fileSystem = fileSystem
            self.file = file
            self.frames = frames
            self.start = start
            self.blockOffset = offset
        } catch {
            fileSystem.close(file)
            throw error
        }
    }

    deinit {
        self.fileSystem.close(self.file)
    }

    /// Bytes of the file.
    package func fileSize() throws(EventLogError) -> UInt64 {
        try withLogErrors { () throws(FileSystemError) in try self.fileSystem.size(self.file) }
    }

    /// Calls `body` once for each line behind the header, in order; may be called once.
    ///
    /// A line comes without its newline.
    ///
    /// - Throws: What `body` throws; ``EventLogError/damaged(file:offset:_:)`` if the file is not one whole frame of whole
    ///   lines.
    package func forEachLine(_ body: (Bytes) throws -> Void) throws {
        repeat { try self.takeLines(body) } while try self.nextBlock()
        guard self.partial.isEmpty else { throw self.damage(.incomplete) }
    }

    /// False after the whole frame, behind which nothing may stand.
    private func nextBlock() throws(EventLogError) -> Bool {
        switch try self.frames.next() {
        case .block(let offset):
            self.blockOffset = offset
            self.start = 0
            return true
        case .frameEnd:
            guard case .endOfFile = try self.frames.next() else { throw self.damage(.frameMagic) }
            return false
        case .endOfFile: throw self.damage(.unended)
        case .fault(let fault): throw self.damage(fault)
        case .frameStart: throw self.damage(.frameMagic)
        }
    }

    private func takeLines(_ body: (Bytes) throws -> Void) throws {
        let isShort = try Self.takeLines(of: self.frames, from: self.start, behind: &self.partial, body)
        guard isShort else { throw self.damage(.lineTooLong) }
    }

    /// Returns false if a line is too long.
    private static func takeLines(
        of frames: borrowing LZ4FrameReader,
        from start: Int,
        behind partial: inout [UInt8],
        _ body: (Bytes) throws -> Void
    ) throws -> Bool {
        let block = frames.text
        var start = start
        while let end = LineFormat.newline(in: block, from: start) {
            if partial.isEmpty {
                try body(block.extracting(start..<end))
            } else {
                guard partial.count + end - start <= Self.lineSizeLimit else { return false }
                partial.append(contentsOf: block.extracting(start..<end))
                try body(partial.span)
                partial.removeAll(keepingCapacity: true)
            }
            start = end + 1
        }
        guard partial.count + block.count - start <= Self.lineSizeLimit else { return false }
        partial.append(contentsOf: block.extracting(start...))
        return true
    }

    /// The header's line, where it ends in its last block, and where that block begins.
    private static func readHeaderLine(
        _ frames: inout LZ4FrameReader,
        _ name: SnapshotName
    ) throws(EventLogError) -> (line: [UInt8], start: Int, offset: UInt64) {
        var line: [UInt8] = []
        while true {
            switch try frames.next() {
            case .frameStart where frames.frameOffset == 0 && line.isEmpty:
                continue
            case .block(let offset):
                let end = LineFormat.newline(in: frames.text, from: 0) ?? frames.text.count
                guard line.count + end <= Self.lineSizeLimit else { throw Self.damage(.lineTooLong, name, at: offset) }
                line.append(contentsOf: frames.text.extracting(..<end))
                guard end < frames.text.count else { continue }
                return (line, end + 1, offset)
            case .fault(let fault):
                throw Self.damage(fault, name, at: frames.offset)
            case .frameStart, .frameEnd, .endOfFile:
                throw Self.damage(.snapshotHeader, name, at: frames.offset)
            }
        }
    }

    private func damage(_ damage: Damage) -> EventLogError {
        Self.damage(damage, self.name, at: self.frames.offset)
    }

    private static func damage(_ damage: Damage, _ name: SnapshotName, at offset: UInt64) -> EventLogError {
        .damaged(file: self.text(name), offset: offset, damage)
    }

    /// With its folder, to be told from the segment of the same name.
    private static func text(_ name: SnapshotName) -> String { "\(SnapshotStore.folderName)/\(name)" }
}
