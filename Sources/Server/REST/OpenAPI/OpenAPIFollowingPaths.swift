/// The operations that nodes of one log use among each other.
enum OpenAPIFollowingPaths {
    static let all: [JSONTree.Member] = [
        .init(
            name: "/log/segments",
            value: [
                "get": Self.shown(
                    "log_segments",
                    "The log's segments, its key and a signed checkpoint",
                    answer: "LogOverview"
                )
            ]
        ),
        .init(
            name: "/log/segments/{name}",
            value: [
                "get": Self.shown(
                    "log_segment",
                    "Bytes of a segment's file, whole commits only",
                    [OpenAPIParameter.path("name", "The segment's file name")] + Self.range + [
                        OpenAPIParameter.number("wait", "Milliseconds to wait if there is nothing yet")
                    ],
                    refusals: [404, 422],
                    ownRefusals: [416: "The segment is shorter than offset"]
                )
            ]
        ),
        .init(
            name: "/log/snapshots",
            value: [
                "get": Self.shown(
                    "log_snapshots",
                    "What the node signs of its newest snapshot",
                    answer: "SnapshotOffer"
                )
            ]
        ),
        .init(
            name: "/log/snapshots/{name}",
            value: [
                "get": Self.shown(
                    "log_snapshot",
                    "Bytes of a snapshot's file",
                    [OpenAPIParameter.path("name", "The snapshot's file name")] + Self.range,
                    refusals: [404, 422]
                )
            ]
        ),
        .init(
            name: "/log/hashes",
            value: [
                "get": Self.shown(
                    "log_hashes",
                    "The leaf hashes of the log's lines, 32 bytes each",
                    Self.range,
                    refusals: [422]
                )
            ]
        ),
        .init(
            name: "/log/proposals",
            value: [
                "post": Self.shown(
                    "log_proposals",
                    "What a follower wants to have in the log, in parts",
                    [
                        OpenAPIParameter.query("node", "string", "The follower's name", isRequired: true),
                        OpenAPIParameter.number("offset", "Where this part begins, in bytes", isRequired: true),
                        OpenAPIParameter.number("size", "Bytes of the whole", isRequired: true),
                    ],
                    answer: "ProposalReceipt",
                    refusals: [413, 415, 422],
                    ownRefusals: [
                        400: "It is no upload", 409: "Parts out of order, this node's name, or no next epoch",
                    ]
                )
            ]
        ),
        .init(
            name: "/log/status",
            value: [
                "get": Self.operation(
                    "log_status",
                    "How far the log reaches, and who is behind by how much",
                    answer: "LogStatus",
                    refusals: [503]
                )
            ]
        ),
        .init(
            name: "/admin/promote",
            value: [
                "post": Self.operation(
                    "admin_promote",
                    "Has a follower whose primary is away decide for itself",
                    [OpenAPIParameter.query("force", "boolean", "Also if the primary answers")],
                    success: 202,
                    answer: "Promotion",
                    refusals: [413, 415, 503],
                    ownRefusals: [409: "This node follows nobody, or its primary may still be there"]
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
                    "produces": ["text/plain", "application/openmetrics-text", "application/json"],
                    "responses": JSONTree.object([
                        .init(name: "200", value: ["description": "Success", "schema": OpenAPIOperation.text])
                    ]).adding(OpenAPIAnswers.refusals([], [403: "From an address that may not call"])),
                ]
            ]
        ),
    ]

    private static let range = [
        OpenAPIParameter.number("offset", "Where to begin, in bytes"),
        OpenAPIParameter.number("limit", "Bytes at most", minimum: 1),
    ]

    /// What a primary shows; a follower sends elsewhere.
    private static func shown(
        _ identifier: String,
        _ summary: String,
        _ parameters: [JSONTree] = [],
        answer: String? = nil,
        refusals: [Int] = [],
        ownRefusals: [Int: String] = [:]
    ) -> JSONTree {
        self.operation(
            identifier,
            summary,
            parameters,
            answer: answer,
            refusals: [421, 500, 503] + refusals,
            ownRefusals: ownRefusals
        )
    }

    /// One operation; without a definition for its answer, that is bytes of a file.
    private static func operation(
        _ identifier: String,
        _ summary: String,
        _ parameters: [JSONTree] = [],
        success: Int = 200,
        answer: String?,
        refusals: [Int],
        ownRefusals: [Int: String] = [:]
    ) -> JSONTree {
        let operation = OpenAPIOperation(
            tag: "Nodes",
            identifier: identifier,
            summary: summary,
            parameters: parameters,
            produces: answer == nil ? ["application/octet-stream", "application/json"] : ["application/json"],
            success: success,
            answer: answer.map { OpenAPISchema.reference($0) } ?? OpenAPIOperation.bytes,
            refusals: refusals,
            ownRefusals: ownRefusals
        )
        return operation.json
    }
}
