import CLZ4

/// Compresses text into LZ4 frames, one block at a time: what is handed out ends on a block boundary and can be decoded
/// without anything that follows.
///
/// Blocks are linked: each may refer back into the last 64 KiB of its frame, which is what makes a commit of one line
/// small. The bytes handed out lie in a buffer that the next call reuses. One thread at a time.
package final class LZ4FrameWriter {
    /// Most decoded bytes of a block of a narrow frame.
    package static let blockSizeBytes = FrameWidth.narrow.blockSizeBytes

    private let context: OpaquePointer
    private var output = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var preferences = LZ4F_preferences_t()
    /// The width of the frame that is open, or else of the next one.
    private(set) var width: FrameWidth
    /// Whether an end mark is due.
    ///
    /// `end` checks it, since liblz4 would write a second one.
    private(set) var isFrameOpen = false

    package init(width: FrameWidth = .narrow) throws(EventLogError) {
        var context: OpaquePointer?
        let code = LZ4F_createCompressionContext(&context, UInt32(LZ4F_VERSION))
        guard let context, LZ4F_isError(code) == 0 else { throw Self.error(code) }
        self.context = context
        self.width = width
        self.setWidth(width)
    }

    deinit {
        LZ4F_freeCompressionContext(self.context)
        self.output.deallocate()
    }

    /// Begins a frame, whose header then comes before its first block and not with it.
    ///
    /// - Returns: The header, valid until the next call.
    /// - Throws: ``EventLogError/compression(code:)``; the writer must not be used after it.
    func begin() throws(EventLogError) -> UnsafeRawBufferPointer {
        precondition(!self.isFrameOpen, "a frame begins after the end of the one before")
        let size = try self.checked(
            LZ4F_compressBegin(self.context, self.output.baseAddress, self.output.count, &self.preferences)
        )
        self.isFrameOpen = true
        return UnsafeRawBufferPointer(rebasing: self.output[..<size])
    }

    /// Compresses `text` into one block, after a frame header if no frame is open.
    ///
    /// - Parameter text: One byte up to what the frame's width allows.
    /// - Returns: The bytes to write, valid until the next call.
    /// - Throws: ``EventLogError/compression(code:)``; the writer must not be used after it.
    package func block(_ text: UnsafeRawBufferPointer) throws(EventLogError) -> UnsafeRawBufferPointer {
        let sizes = 1...self.width.blockSizeBytes
        precondition(sizes.contains(text.count), "a block has a size within the frame's limits")
        var size = 0
        if !self.isFrameOpen {
            size = try self.checked(
                LZ4F_compressBegin(self.context, self.output.baseAddress, self.output.count, &self.preferences)
            )
            self.isFrameOpen = true
        }
        size += try self.checked(
            LZ4F_compressUpdate(
                self.context,
                self.output.baseAddress?.advanced(by: size),
                self.output.count - size,
                text.baseAddress,
                text.count,
                nil
            )
        )
        size += try self.checked(
            LZ4F_flush(self.context, self.output.baseAddress?.advanced(by: size), self.output.count - size, nil)
        )
        return UnsafeRawBufferPointer(rebasing: self.output[..<size])
    }

    /// Ends the frame: end mark and content checksum.
    ///
    /// - Returns: The bytes to write, valid until the next call; none if no frame is open.
    /// - Throws: ``EventLogError/compression(code:)``; the writer must not be used after it.
    package func end() throws(EventLogError) -> UnsafeRawBufferPointer {
        guard self.isFrameOpen else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let size = try self.checked(
            LZ4F_compressEnd(self.context, self.output.baseAddress, self.output.count, nil)
        )
        self.isFrameOpen = false
        return UnsafeRawBufferPointer(rebasing: self.output[..<size])
    }

    /// Ends the frame, and begins the next one: end mark, content checksum, and the next frame's header.
    ///
    /// - Parameter width: Of the next frame.
    /// - Returns: The bytes to write, valid until the next call.
    /// - Throws: ``EventLogError/compression(code:)``; the writer must not be used after it.
    func turnFrame(to width: FrameWidth) throws(EventLogError) -> UnsafeRawBufferPointer {
        let end = try self.end().count
        self.setWidth(width)
        let header = try self.checked(
            LZ4F_compressBegin(
                self.context,
                self.output.baseAddress?.advanced(by: end),
                self.output.count - end,
                &self.preferences
            )
        )
        self.isFrameOpen = true
        return UnsafeRawBufferPointer(rebasing: self.output[..<(end + header)])
    }

    private func setWidth(_ width: FrameWidth) {
        self.width = width
        self.preferences = LZ4F_preferences_t()
        self.preferences.frameInfo.blockSizeID = width == .wide ? LZ4F_max4MB : LZ4F_max256KB
        self.preferences.frameInfo.blockMode = LZ4F_blockLinked
        self.preferences.frameInfo.blockChecksumFlag = LZ4F_blockChecksumEnabled
        self.preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled
        // Large blocks are compressed where they are; liblz4 would copy them first, and keep 4 MiB for that.
        self.preferences.autoFlush = width == .wide ? 1 : 0
        let size =
            LZ4FrameHeader.sizeRange.upperBound + LZ4F_compressBound(width.blockSizeBytes, &self.preferences)
            + LZ4F_compressBound(0, &self.preferences)
        guard self.output.count < size else { return }
        // An end mark may stand at its start that has not been handed out yet.
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(self.output))
        self.output.deallocate()
        self.output = larger
    }

    private func checked(_ result: Int) throws(EventLogError) -> Int {
        guard LZ4F_isError(result) == 0 else { throw Self.error(result) }
        return result
    }

    private static func error(_ code: Int) -> EventLogError {
        .compression(code: LZ4F_getErrorName(code).map { String(cString: $0) } ?? "error \(code)")
    }
}
