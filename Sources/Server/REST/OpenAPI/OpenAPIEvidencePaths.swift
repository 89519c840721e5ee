/// The operations that prove what the log says.
enum OpenAPIEvidencePaths {
    static let all: [JSONTree.Member] = [
        .init(
            name: "/log/key",
            value: ["get": Self.operation("log_key", "The public key that the log's checkpoints are signed with", [])]
        ),
        .init(
            name: "/log/checkpoint",
            value: [
                "get": Self.signed("log_checkpoint", "The newest signed checkpoint (C2SP signed note)", [])
            ]
        ),
        .init(
            name: "/log/proof/inclusion",
            value: [
                "get": Self.signed(
                    "log_inclusion",
                    "Proves that a line is in the log (C2SP tlog-proof, or JSON)",
                    [
                        Self.query("seq", "integer", "The line's number", isRequired: true),
                        Self.query("size", "integer", "The log's size; by default that of the newest checkpoint"),
                    ],
                    hasJSON: true
                )
            ]
        ),
        .init(
            name: "/log/proof/consistency",
            value: [
                "get": Self.signed(
                    "log_consistency",
                    "Proves that the log only grew (as a C2SP witness takes it, or JSON)",
                    [
                        Self.query("from", "integer", "The smaller size", isRequired: true),
                        Self.query("to", "integer", "The larger size; by default that of the newest checkpoint"),
                    ],
                    hasJSON: true
                )
            ]
        ),
        .init(
            name: "/message/{uuid}/proof",
            value: [
                "get": Self.signed(
                    "message_proof",
                    "A receipt for a message (C2SP tlog-proof with the line, or JSON)",
                    [
                        [
                            "name": "uuid", "in": "path", "required": true, "type": "string", "format": "uuid",
                            "description": "The message",
                        ],
                        Self.query("event", "string", "post (the default), edit, edit:2, delete or erase"),
                        Self.query("line", "string", "How much of the line it shows: whole (the default) or redacted"),
                    ],
                    hasJSON: true
                )
            ]
        ),
    ]

    private static func signed(
        _ identifier: String,
        _ summary: String,
        _ parameters: [JSONTree],
        hasJSON: Bool = false
    ) -> JSONTree {
        self.operation(identifier, summary, parameters, hasJSON: hasJSON, isSigned: true)
    }

    private static func operation(
        _ identifier: String,
        _ summary: String,
        _ parameters: [JSONTree],
        hasJSON: Bool = false,
        isSigned: Bool = false
    ) -> JSONTree {
        var operation: JSONTree = [
            "tags": ["Evidence"],
            "summary": .string(summary),
            "operationId": .string(identifier),
            "produces": hasJSON ? ["text/plain", "application/json"] : ["text/plain"],
        ]
        if isSigned { operation = operation.adding(["security": [["APIKeyHeader": []]]]) }
        if !parameters.isEmpty { operation = operation.adding(["parameters": .array(parameters)]) }
        let answers: JSONTree = [
            "200": ["description": "Success"],
            "404": ["description": "The log does not hold it, or nothing is signed yet"],
            "422": ["description": "What is asked for cannot be"],
            "503": ["description": "Not yet"],
        ]
        let refusals: JSONTree = [
            "401": ["description": "Bad signature"],
            "403": ["description": "No signature, or from an address that may not call"],
        ]
        return operation.adding(["responses": isSigned ? answers.adding(refusals) : answers])
    }

    private static func query(
        _ name: String,
        _ type: String,
        _ description: String,
        isRequired: Bool = false
    ) -> JSONTree {
        [
            "name": .string(name), "in": "query", "required": isRequired ? true : false, "type": .string(type),
            "description": .string(description),
        ]
    }
}
