import RawJSON

/// `/openapi.json`: the HTTP API in Swagger 2.0.
///
/// Version 2.0 and not 3: its readers of old, and the explorer page, ask for it. It is written by hand beside the
/// schemas, with their limits; a test compares the fields that it names with those that the schemas read.
struct OpenAPIDocument: Sendable {
    private let members: [JSONTree.Member]

    init(version: String) {
        self.members = [
            .init(name: "swagger", value: "2.0"),
            .init(
                name: "info",
                value: [
                    "title": "Channelstream API",
                    "description": "Messages, presence and state for browsers, commanded by signed calls of a backend.",
                    "version": .string(version),
                ]
            ),
            .init(name: "consumes", value: ["application/json"]),
            .init(name: "produces", value: ["application/json"]),
            .init(
                name: "securityDefinitions",
                value: [
                    "APIKeyHeader": [
                        "type": "apiKey", "name": "X-Channelstream-Secret", "in": "header",
                        "description": "value.timestamp.signature, as a TimestampSigner of itsdangerous makes it",
                    ]
                ]
            ),
            .init(name: "paths", value: OpenAPIPaths.all),
            .init(name: "definitions", value: OpenAPIDefinitions.all),
        ]
    }

    /// The document as bytes, for clients that see our paths below `basePath` (empty without a proxy).
    func json(basePath: String) -> [UInt8] {
        var members = self.members
        if !basePath.isEmpty {
            members.insert(.init(name: "basePath", value: .string(basePath)), at: 2)
        }
        var writer = JSONWriter(capacity: 24 * 1024)
        JSONTree.object(members).write(into: &writer)
        return writer.bytes
    }
}
