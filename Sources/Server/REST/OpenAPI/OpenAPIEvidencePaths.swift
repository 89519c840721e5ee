/// The operations that prove what the log says.
enum OpenAPIEvidencePaths {
    static let all: [JSONTree.Member] = [
        Self.path("/log/key", "log_key", "The public key that the log's checkpoints are signed with", isSigned: false),
        Self.path("/log/checkpoint", "log_checkpoint", "The newest signed checkpoint (C2SP signed note)"),
        Self.path(
            "/log/proof/inclusion",
            "log_inclusion",
            "Proves that a line is in the log (C2SP tlog-proof, or JSON)",
            [
                OpenAPIParameter.query("seq", "integer", "The line's number", isRequired: true),
                OpenAPIParameter.query("size", "integer", "The log's size; by default that of the newest checkpoint"),
            ],
            hasJSON: true
        ),
        Self.path(
            "/log/proof/consistency",
            "log_consistency",
            "Proves that the log only grew (as a C2SP witness takes it, or JSON)",
            [
                OpenAPIParameter.query("from", "integer", "The smaller size", isRequired: true),
                OpenAPIParameter.query("to", "integer", "The larger size; by default that of the newest checkpoint"),
            ],
            hasJSON: true
        ),
        Self.path(
            "/message/{uuid}/proof",
            "message_proof",
            "A receipt for a message (C2SP tlog-proof with the line, or JSON)",
            [
                OpenAPIParameter.message,
                OpenAPIParameter.query("event", "string", "post (the default), edit, edit:2, delete or erase"),
                OpenAPIParameter.query(
                    "line",
                    "string",
                    "How much of the line it shows: whole (the default) or redacted"
                ),
            ],
            hasJSON: true
        ),
    ]

    private static func path(
        _ path: String,
        _ identifier: String,
        _ summary: String,
        _ parameters: [JSONTree] = [],
        hasJSON: Bool = false,
        isSigned: Bool = true
    ) -> JSONTree.Member {
        let operation = OpenAPIOperation(
            tag: "Evidence",
            identifier: identifier,
            summary: summary,
            isSigned: isSigned,
            parameters: parameters,
            produces: hasJSON ? ["text/plain", "application/json"] : ["text/plain"],
            otherAnswers: [
                "404": ["description": "The log does not hold it, or nothing is signed yet"],
                "422": ["description": "What is asked for cannot be"],
                "503": ["description": "Not yet"],
            ]
        )
        return .init(name: path, value: ["get": operation.json])
    }
}
