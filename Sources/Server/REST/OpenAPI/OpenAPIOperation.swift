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
    var success = 200
    /// The answer's shape: a definition by name, or what is no JSON of ours.
    var answer: JSONTree
    /// Refusals by status, beside those that a signature brings about.
    var refusals: [Int] = []
    /// The same, where the reason is one of this call's own.
    var ownRefusals: [Int: String] = [:]

    static let text: JSONTree = ["type": "string"]
    static let bytes: JSONTree = ["type": "string", "format": "binary"]

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
        let success: JSONTree = ["description": "Success", "schema": self.answer]
        let statuses = (self.isSigned ? [401, 403] : []) + self.refusals
        return JSONTree.object([.init(name: "\(self.success)", value: success)])
            .adding(OpenAPIAnswers.refusals(statuses, self.ownRefusals))
    }
}

/// Parameters of operations, and what many of them share.
enum OpenAPIParameter {
    static func body(_ definition: String, isRequired: Bool = true) -> JSONTree {
        [
            "in": "body", "name": "body", "required": .bool(isRequired),
            "schema": OpenAPISchema.reference(definition),
        ]
    }

    static func query(_ name: String, _ type: String, _ description: String, isRequired: Bool = false) -> JSONTree {
        [
            "in": "query", "name": .string(name), "required": .bool(isRequired), "type": .string(type),
            "description": .string(description),
        ]
    }

    /// A whole number.
    static func number(
        _ name: String,
        _ description: String,
        minimum: Int = 0,
        maximum: Int? = nil,
        isRequired: Bool = false
    ) -> JSONTree {
        let parameter = Self.query(name, "integer", description, isRequired: isRequired)
            .adding(["minimum": .integer(minimum)])
        return maximum.map { parameter.adding(["maximum": .integer($0)]) } ?? parameter
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
