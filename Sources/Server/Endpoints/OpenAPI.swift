import HTTPTypes
import Web

/// `GET /openapi.json`: the description of all endpoints, itself included.
enum OpenAPI {
    /// The endpoints, and the one that describes them.
    static func describing(_ endpoints: [Endpoint], version: String) -> [Endpoint] {
        let operation = Operation(
            "api_spec",
            "This document",
            tag: "OpenApi 2.0 spec",
            answers: .object
        )
        let line = { (answer: @escaping Endpoint.Answer) in
            Endpoint(.get, "/openapi.json", for: .backendOrAdministrator, operation, answer: answer)
        }
        let document = OpenAPIDocument(
            version: version,
            endpoints + [line { (_, _) throws(Refusal) in }]
        )
        return endpoints + [
            line { (request, reply) throws(Refusal) in
                reply(.json(document.json(basePath: request.proxy.prefix)))
            }
        ]
    }
}
