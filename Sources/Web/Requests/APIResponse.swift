package import HTTPTypes
package import NIOCore

/// An answer, free of the server that sends it.
package struct APIResponse: Sendable {
    /// The body, which is handed on as the hub has written it, without a copy in between.
    private enum Content: Sendable {
        case bytes([UInt8])
        case buffer(ByteBuffer)
    }

    package var status: HTTPResponse.Status
    /// Its own, without `Content-Length`, which the connection adds.
    package var headers: HTTPFields {
        get { self.ownHeaders ?? Self.jsonHeaders }
        set { self.ownHeaders = newValue }
    }
    /// It is nil for nearly all answers: they say that they are JSON and nothing else, which needs no list.
    private(set) var ownHeaders: HTTPFields?
    /// The cross-origin headers, which ``Router`` adds to every answer.
    package var crossOrigin: CrossOriginHeaders?
    private let content: Content
    /// In bytes.
    let bodySize: Int
    /// The bytes of it that ``UnsentAnswers`` have counted already.
    package var countedSize = 0

    package init(status: HTTPResponse.Status, headers: HTTPFields = [:], body: ByteBuffer = ByteBuffer()) {
        self.init(status: status, ownHeaders: headers, content: .buffer(body))
    }

    private init(status: HTTPResponse.Status, ownHeaders: HTTPFields?, content: Content) {
        self.status = status
        self.ownHeaders = ownHeaders
        self.content = content
        self.bodySize =
            switch content {
            case .bytes(let bytes): bytes.count
            case .buffer(let buffer): buffer.readableBytes
            }
    }

    package static func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok) -> APIResponse {
        APIResponse(status: status, ownHeaders: nil, content: .bytes(bytes))
    }

    package var body: ByteBuffer {
        switch self.content {
        case .bytes(let bytes): ByteBuffer(bytes: bytes)
        case .buffer(let buffer): buffer
        }
    }

    func writeBody(into buffer: inout ByteBuffer) {
        switch self.content {
        case .bytes(let bytes): buffer.writeBytes(bytes)
        case .buffer(let body): buffer.writeImmutableBuffer(body)
        }
    }

    private static let jsonHeaders: HTTPFields = [.contentType: "application/json"]

    /// To a URL of ours (``ProxyContext/url(of:)``).
    package static func redirect(to url: String) -> APIResponse {
        APIResponse(status: .found, headers: [.location: url])
    }

    /// UTF-8 text.
    package static func text(_ bytes: [UInt8]) -> APIResponse {
        APIResponse(
            status: .ok,
            headers: [.contentType: "text/plain; charset=utf-8", .xContentTypeOptions: "nosniff"],
            body: ByteBuffer(bytes: bytes)
        )
    }

    /// Bytes of a file.
    package static func bytes(_ bytes: [UInt8], headers: HTTPFields = [:]) -> APIResponse {
        var headers = headers
        headers[.contentType] = "application/octet-stream"
        return APIResponse(status: .ok, headers: headers, body: ByteBuffer(bytes: bytes))
    }
}
