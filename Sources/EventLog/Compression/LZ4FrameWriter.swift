import CLZ4
package import LogValues

/// Compresses text into LZ4 frames, one block at a time: what is handed out ends on a block boundary and can be decoded
/// without anything that follows.
///
/// Blocks are linked: each may refer back into the last 64 KiB of its frame, which is what makes a commit of one line
/// small. The bytes to write are kept until the next call; after one that throws the writer must not be used.
package struct LZ4FrameWriter: ~Copyable {
    /// Most decoded bytes of a block of a narrow frame.
    package static let blockSizeBytes = FrameWidth.narrow.blockSizeBytes

    private let context: CompressionContext
    private var memory = OwnedBytes()
    /// Bytes that the last call made.
    private var size = 0
    private var preferences = LZ4F_preferences_t()
    /// The width of the frame that is open, or else of the next one.
    private(set) var width: FrameWidth
    /// Whether an end mark is due.
    ///
    /// `end` checks it, since liblz4 would write a second one.
    private(set) var isFrameOpen = false

    package init(width: FrameWidth = .narrow) throws(EventLogError) {
        self.context = try CompressionContext()
        self.width = width
        self.setWidth(width)
    }

    /// Lends what the last call made.
    package func withOutput<R, E>(_ body: (Bytes) throws(E) -> R) throws(E) -> R {
        try body(self.memory.bytes(0..<self.size))
    }

    /// Begins a frame, whose header then comes before its first block and not with it.
    mutating func begin() throws(EventLogError) {
        precondition(!self.isFrameOpen, "a frame begins after the end of the one before")
        self.size = 0
        try self.putHeader()
    }

    /// Compresses `text` into one block, after a frame header if no frame is open.
    ///
    /// - Parameter text: One byte up to what the frame's width allows.
    /// - Throws: ``EventLogError/compression(code:)``.
    package mutating func block(_ text: Bytes) throws(EventLogError) {
        let sizes = 1...self.width.blockSizeBytes
        precondition(sizes.contains(text.count), "a block has a size within the frame's limits")
        self.size = 0
        if !self.isFrameOpen { try self.putHeader() }
        try unsafe self.put { context, _, target in
            unsafe text.withUnsafeBytes { text in
                unsafe LZ4F_compressUpdate(context, target.baseAddress, target.count, text.baseAddress, text.count, nil)
            }
        }
        try unsafe self.put { context, _, target in unsafe LZ4F_flush(context, target.baseAddress, target.count, nil) }
    }

    /// Ends the frame: end mark and content checksum; nothing if no frame is open.
    ///
    /// - Throws: ``EventLogError/compression(code:)``.
    package mutating func end() throws(EventLogError) {
        self.size = 0
        guard self.isFrameOpen else { return }
        try unsafe self.put { context, _, target in
            unsafe LZ4F_compressEnd(context, target.baseAddress, target.count, nil)
        }
        self.isFrameOpen = false
    }

    /// Ends the frame, and begins the next one: end mark, content checksum, and the next frame's header.
    ///
    /// - Parameter width: Of the next frame.
    /// - Throws: ``EventLogError/compression(code:)``.
    mutating func turnFrame(to width: FrameWidth) throws(EventLogError) {
        try self.end()
        self.setWidth(width)
        try self.putHeader()
    }

    private mutating func putHeader() throws(EventLogError) {
        try unsafe self.put { context, preferences, target in
            unsafe LZ4F_compressBegin(context, target.baseAddress, target.count, &preferences)
        }
        self.isFrameOpen = true
    }

    /// Lets liblz4 write behind what is there; it is told how much room that is, and keeps no pointer.
    private mutating func put(
        _ call: (OpaquePointer, inout LZ4F_preferences_t, UnsafeMutableRawBufferPointer) -> Int
    ) throws(EventLogError) {
        let context = unsafe self.context.pointer
        var preferences = self.preferences
        var room = self.memory.mutableBytes(self.size..<self.memory.count)
        let result = unsafe room.withUnsafeMutableBytes { unsafe call(context, &preferences, $0) }
        guard LZ4F_isError(result) == 0 else { throw CompressionContext.error(result) }
        self.size += result
    }

    private mutating func setWidth(_ width: FrameWidth) {
        self.width = width
        self.preferences = LZ4F_preferences_t()
        self.preferences.frameInfo.blockSizeID = width == .wide ? LZ4F_max4MB : LZ4F_max256KB
        self.preferences.frameInfo.blockMode = LZ4F_blockLinked
        self.preferences.frameInfo.blockChecksumFlag = LZ4F_blockChecksumEnabled
        self.preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled
        // Large blocks are compressed where they are; liblz4 would copy them first, and keep 4 MiB for that.
        self.preferences.autoFlush = width == .wide ? 1 : 0
        // The bounds are computed, and nothing is kept.
        let bound = unsafe LZ4F_compressBound(width.blockSizeBytes, &self.preferences)
        let rest = unsafe LZ4F_compressBound(0, &self.preferences)
        let size = LZ4FrameHeader.sizeRange.upperBound + bound + rest
        // An end mark may stand at its start that has not been written yet.
        if self.memory.count < size { self.memory.resize(to: size, keeping: 0..<self.size) }
    }
}

/// What liblz4 keeps of a frame that is being written.
///
/// Not private: with it the compiler (6.3.1) makes a broken module of tests that are optimized.
@safe
struct CompressionContext: ~Copyable {
    let pointer: OpaquePointer

    init() throws(EventLogError) {
        var context: OpaquePointer?
        let code = unsafe LZ4F_createCompressionContext(&context, UInt32(LZ4F_VERSION))
        guard let context = unsafe context, LZ4F_isError(code) == 0 else { throw Self.error(code) }
        unsafe self.pointer = context
    }

    deinit {
        unsafe LZ4F_freeCompressionContext(self.pointer)
    }

    static func error(_ code: Int) -> EventLogError {
        // The names are literals of liblz4.
        .compression(code: unsafe LZ4F_getErrorName(code).map { unsafe String(cString: $0) } ?? "error \(code)")
    }
}
