import HTTPTypes
import NIOCore

/// Writes the answers of one connection, each in one piece.
struct HTTPResponseEncoder {
    /// What to write, in order; the second is a large body, which is not worth a copy.
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
        Self.writeStatus(response.status, into: &buffer)
        if let crossOrigin = response.crossOrigin { buffer.writeBytes(crossOrigin.bytes) }
        for field in response.headers {
            if field.name == .connection {
                if field.value.lowercased() == "close" { self.keepsAlive = false }
                continue
            }
            buffer.writeString(field.name.rawName)
            buffer.writeStaticString(": ")
            buffer.writeString(field.value)
            buffer.writeStaticString("\r\n")
        }
        buffer.writeStaticString("date: ")
        buffer.writeBytes(date)
        buffer.writeStaticString("\r\n")
        if let length {
            buffer.writeStaticString("content-length: ")
            Self.writeDecimal(length, into: &buffer)
            buffer.writeStaticString("\r\n")
        }
        if !self.keepsAlive {
            buffer.writeStaticString("connection: close\r\n")
        } else if self.isOld {
            buffer.writeStaticString("connection: keep-alive\r\n")
        }
        buffer.writeStaticString("\r\n")
    }

    private static func writeStatus(_ status: HTTPResponse.Status, into buffer: inout ByteBuffer) {
        guard status.code != 200 else {
            buffer.writeStaticString("HTTP/1.1 200 OK\r\n")
            return
        }
        buffer.writeStaticString("HTTP/1.1 ")
        self.writeDecimal(status.code, into: &buffer)
        buffer.writeStaticString(" ")
        buffer.writeString(status.reasonPhrase)
        buffer.writeStaticString("\r\n")
    }

    /// Writes a number that is not negative.
    private static func writeDecimal(_ number: Int, into buffer: inout ByteBuffer) {
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
            var start = digits.count
            var rest = number
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            buffer.writeBytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(digits)[start...]))
        }
    }
}
