package import HTTPTypes
import RawJSON

/// Why a request is not answered as it asks: the one error that endpoints throw, and that whoever stands before them throws.
///
/// It says what is wrong and where (the request as a whole, or fields by their names); its headers say what to do.
package struct Refusal: Error, Equatable, Sendable {
    private enum Complaint: Equatable, Sendable {
        case request(String)
        case fields(ValidationErrors)
        /// JSON that somebody has written already; without a byte, there is no body.
        case written([UInt8])
    }

    package let status: HTTPResponse.Status
    private let complaint: Complaint
    package var headers: HTTPFields

    private init(_ status: HTTPResponse.Status, _ complaint: Complaint, _ headers: HTTPFields) {
        self.status = status
        self.complaint = complaint
        self.headers = headers
    }

    /// `{"request": [reason]}`: what is wrong with the request as a whole.
    package init(_ status: HTTPResponse.Status, _ reason: String, headers: HTTPFields = [:]) {
        self.init(status, .request(reason), headers)
    }

    /// 422 with everything that is wrong, field by field.
    package init(_ errors: ValidationErrors) {
        self.init(.unprocessableContent, .fields(errors), [:])
    }

    /// 422 with one thing that is wrong with one field.
    package init(_ field: StaticString, _ message: ValidationMessage) {
        self.init(ValidationErrors(field, message))
    }

    /// A JSON object that somebody else has written.
    package init(_ status: HTTPResponse.Status, written json: [UInt8]) {
        self.init(status, .written(json), [:])
    }

    package static func malformed(_ reason: String) -> Refusal { Refusal(.badRequest, reason) }

    package static let notFound = Refusal(.notFound, "Not found.")

    /// 503, with the advice to come back.
    package static func unavailable(_ reason: String) -> Refusal {
        Refusal(.serviceUnavailable, reason, headers: [.retryAfter: "5"])
    }

    package static func methodNotAllowed(_ allowed: [HTTPRequest.Method]) -> Refusal {
        // HEAD is answered as GET.
        let methods = allowed.flatMap { $0 == .get ? [.get, .head] : [$0] }
        let allow = methods.map(\.rawValue).joined(separator: ", ")
        return Refusal(.methodNotAllowed, "Method not allowed.", headers: [.allow: allow])
    }

    /// To a URL of ours (``ProxyContext/url(of:)``): what is asked for is for others, who show themselves there.
    package static func redirect(to url: String) -> Refusal {
        Refusal(.found, .written([]), [.location: url])
    }

    /// The answer that says so.
    package var response: APIResponse {
        var writer = JSONWriter(capacity: 128)
        switch self.complaint {
        case .request(let reason):
            writer.beginObject()
            writer.key("request")
            writer.beginArray()
            writer.string(reason)
            writer.endArray()
            writer.endObject()
        case .fields(let errors):
            errors.write(into: &writer)
        case .written(let json):
            guard !json.isEmpty else { return APIResponse(status: self.status, headers: self.headers) }
            return self.adding(to: .json(json, status: self.status))
        }
        return self.adding(to: .json(writer.bytes, status: self.status))
    }

    private func adding(to response: consuming APIResponse) -> APIResponse {
        for field in self.headers { response.headers[field.name] = field.value }
        return response
    }
}
