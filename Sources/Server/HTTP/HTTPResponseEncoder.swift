import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Writes the answers of one connection.
///
/// A head waits for what follows it: where the whole answer comes before the next flush, it leaves in one piece, with its
/// length; otherwise it is sent in chunks.
struct HTTPResponseEncoder {
    /// What to write, in order; the second is a large body, which is not worth a copy.
    struct Output: Equatable {
        var first: ByteBuffer
        var second: ByteBuffer?
    }

    fileprivate enum Phase {
        case idle
        case held(HTTPResponse, body: ByteBuffer)
        /// The length was announced.
        case sized
        case chunked
        /// To a client of HTTP/1.0, which knows the end by the closing of the connection.
        case unframed
    }

    /// Up to this size, in bytes, a body is copied behind its head.
    private static let copiedSize = 16 * 1024

    private var phase = Phase.idle
    private var isAnswerToHead = false
    private var isOld = false
    /// Whether the connection goes on after this answer.
    private(set) var keepsAlive = true

    /// Begins the answer to a request.
    mutating func begin(answerTo method: HTTPRequest.Method, minorVersion: Int, keepsAlive: Bool) {
        self.phase = .idle
        self.isAnswerToHead = method == .head
        self.isOld = minorVersion == 0
        self.keepsAlive = keepsAlive
    }

    /// Ends the connection after this answer, if its head is not out yet.
    mutating func close() {
        self.keepsAlive = false
    }

    mutating func write(_ head: HTTPResponse) -> Output? {
        if head.status.kind == .informational {
            var buffer = ByteBuffer()
            Self.writeHead(head, into: &buffer)
            buffer.writeStaticString("\r\n")
            return Output(first: buffer)
        }
        if head.headerFields[.connection]?.lowercased() == "close" { self.keepsAlive = false }
        self.phase = .held(head, body: ByteBuffer())
        return nil
    }

    mutating func write(_ body: ByteBuffer) -> Output? {
        switch self.phase {
        case .held(let head, var held):
            self.phase = .idle
            if held.readableBytes == 0 { held = body } else { held.writeImmutableBuffer(body) }
            self.phase = .held(head, body: held)
            return nil
        case .sized, .unframed:
            return self.isAnswerToHead ? nil : Output(first: body)
        case .chunked:
            return self.isAnswerToHead || body.readableBytes == 0 ? nil : Output(first: Self.chunk(body))
        case .idle:
            return nil
        }
    }

    /// The answer is complete.
    mutating func end() -> Output? {
        defer { self.phase = .idle }
        switch self.phase {
        case .held(let head, let body):
            return self.whole(head, body)
        case .chunked:
            return self.isAnswerToHead ? nil : Output(first: ByteBuffer(staticString: "0\r\n\r\n"))
        case .sized, .unframed, .idle:
            return nil
        }
    }

    /// What came so far has to leave, though the answer is not complete.
    mutating func flush() -> Output? {
        guard case .held(let head, let body) = self.phase else { return nil }
        var buffer = ByteBuffer()
        if head.headerFields[.contentLength] != nil {
            self.phase = .sized
        } else if self.isOld {
            self.keepsAlive = false
            self.phase = .unframed
        } else {
            self.phase = .chunked
        }
        self.writeHead(head, length: nil, isChunked: self.phase.isChunked, into: &buffer)
        guard !self.isAnswerToHead, body.readableBytes > 0 else { return Output(first: buffer) }
        return Output(first: buffer, second: self.phase.isChunked ? Self.chunk(body) : body)
    }

    private func whole(_ head: HTTPResponse, _ body: ByteBuffer) -> Output {
        var buffer = ByteBufferAllocator().buffer(capacity: 512 + min(body.readableBytes, Self.copiedSize))
        let hasBody = head.status != .noContent && head.status != .notModified
        self.writeHead(head, length: hasBody ? body.readableBytes : nil, isChunked: false, into: &buffer)
        guard hasBody, !self.isAnswerToHead else { return Output(first: buffer) }
        guard body.readableBytes <= Self.copiedSize else { return Output(first: buffer, second: body) }
        buffer.writeImmutableBuffer(body)
        return Output(first: buffer)
    }

    private func writeHead(_ head: HTTPResponse, length: Int?, isChunked: Bool, into buffer: inout ByteBuffer) {
        Self.writeHead(head, into: &buffer)
        if let length, head.headerFields[.contentLength] == nil {
            buffer.writeStaticString("content-length: ")
            buffer.writeString(String(length))
            buffer.writeStaticString("\r\n")
        }
        if isChunked { buffer.writeStaticString("transfer-encoding: chunked\r\n") }
        if !self.keepsAlive {
            buffer.writeStaticString("connection: close\r\n")
        } else if self.isOld {
            buffer.writeStaticString("connection: keep-alive\r\n")
        }
        buffer.writeStaticString("\r\n")
    }

    /// Status line and fields; how the body is framed and what becomes of the connection is said by the caller.
    private static func writeHead(_ head: HTTPResponse, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(String(head.status.code))
        buffer.writeStaticString(" ")
        buffer.writeString(head.status.reasonPhrase)
        buffer.writeStaticString("\r\n")
        for field in head.headerFields where field.name != .connection && field.name != .transferEncoding {
            buffer.writeString(field.name.rawName)
            buffer.writeStaticString(": ")
            buffer.writeString(field.value)
            buffer.writeStaticString("\r\n")
        }
    }

    private static func chunk(_ body: ByteBuffer) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: body.readableBytes + 16)
        buffer.writeString(String(body.readableBytes, radix: 16))
        buffer.writeStaticString("\r\n")
        buffer.writeImmutableBuffer(body)
        buffer.writeStaticString("\r\n")
        return buffer
    }
}

extension HTTPResponseEncoder.Phase {
    fileprivate var isChunked: Bool {
        if case .chunked = self { true } else { false }
    }
}
