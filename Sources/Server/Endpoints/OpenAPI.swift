import HTTPTypes
import Web

/// `GET /openapi.json`: the description of the API.
struct OpenAPIEndpoint: Sendable {
    let document: OpenAPIDocument

    var endpoint: Endpoint {
        Endpoint(.get, "/openapi.json", for: .backendOrAdministrator) { (request, reply) throws(Refusal) in
            reply(.json(self.document.json(basePath: request.proxy.prefix)))
        }
    }
}
