import LogValues
import SystemPackage

/// Appends to one segment.
///
/// One owner: the commit thread (and recovery before that thread runs). While another thread syncs in its place
/// (``SyncThread``), that one owns the file and what is known of it, and the commit thread may only compress.
///
/// After any error it must not be used, but for ``discardUnacknowledged()`` and ``close()``.
final class SegmentWriter {
    let name: SegmentName
    private let fileSystem: any FileSystem
    private let file: OpenFile
    private var frames: LZ4FrameWriter
    /// Bytes of the file.
    private(set) var offset: UInt64
    /// Bytes of the file up to the last commit that was reported.
    private var acknowledgedOffset: UInt64
    /// Decoded bytes of the segment.
    private(set) var textSize: UInt64
    /// Decoded bytes after which a frame is ended.
    private let frameSizeBytes: Int
    /// Decoded bytes of the frame that is being written.
    private var frameTextSize = 0
    /// Whether the output of `frames` is a block that was compressed before it may be written.
    private var isBlockReady = false
    /// The file's, once it was asked for: it does not change while the file is open.
    private var identity: FileStatus.Identity?
    /// Whether something was written since the last sync.
    private(set) var isUnsynced = false

    private init(
        _ name: SegmentName,
        _ file: OpenFile,
        offset: UInt64,
        textSize: UInt64,
        width: FrameWidth = .narrow,
        frameSizeBytes: Int,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) {
        self.name = name
        self.fileSystem = fileSystem
        self.file = file
        self.frames = try LZ4FrameWriter(width: width)
        self.offset = offset
        self.acknowledgedOffset = offset
        self.textSize = textSize
        self.frameSizeBytes = frameSizeBytes
    }

