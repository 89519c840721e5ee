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
    private let frames: LZ4FrameReader
    /// A line whose end has not been read.
    private var partial: [UInt8] = []
    /// The rest of the first block, behind the header.
    private var afterHeader: UnsafeRawBufferPointer
    private var blockOffset: UInt64

    /// Opens a snapshot and reads its header.
    ///
    /// - Throws: ``EventLogError/damaged(file:offset:_:)``, ``EventLogError/unknownFormat(file:format:)``, the errors of
    ///   the file system.
    init(_ name: SnapshotName, at path: FilePath, _ fileSystem: any FileSystem) throws(EventLogError) {
        let file = try withLogErrors { () throws(FileSystemError) in try fileSystem.open(path, .read) }
        do throws(EventLogError) {
            let frames = LZ4FrameReader(file, fileSystem)
            let (line, rest, offset) = try Self.readHeaderLine(frames, name)
            switch line.withUnsafeBytes({ SnapshotHeader.parse($0) }) {
            case .header(let header) where header.name == name: self.header = header
            case .header, .damaged: throw Self.damage(.snapshotHeader, name, at: 0)
            case .unknownFormat(let format): throw .unknownFormat(file: Self.text(name), format: format)
            }
            self.name = name
            self.fileSystem = fileSystem
            self.file = file
            self.frames = frames
            self.afterHeader = rest
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
    /// A line comes without its newline; its bytes are valid during the call.
    ///
    /// - Throws: What `body` throws; ``EventLogError/damaged(file:offset:_:)`` if the file is not one whole frame of whole
    ///   lines.
    package func forEachLine(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try self.takeLines(of: self.afterHeader, body)
        while let block = try self.nextBlock() {
            try self.takeLines(of: block, body)
        }
        guard self.partial.isEmpty else { throw self.damage(.incomplete) }
    }

    /// Nil after the whole frame, behind which nothing may stand.
    private func nextBlock() throws(EventLogError) -> UnsafeRawBufferPointer? {
        switch try self.frames.next() {
        case .block(let text, let offset):
            self.blockOffset = offset
            return text
        case .frameEnd:
            guard case .endOfFile = try self.frames.next() else { throw self.damage(.frameMagic) }
            return nil
        case .endOfFile: throw self.damage(.unended)
        case .fault(let fault): throw self.damage(fault)
        case .frameStart: throw self.damage(.frameMagic)
        }
    }

    private func takeLines(of block: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        var start = 0
        if !self.partial.isEmpty {
            guard let end = LineFormat.newline(in: block, from: 0) else { return try self.keep(block) }
            try self.keep(UnsafeRawBufferPointer(rebasing: block[..<end]))
            try self.partial.withUnsafeBytes(body)
            self.partial.removeAll(keepingCapacity: true)
            start = end + 1
        }
        while let end = LineFormat.newline(in: block, from: start) {
            try body(UnsafeRawBufferPointer(rebasing: block[start..<end]))
            start = end + 1
        }
        try self.keep(UnsafeRawBufferPointer(rebasing: block[start...]))
    }

    private func keep(_ text: UnsafeRawBufferPointer) throws(EventLogError) {
        guard self.partial.count + text.count <= Self.lineSizeLimit else { throw self.damage(.lineTooLong) }
        self.partial.append(contentsOf: text)
    }

    /// The header's line, what stands behind it in its last block, and where that begins.
    private static func readHeaderLine(
        _ frames: LZ4FrameReader,
        _ name: SnapshotName
    ) throws(EventLogError) -> (line: [UInt8], rest: UnsafeRawBufferPointer, offset: UInt64) {
        var line: [UInt8] = []
        while true {
            switch try frames.next() {
            case .frameStart where frames.frameOffset == 0 && line.isEmpty:
                continue
            case .block(let text, let offset):
                let end = LineFormat.newline(in: text, from: 0) ?? text.count
                guard line.count + end <= Self.lineSizeLimit else { throw Self.damage(.lineTooLong, name, at: offset) }
                line.append(contentsOf: text[..<end])
                guard end < text.count else { continue }
                return (line, UnsafeRawBufferPointer(rebasing: text[(end + 1)...]), offset)
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
