import HTTPTypes
import RawJSON
import Web

/// `/openapi.json`: the HTTP API in Swagger 2.0, written from the table of endpoints and from ``Shapes``.
///
/// Version 2.0 and not 3: its readers of old, and the explorer page, ask for it.
struct OpenAPIDocument: Sendable {
    private let version: String
    private let paths: [(path: String, endpoints: [Endpoint])]

    init(version: String, _ endpoints: [Endpoint]) {
        self.version = version
        let described = endpoints.filter { $0.operation != nil }
        var paths: [String] = []
        for endpoint in described where !paths.contains(endpoint.path.text) { paths.append(endpoint.path.text) }
        self.paths = paths.map { path in (path, described.filter { $0.path.text == path }) }
    }

    /// The document as bytes, for clients that see our paths below `basePath` (empty without a proxy).
    func json(basePath: String) -> [UInt8] {
        var writer = JSONWriter(capacity: 64 * 1024)
        writer.beginObject()
        writer.member("swagger", "2.0")
        writer.object("info") { info in
            info.member("title", "Channelstream API")
            info.member(
                "description",
                "Messages, presence and state for browsers, commanded by signed calls of a backend."
            )
            info.member("version", self.version)
        }
        if !basePath.isEmpty { writer.member("basePath", basePath) }
        writer.member("consumes", ["application/json"])
        writer.member("produces", ["application/json"])
        writer.object("securityDefinitions") { definitions in
            definitions.object("APIKeyHeader") { key in
                key.member("type", "apiKey")
                key.member("name", "X-Channelstream-Secret")
                key.member("in", "header")
                key.member("description", "value.timestamp.signature, as a TimestampSigner of itsdangerous makes it")
            }
        }
        writer.object("paths") { paths in
            for (path, endpoints) in self.paths {
                paths.object(path) { methods in
                    for endpoint in endpoints {
                        guard let operation = endpoint.operation else { continue }
                        methods.object(endpoint.method.rawValue.lowercased()) {
                            OperationWriter(endpoint: endpoint, operation: operation).write(into: &$0)
                        }
                    }
                }
            }
        }
        writer.key("definitions")
        ShapeText(Shapes.text).write(into: &writer)
        writer.endObject()
        return writer.bytes
    }
}

/// Writes one operation: what the table says of it, and what is said beside.
private struct OperationWriter {
    let endpoint: Endpoint
    let operation: Operation

    func write(into writer: inout JSONWriter) {
        writer.member("tags", [self.operation.tag])
        writer.member("summary", self.operation.summary)
        writer.member("operationId", self.operation.identifier)
        if !self.produces.isEmpty { writer.member("produces", self.produces) }
        if self.isSigned {
            writer.key("security")
            writer.beginArray()
            writer.beginObject()
            writer.member("APIKeyHeader", [])
            writer.endObject()
            writer.endArray()
        }
        if self.operation.takes != nil || !self.operation.parameters.isEmpty {
            writer.key("parameters")
            writer.beginArray()
            self.writeParameters(into: &writer)
            writer.endArray()
        }
        writer.object("responses") { responses in
            responses.object("\(self.operation.status)") { self.writeAnswer(into: &$0) }
            for status in self.refusals.sorted() {
                responses.object("\(status)") { self.writeRefusal(status, into: &$0) }
            }
        }
    }

    private var isSigned: Bool { ![.everybody, .allowedAddress].contains(self.endpoint.access) }

    private var produces: [String] {
        if !self.operation.produces.isEmpty { return self.operation.produces }
        return switch self.operation.answers {
        // Refusals are JSON in any case.
        case .text, .textOr: ["text/plain", "application/json"]
        case .bytes: ["application/octet-stream", "application/json"]
        case .shape, .object, .upgrade: []
        }
    }

    private func writeParameters(into writer: inout JSONWriter) {
        // The body comes first: readers of this document look for it there.
        if let body = self.operation.takes {
            writer.beginObject()
            writer.member("in", "body")
            writer.member("name", "body")
            writer.member("required", self.operation.isBodyRequired)
            writer.key("schema")
            ShapeType.write(body[...], "", into: &writer)
            writer.endObject()
        }
        for parameter in self.operation.parameters {
            writer.beginObject()
            writer.member("in", parameter.place)
            writer.member("name", parameter.name)
            writer.member("required", parameter.isRequired)
            writer.member("type", parameter.type)
            if let format = parameter.format { writer.member("format", format) }
            if let (minimum, maximum) = parameter.bounds {
                writer.member("minimum", minimum)
                if let maximum { writer.member("maximum", maximum) }
            }
            writer.member("description", parameter.description)
            writer.endObject()
        }
    }

    private func writeAnswer(into writer: inout JSONWriter) {
        if case .upgrade(let description) = self.operation.answers {
            return writer.member("description", description)
        }
        writer.member("description", "Success")
        writer.object("schema") { schema in
            switch self.operation.answers {
            case .shape(let name), .textOr(let name): schema.member("$ref", "#/definitions/\(name)")
            case .object: schema.member("type", "object")
            case .text, .upgrade: schema.member("type", "string")
            case .bytes:
                schema.member("type", "string")
                schema.member("format", "binary")
            }
        }
    }

    // MARK: Refusals

    private var refusals: Set<Int> {
        var statuses = Set(self.operation.refusals).union(self.operation.ownRefusals.keys)
        if self.isSigned { statuses.insert(401) }
        // A page sends strangers to the form.
        if self.isSigned, self.endpoint.access != .administratorPage { statuses.insert(403) }
        if self.endpoint.method != .get { statuses.formUnion([413, 415]) }
        if self.operation.takes != nil { statuses.formUnion([400, 422, 503]) }
        return statuses
    }

    private func writeRefusal(_ status: Int, into writer: inout JSONWriter) {
        let own = self.operation.ownRefusals[status]
        writer.member("description", own ?? Self.reasons[status] ?? "")
        let shape = status == 422 ? "Errors" : status == 401 && own == nil ? "BadSignature" : "Refusal"
        writer.object("schema") { $0.member("$ref", "#/definitions/\(shape)") }
    }

    private static let reasons = [
        400: "The body is no JSON",
        401: "The signature is wrong or too old",
        403: "No signature, or from an address that may not call",
        404: "The log says nothing about it",
        410: "What was before that place is not kept any more",
        413: "The body is too large",
        415: "The body has a Content-Encoding",
        421: "This node is a follower",
        422: "What is wrong, by field",
        500: "The log cannot be read",
        503: "Not now: come back after Retry-After",
    ]
}
