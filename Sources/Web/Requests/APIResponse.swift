package import HTTPTypes
package import NIOCore
import RawJSON

/// An answer, free of the server that sends it.
package struct APIResponse: Sendable {
    /// What the hub writes is handed on as it is, without a copy in between.
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
    /// Nil for nearly all answers: they say that they are JSON and nothing else, which need not be read from a list.
    private(set) var ownHeaders: HTTPFields?
    /// The cross-origin headers, which ``APIHandler`` adds to every answer.
    package var crossOrigin: CrossOriginHeaders?
    private let content: Content
    /// In bytes.
    let bodySize: Int
    /// What ``UnsentAnswers`` have counted of it already, in bytes.
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

    /// `{"request": [reason]}`: what is wrong with a request as a whole.
    package static func refusal(_ status: HTTPResponse.Status, _ reason: String) -> APIResponse {
        var writer = JSONWriter(capacity: 64 + reason.utf8.count)
        writer.beginObject()
        writer.key("request")
        writer.beginArray()
        writer.string(reason)
        writer.endArray()
        writer.endObject()
        return .json(writer.bytes, status: status)
    }

    package static let notFound = Self.refusal(.notFound, "Not found.")

    /// 503, with the advice to come back.
    package static func unavailable(_ reason: String) -> APIResponse {
        var response = APIResponse.refusal(.serviceUnavailable, reason)
        response.headers[.retryAfter] = "5"
        return response
    }

    package static func methodNotAllowed(_ allowed: [HTTPRequest.Method]) -> APIResponse {
        var response = Self.refusal(.methodNotAllowed, "Method not allowed.")
        // HEAD is answered as GET.
        let methods = allowed.flatMap { $0 == .get ? [.get, .head] : [$0] }
        response.headers[.allow] = methods.map(\.rawValue).joined(separator: ", ")
        return response
    }

    /// To a URL of ours (``ProxyContext/url(of:)``).
    package static func redirect(to url: String) -> APIResponse {
        APIResponse(status: .found, headers: [.location: url])
    }

    /// 422 with everything that is wrong with a body.
    package static func invalid(_ errors: ValidationErrors) -> APIResponse {
        var writer = JSONWriter(capacity: 128)
        errors.write(into: &writer)
        return .json(writer.bytes, status: .unprocessableContent)
    }
}

/// Answers the requests of some paths: what other parts of the server plug into ``APIHandler``.
package protocol RequestHandler: Sendable {
    /// What it answers; everything else is refused, and `HEAD` comes as `GET`.
    var methods: [HTTPRequest.Method] { get }

    /// Whether a request may send its body, and of what size, where the body is not small.
    func admit(_ request: APIRequest, _ limits: APILimits) -> BodyAdmission

    /// Called for one of the methods, with the body read.
    func respond(to request: APIRequest) async -> APIResponse
}

extension RequestHandler {
    package var methods: [HTTPRequest.Method] { [.get] }

    /// Those who need no signature, or a cookie will do for, have little to send.
    package func admit(_ request: APIRequest, _ limits: APILimits) -> BodyAdmission {
        .upTo(limits.smallBodySize, isGranted: false)
    }
}