    /// Makes a new segment's file, which holds the header then, and brings both to the disk if `syncs`.
    ///
    /// If the file itself cannot be opened, nothing was made, and it may be tried again.
    static func create(
        _ header: SegmentHeader,
        in folder: FilePath,
        width: FrameWidth = .narrow,
        frameSizeBytes: Int,
        syncs: Bool,
        patience: ShortagePatience = ShortagePatience(),
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> SegmentWriter {
        let name = SegmentName(base: header.base)
        let file = try withLogErrors { () throws(FileSystemError) in
            try fileSystem.open(folder.appending(name.fileName), .create)
        }
        do throws(EventLogError) {
            let writer = try SegmentWriter(
                name,
                file,
                offset: 0,
                textSize: 0,
                width: width,
                frameSizeBytes: frameSizeBytes,
                fileSystem
            )
            let line = header.line
            try writer.write(line.span, syncsBetweenBlocks: syncs)
            if syncs {
                try writer.sync()
                // From here on there is no way back: a file that is removed may be there again after a power failure.
                try withLogErrors { () throws(FileSystemError) in
                    try patience.waiting { () throws(FileSystemError) in try fileSystem.syncDirectory(folder) }
                }
            }
            writer.acknowledge()
            return writer
        } catch {
            fileSystem.close(file)
            throw error
        }
    }

    /// Goes on with a segment whose last frame is ended; the next text begins a new frame.
    ///
    /// - Parameters:
    ///   - name: The segment.
    ///   - file: Its file, open for writing; the writer closes it.
    ///   - offset: The file's size.
    ///   - textSize: Decoded bytes of the segment.
    ///   - frameSizeBytes: Decoded bytes after which a frame is ended.
    ///   - fileSystem: Where the file is.
    /// - Returns: A writer that has written nothing yet.
    /// - Throws: ``EventLogError/compression(code:)`` if there is no memory.
    static func resume(
        _ name: SegmentName,
        _ file: OpenFile,
        offset: UInt64,
        textSize: UInt64,
        frameSizeBytes: Int,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> SegmentWriter {
        try SegmentWriter(
            name,
            file,
            offset: offset,
            textSize: textSize,
            frameSizeBytes: frameSizeBytes,
            fileSystem
        )
    }

    /// The width of the frame that the next text goes into.
    var width: FrameWidth { self.frames.width }

    /// Compresses the text that ``write(_:nextFrame:syncsBetweenBlocks:)`` is to write next, which nothing may be added
    /// to then; touches no file.
    ///
    /// - Parameter text: Whole lines. If they take more than one block, nothing is done.
    /// - Throws: ``EventLogError/compression(code:)``.
    func compressAhead(_ text: Bytes) throws(EventLogError) {
        guard !self.isBlockReady, text.count <= self.width.blockSizeBytes else { return }
        try self.frames.block(text)
        self.isBlockReady = true
    }

    /// Writes text as one block, or as many as it takes; a frame that it fills is ended, and the next one begun.
    ///
    /// A frame's header is never written with its first block, but with the end of the frame before it, or by itself where
    /// a segment is begun or gone on with, so that it is on the disk before the block is written: an intact block behind a
    /// torn header would look like damage.
    ///
    /// - Parameters:
    ///   - text: Whole lines.
    ///   - width: Of the next frame. A narrow frame is ended early where a wide one is to come.
    ///   - syncsBetweenBlocks: Whether a header, and each block, must be on the disk before the next block is written. Then
    ///     nothing intact can stand behind what a power failure tore, which is how recovery tells that from damage.
    /// - Throws: ``EventLogError/fileSystem(_:)`` or ``EventLogError/compression(code:)``.
    func write(
        _ text: Bytes,
        nextFrame width: FrameWidth = .narrow,
        syncsBetweenBlocks: Bool
    ) throws(EventLogError) {
        if syncsBetweenBlocks, !self.frames.isFrameOpen {
            try self.frames.begin()
            try self.writeOut()
            try self.sync()
        }
        var rest = text
        while !rest.isEmpty {
            let part = rest.extracting(first: self.width.blockSizeBytes)
            try self.compressAhead(part)
            self.isBlockReady = false
            try self.writeOut()
            rest = rest.extracting(part.count...)
            self.textSize += UInt64(part.count)
            self.frameTextSize += part.count
            if syncsBetweenBlocks, !rest.isEmpty { try self.sync() }
        }
        guard self.frameTextSize >= self.frameSizeBytes || self.width != width && width == .wide else { return }
        try self.frames.turnFrame(to: width)
        try self.writeOut()
        self.frameTextSize = 0
    }

    /// Writes the end mark, if a frame is open.
    func endFrame() throws(EventLogError) {
        try self.frames.end()
        try self.writeOut()
        self.frameTextSize = 0
    }

    func sync(evenIfUnchanged: Bool = false) throws(EventLogError) {
        guard self.isUnsynced || evenIfUnchanged else { return }
        try withLogErrors { () throws(FileSystemError) in try self.fileSystem.sync(self.file) }
        self.isUnsynced = false
    }

    /// Makes sure that the file is still where readers, and the next start, look for it.
    ///
    /// Whoever has a file open can go on writing and syncing it after its name was taken away; what is written then is
    /// gone when it is closed.
    ///
    /// - Throws: ``EventLogError/segmentGone(_:)``.
    func checkPlace() throws(EventLogError) {
        let isInPlace = try withLogErrors { () throws(FileSystemError) in
            let known = self.identity
            let identity = if let known { known } else { try self.fileSystem.status(of: self.file).identity }
            self.identity = identity
            return try self.fileSystem.isInPlace(self.file, identity)
        }
        guard isInPlace else { throw .segmentGone(self.file.path) }
    }

    /// Notes that what was written so far has been reported as committed.
    func acknowledge() {
        self.acknowledgedOffset = self.offset
    }

    /// After a failure: tries to cut off what was written but never reported as committed.
    ///
    /// Only for tidiness, so that refused lines do not come back: recovery copes with what is left if this fails too.
    func discardUnacknowledged() {
        try? self.fileSystem.truncate(self.file, to: self.acknowledgedOffset)
    }

    func close() {
        self.fileSystem.close(self.file)
    }

    /// Writes the output of `frames`.
    private func writeOut() throws(EventLogError) {
        let size = try self.frames.withOutput { bytes throws(EventLogError) in
            guard !bytes.isEmpty else { return 0 }
            self.isUnsynced = true
            try withLogErrors { () throws(FileSystemError) in
                try self.fileSystem.writeAll(self.file, bytes, at: self.offset)
            }
            return bytes.count
        }
        self.offset += UInt64(size)
    }
}
