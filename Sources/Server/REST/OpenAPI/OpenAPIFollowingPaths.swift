/// The operations that nodes of one log use among each other.
enum OpenAPIFollowingPaths {
    static let all: [JSONTree.Member] = [
        .init(
            name: "/log/segments",
            value: ["get": Self.operation("log_segments", "The log's segments, its key and a signed checkpoint", [])]
        ),
        .init(
            name: "/log/segments/{name}",
            value: [
                "get": Self.operation(
                    "log_segment",
                    "Bytes of a segment's file, whole commits only",
                    [Self.name("The segment's file name")] + Self.range + [
                        Self.query("wait", "integer", "Milliseconds to wait if there is nothing yet")
                    ],
                    produces: "application/octet-stream"
                )
            ]
        ),
        .init(
            name: "/log/snapshots",
            value: ["get": Self.operation("log_snapshots", "What the node signs of its newest snapshot", [])]
        ),
        .init(
            name: "/log/snapshots/{name}",
            value: [
                "get": Self.operation(
                    "log_snapshot",
                    "Bytes of a snapshot's file",
                    [Self.name("The snapshot's file name")] + Self.range,
                    produces: "application/octet-stream"
                )
            ]
        ),
        .init(
            name: "/log/hashes",
            value: [
                "get": Self.operation(
                    "log_hashes",
                    "The leaf hashes of the log's lines, 32 bytes each",
                    Self.range,
                    produces: "application/octet-stream"
                )
            ]
        ),
        .init(
            name: "/log/proposals",
            value: [
                "post": Self.operation(
                    "log_proposals",
                    "What a follower wants to have in the log, in parts",
                    [
                        Self.query("node", "string", "The follower's name", isRequired: true),
                        Self.query("offset", "integer", "Where this part begins, in bytes", isRequired: true),
                        Self.query("size", "integer", "Bytes of the whole", isRequired: true),
                    ]
                )
            ]
        ),
        .init(
            name: "/log/status",
            value: ["get": Self.operation("log_status", "How far the log reaches, and who is behind by how much", [])]
        ),
    ]

    private static let range = [
        Self.query("offset", "integer", "Where to begin, in bytes"),
        Self.query("limit", "integer", "Bytes at most"),
    ]

    private static func name(_ description: String) -> JSONTree {
        ["name": "name", "in": "path", "required": true, "type": "string", "description": .string(description)]
    }

    private static func operation(
        _ identifier: String,
        _ summary: String,
        _ parameters: [JSONTree],
        produces type: String = "application/json"
    ) -> JSONTree {
        var operation: JSONTree = [
            "tags": ["Nodes"],
            "summary": .string(summary),
            "operationId": .string(identifier),
            "produces": [.string(type)],
            "security": [["APIKeyHeader": []]],
        ]
        if !parameters.isEmpty { operation = operation.adding(["parameters": .array(parameters)]) }
        return operation.adding([
            "responses": [
                "200": ["description": "Success"],
                "401": ["description": "Bad signature"],
                "403": ["description": "No signature, or from an address that may not call"],
                "421": ["description": "This node is a follower"],
                "503": ["description": "Not yet"],
            ]
        ])
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
