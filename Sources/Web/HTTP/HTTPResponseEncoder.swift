import HTTPTypes
import LogValues
import NIOCore
import RawJSON

/// Writes the answers of one connection, each in one piece.
struct HTTPResponseEncoder {
    /// The bytes to write, in order; the second are a large body, which is not worth a copy.
    struct Output: Equatable {
        var first: ByteBuffer
        var second: ByteBuffer?
    }

    /// Up to this size, in bytes, a body is copied behind its head.
    private static let copiedSize = 16 * 1024

    private var isAnswerToHead = false
    private var isOld = false
    /// Whether the connection goes on after this answer.
    private(set) var keepsAlive = true

    /// Begins the answer to a request.
    mutating func begin(answerTo method: HTTPRequest.Method, minorVersion: Int, keepsAlive: Bool) {
        self.isAnswerToHead = method == .head
        self.isOld = minorVersion == 0
        self.keepsAlive = keepsAlive
    }

    /// Ends the connection after this answer.
    mutating func close() {
        self.keepsAlive = false
    }

    /// Writes the answer that was begun.
    ///
    /// - Parameters:
    ///   - response: Status, headers and body; its length and what becomes of the connection are said here.
    ///   - date: The value of `Date`.
    /// - Returns: The whole answer.
    mutating func encode(_ response: APIResponse, date: [UInt8]) -> Output {
        let size = response.bodySize
        let hasBody = response.status != .noContent && response.status != .notModified
        let isCopied = hasBody && !self.isAnswerToHead && size <= Self.copiedSize
        var buffer = ByteBufferAllocator().buffer(
            capacity: 256 + (response.crossOrigin?.bytes.count ?? 0) + (isCopied ? size : 0)
        )
        self.writeHead(response, length: hasBody ? size : nil, date: date, into: &buffer)
        guard hasBody, !self.isAnswerToHead else { return Output(first: buffer) }
        guard isCopied else { return Output(first: buffer, second: response.body) }
        response.writeBody(into: &buffer)
        return Output(first: buffer)
    }

    private mutating func writeHead(
        _ response: APIResponse,
        length: Int?,
        date: [UInt8],
        into buffer: inout ByteBuffer
    ) {
        self.writeStatus(response.status, into: &buffer)
        if let crossOrigin = response.crossOrigin { buffer.writeBytes(crossOrigin.bytes) }
        if let fields = response.ownHeaders { self.write(fields, into: &buffer) }
        buffer.write(upTo: 160 + date.count) { head in
            if response.ownHeaders == nil { head.append("Content-Type: application/json\r\n") }
            head.append("date: ")
            head.append(date.span)
            head.append("\r\n")
            if let length {
                head.append("content-length: ")
                head.append(decimal: UInt64(length.magnitude))
                head.append("\r\n")
            }
            if !self.keepsAlive {
                head.append("connection: close\r\n")
            } else if self.isOld {
                head.append("connection: keep-alive\r\n")
            }
            head.append("\r\n")
        }
    }

    private func writeStatus(_ status: HTTPResponse.Status, into buffer: inout ByteBuffer) {
        guard status.code != 200 else {
            buffer.writeStaticString("HTTP/1.1 200 OK\r\n")
            return
        }
        buffer.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
    }

    private mutating func write(_ fields: HTTPFields, into buffer: inout ByteBuffer) {
        for field in fields {
            if field.name == .connection {
                if field.value.lowercased() == "close" { self.keepsAlive = false }
                continue
            }
            buffer.writeString(field.name.rawName)
            buffer.writeStaticString(": ")
            buffer.writeString(field.value)
            buffer.writeStaticString("\r\n")
        }
    }
}

extension ByteBuffer {
    /// Writes what `write` puts, at most `size` bytes, in one piece.
    mutating func write(upTo size: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        // The buffer lends its room in no other way; the span is over before the call.
        unsafe self.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { bytes in
            let room = unsafe bytes.bindMemory(to: UInt8.self)
            var output = unsafe OutputSpan(buffer: room, initializedCount: 0)
            write(&output)
            return unsafe output.finalize(for: room)
        }
    }
}
