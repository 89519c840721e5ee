import HTTPTypes
import LogValues
package import NIOCore

/// Reads the requests of one connection, one after the other.
///
/// A value without a socket: it takes what came off the front of a buffer and returns what that was. NIO's own decoder
/// is not used because it stops for good at a request that offers some upgrade, tells a URL that is too long from
/// headers that are too many by nothing, and cannot wait between two requests.
package struct HTTPRequestParser: Sendable {
    package struct Limits: Sendable {
        var headSize: Int
        var targetSize: Int
        var fieldCount: Int
        var bodySize: Int

        package init(_ settings: HTTPConnectionSettings) {
            self.headSize = settings.headSize
            self.targetSize = settings.targetSize
            self.fieldCount = settings.fieldCount
            self.bodySize = settings.bodySize
        }
    }

    package enum Event: Equatable {
        case head(HTTPRequestHead)
        /// The request is complete; the next event is the next request's head.
        case body(ByteBuffer)
        /// Nothing can be read after it.
        case refusal(Refusal)
    }

    private enum Phase {
        case head
        case sized(Int)
        case chunkSize
        case chunkData(Int)
        case chunkEnd
        case trailers
        case failed
    }

    /// A chunk's size line, and all trailers together, in bytes.
    private static let chunkLineSize = 256
    private static let trailersSize = 8 * 1024

    private let limits: Limits
    /// How large the body of the request whose head came last may be, in bytes: whoever takes the head says so.
    var bodyLimit: Int
    private var phase = Phase.head
    /// Bytes of the head that were looked at.
    private var scanned = 0
    /// Where the line begins that `scanned` stands in.
    private var lineStart = 0
    /// The chunks so far.
    private var chunks = ByteBuffer()
    private var trailersLeft = Self.trailersSize

    package init(limits: Limits) {
        self.limits = limits
        self.bodyLimit = limits.bodySize
    }

    /// Whether a request has begun and its head is not complete.
    var isInsideHead: Bool {
        if case .head = self.phase { self.scanned > 0 } else { false }
    }

    /// - Returns: Nil when more has to come.
    package mutating func next(_ buffer: inout ByteBuffer) -> Event? {
        do throws(Refusal) {
            switch self.phase {
            case .head: return try self.readHead(&buffer)
            case .sized(let size): return try self.readSized(&buffer, size: size)
            case .chunkSize, .chunkData, .chunkEnd, .trailers: return try self.readChunks(&buffer)
            case .failed: return nil
            }
        } catch {
            self.phase = .failed
            self.chunks = ByteBuffer()
            return .refusal(error)
        }
    }

    // MARK: Heads

    private mutating func readHead(_ buffer: inout ByteBuffer) throws(Refusal) -> Event? {
        if self.scanned == 0, try !Self.skipEmptyLines(&buffer) { return nil }
        guard let size = try self.findHeadEnd(buffer) else { return nil }
        guard let bytes = buffer.getSlice(at: buffer.readerIndex, length: size) else { return nil }
        // A head that is refused stays where it is: how it is answered depends on how it begins.
        let head = try HTTPHeadReader.read(bytes, limits: self.limits)
        buffer.moveReaderIndex(forwardBy: size)
        self.bodyLimit = self.limits.bodySize
        self.scanned = 0
        self.lineStart = 0
        switch head.framing {
        case .none:
            self.phase = .sized(0)
        case .sized(let size):
            self.phase = .sized(size)
        case .chunked:
            self.phase = .chunkSize
            self.trailersLeft = Self.trailersSize
        }
        return .head(head)
    }

    static let tooLarge = Refusal(.contentTooLarge, "The body is too large.")

    /// Skips the line ends with which some clients end a body (RFC 9112, section 2.2).
    ///
    /// - Returns: Whether a request begins after them.
    private static func skipEmptyLines(_ buffer: inout ByteBuffer) throws(Refusal) -> Bool {
        while let first = buffer.peekByte(at: 0) {
            guard first == .carriageReturn else {
                // The first byte of a method: a TLS hello or noise is not waited for.
                guard first == UInt8(ascii: "_") || 0x21...0x7E ~= first else {
                    throw .malformed("The request line is malformed.")
                }
                return true
            }
            guard let second = buffer.peekByte(at: 1) else { return false }
            guard second == .lineFeed else { throw .malformed("The request line is malformed.") }
            buffer.moveReaderIndex(forwardBy: 2)
        }
        return false
    }

    /// - Returns: The head's size in bytes, the empty line included; nil when it is not complete.
    private mutating func findHeadEnd(_ buffer: ByteBuffer) throws(Refusal) -> Int? {
        var scanned = self.scanned
        var lineStart = self.lineStart
        defer {
            self.scanned = scanned
            self.lineStart = lineStart
        }
        let limits = self.limits
        // Beyond the limit nothing is looked at, however much has come.
        let bytes = buffer.readableBytesUInt8Span.extracting(first: limits.headSize)
        while let lineFeed = bytes.firstIndex(of: .lineFeed, from: scanned) {
            scanned = lineFeed + 1
            guard lineFeed > 0, bytes[lineFeed - 1] == .carriageReturn else {
                throw .malformed("A line ends without CR.")
            }
            if lineFeed - 1 == lineStart { return scanned }
            lineStart = scanned
        }
        scanned = max(scanned, bytes.count)
        // Room for the longest method and the version beside the target.
        if lineStart == 0, scanned > limits.targetSize + 64 {
            throw Refusal(.uriTooLong, "The URL is too long.")
        }
        if scanned >= limits.headSize {
            throw Refusal(.requestHeaderFieldsTooLarge, "The headers are too large.")
        }
        return nil
    }

    // MARK: Bodies

    private mutating func readSized(_ buffer: inout ByteBuffer, size: Int) throws(Refusal) -> Event? {
        guard size <= self.bodyLimit else { throw Self.tooLarge }
        guard let body = buffer.readSlice(length: size) else { return nil }
        self.phase = .head
        return .body(body)
    }

    private mutating func readChunks(_ buffer: inout ByteBuffer) throws(Refusal) -> Event? {
        while true {
            switch self.phase {
            case .chunkSize:
                guard let line = try Self.readLine(&buffer, limit: Self.chunkLineSize) else { return nil }
                let size = try Self.chunkSize(line)
                guard self.chunks.readableBytes + size <= self.bodyLimit else { throw Self.tooLarge }
                self.phase = size == 0 ? .trailers : .chunkData(size)
            case .chunkData(let size):
                var data = buffer.readSlice(length: min(size, buffer.readableBytes)) ?? ByteBuffer()
                let left = size - data.readableBytes
                self.chunks.writeBuffer(&data)
                self.phase = left == 0 ? .chunkEnd : .chunkData(left)
                if left > 0 { return nil }
            case .chunkEnd:
                guard let line = try Self.readLine(&buffer, limit: 0) else { return nil }
                guard line.isEmpty else { throw Self.malformedChunk }
                self.phase = .chunkSize
            case .trailers:
                guard let line = try Self.readLine(&buffer, limit: self.trailersLeft) else { return nil }
                self.trailersLeft -= line.count + 2
                if line.isEmpty { return self.endChunks() }
                // Trailers are read and forgotten: none of them may change how the request is understood.
                guard line.contains(UInt8(ascii: ":")), line.allSatisfy({ $0 == .tab || $0 >= .blank }) else {
                    throw .malformed("A trailer is malformed.")
                }
            case .head, .sized, .failed:
                return nil
            }
        }
    }

    private mutating func endChunks() -> Event {
        let body = self.chunks
        self.chunks = ByteBuffer()
        self.phase = .head
        return .body(body)
    }

    private static let malformedChunk = Refusal.malformed("A chunk is malformed.")

    /// Takes a line of at most `limit` bytes, not counting its end; nil when more has to come.
    private static func readLine(_ buffer: inout ByteBuffer, limit: Int) throws(Refusal) -> [UInt8]? {
        let view = buffer.readableBytesView
        guard let end = view.prefix(limit + 2).firstIndex(of: .lineFeed) else {
            guard view.count < limit + 2 else { throw Self.malformedChunk }
            return nil
        }
        let size = end - view.startIndex
        guard size > 0, view[end - 1] == .carriageReturn else { throw Self.malformedChunk }
        let line = Array(view[view.startIndex..<(end - 1)])
        buffer.moveReaderIndex(forwardBy: size + 1)
        return line
    }

    /// Hexadecimal digits, then nothing or an extension, which means nothing here.
    private static func chunkSize(_ line: [UInt8]) throws(Refusal) -> Int {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != .blank && $0 != .tab }
        guard (1...8).contains(digits.count), line.allSatisfy({ $0 == .tab || ($0 >= .blank && $0 != 0x7F) }) else {
            throw Self.malformedChunk
        }
        var size = 0
        for digit in digits {
            guard let value = Hexadecimal.value(digit) else { throw Self.malformedChunk }
            size = size << 4 | Int(value)
        }
        let rest = line.dropFirst(digits.count).drop { $0 == .blank || $0 == .tab }
        guard rest.isEmpty || rest.first == UInt8(ascii: ";") else { throw Self.malformedChunk }
        return size
    }
}

extension ByteBuffer {
    /// The byte that many bytes after the reader's place.
    fileprivate func peekByte(at offset: Int) -> UInt8? {
        self.getInteger(at: self.readerIndex + offset)
    }
}
