/// One operation of the HTTP API, as Swagger 2.0 describes it.
struct OpenAPIOperation {
    let tag: String
    let identifier: String
    let summary: String
    /// Whether calls carry a signature.
    var isSigned = true
    var parameters: [JSONTree] = []
    /// Media types, where they are not the document's own.
    var produces: [JSONTree] = []
    /// Name of the definition that the answer has the shape of; nil where that is not JSON of ours.
    var answer: String?
    /// What else is answered, by status.
    var otherAnswers: JSONTree = [:]

    var json: JSONTree {
        var operation: JSONTree = [
            "tags": [.string(self.tag)],
            "summary": .string(self.summary),
            "operationId": .string(self.identifier),
        ]
        if !self.produces.isEmpty { operation = operation.adding(["produces": .array(self.produces)]) }
        if self.isSigned { operation = operation.adding(["security": [["APIKeyHeader": []]]]) }
        if !self.parameters.isEmpty { operation = operation.adding(["parameters": .array(self.parameters)]) }
        return operation.adding(["responses": self.responses])
    }

    private var responses: JSONTree {
        var success: JSONTree = ["description": "Success"]
        if let answer { success = success.adding(["schema": OpenAPIDefinitions.reference(answer)]) }
        let refusals: JSONTree = [
            "401": ["description": "Bad signature, or a connection that is unknown"],
            "403": ["description": "No signature, or from an address that may not call"],
        ]
        let answers: JSONTree = ["200": success]
        return (self.isSigned ? answers.adding(refusals) : answers).adding(self.otherAnswers)
    }
}

/// Parameters of operations, and what many of them share.
enum OpenAPIParameter {
    static func body(_ definition: String, isRequired: Bool = true) -> JSONTree {
        [
            "in": "body", "name": "body", "required": .bool(isRequired),
            "schema": OpenAPIDefinitions.reference(definition),
        ]
    }

    static func query(_ name: String, _ type: String, _ description: String, isRequired: Bool = false) -> JSONTree {
        [
            "in": "query", "name": .string(name), "required": .bool(isRequired), "type": .string(type),
            "description": .string(description),
        ]
    }

    static func path(_ name: String, _ description: String) -> JSONTree {
        [
            "in": "path", "name": .string(name), "required": true, "type": "string",
            "description": .string(description),
        ]
    }

    static func connection(isRequired: Bool) -> JSONTree {
        let description = isRequired ? "The connection" : "The connection, where the body names none"
        return Self.query("conn_id", "string", description, isRequired: isRequired).adding(["format": "uuid"])
    }

    static let message = Self.path("uuid", "The message").adding(["format": "uuid"])

    static let asOf = Self.query(
        "as_of",
        "string",
        "As of which event (its number) or moment (ISO 8601); now when it is missing"
    )
}
