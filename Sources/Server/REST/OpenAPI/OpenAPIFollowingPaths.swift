/// The operations that nodes of one log use among each other.
enum OpenAPIFollowingPaths {
    static let all: [JSONTree.Member] = [
        .init(
            name: "/log/segments",
            value: ["get": Self.operation("log_segments", "The log's segments, its key and a signed checkpoint")]
        ),
        .init(
            name: "/log/segments/{name}",
            value: [
                "get": Self.operation(
                    "log_segment",
                    "Bytes of a segment's file, whole commits only",
                    [OpenAPIParameter.path("name", "The segment's file name")] + Self.range + [
                        OpenAPIParameter.query("wait", "integer", "Milliseconds to wait if there is nothing yet")
                    ],
                    produces: "application/octet-stream"
                )
            ]
        ),
        .init(
            name: "/log/snapshots",
            value: ["get": Self.operation("log_snapshots", "What the node signs of its newest snapshot")]
        ),
        .init(
            name: "/log/snapshots/{name}",
            value: [
                "get": Self.operation(
                    "log_snapshot",
                    "Bytes of a snapshot's file",
                    [OpenAPIParameter.path("name", "The snapshot's file name")] + Self.range,
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
                        OpenAPIParameter.query("node", "string", "The follower's name", isRequired: true),
                        OpenAPIParameter.query(
                            "offset",
                            "integer",
                            "Where this part begins, in bytes",
                            isRequired: true
                        ),
                        OpenAPIParameter.query("size", "integer", "Bytes of the whole", isRequired: true),
                    ]
                )
            ]
        ),
        .init(
            name: "/log/status",
            value: ["get": Self.operation("log_status", "How far the log reaches, and who is behind by how much")]
        ),
        .init(
            name: "/admin/promote",
            value: [
                "post": Self.operation(
                    "admin_promote",
                    "Has a follower whose primary is away decide for itself",
                    [OpenAPIParameter.query("force", "boolean", "Also if the primary answers")]
                )
            ]
        ),
        .init(
            name: "/metrics",
            value: [
                "get": [
                    "tags": ["Nodes"],
                    "summary": "How the log stands, and who is behind by how much, for Prometheus",
                    "operationId": "metrics",
                    "produces": ["text/plain", "application/openmetrics-text"],
                    "responses": [
                        "200": ["description": "Success"],
                        "403": ["description": "From an address that may not call"],
                    ],
                ]
            ]
        ),
    ]

    private static let range = [
        OpenAPIParameter.query("offset", "integer", "Where to begin, in bytes"),
        OpenAPIParameter.query("limit", "integer", "Bytes at most"),
    ]

    private static func operation(
        _ identifier: String,
        _ summary: String,
        _ parameters: [JSONTree] = [],
        produces type: JSONTree = "application/json"
    ) -> JSONTree {
        let operation = OpenAPIOperation(
            tag: "Nodes",
            identifier: identifier,
            summary: summary,
            parameters: parameters,
            produces: [type],
            otherAnswers: [
                "421": ["description": "This node is a follower"],
                "503": ["description": "Not yet"],
            ]
        )
        return operation.json
    }
}
