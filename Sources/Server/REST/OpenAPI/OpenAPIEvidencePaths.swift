/// The operations that prove what the log says.
enum OpenAPIEvidencePaths {
    static let all: [JSONTree.Member] = [
        Self.path(
            "/log/key",
            "log_key",
            "The public key that the log's checkpoints are signed with",
            isSigned: false,
            refusals: [503]
        ),
        Self.path(
            "/log/checkpoint",
            "log_checkpoint",
            "The newest signed checkpoint (C2SP signed note)",
            refusals: [404, 500, 503]
        ),
        Self.path(
            "/log/proof/inclusion",
            "log_inclusion",
            "Proves that a line is in the log (C2SP tlog-proof, or JSON)",
            [
                OpenAPIParameter.number("seq", "The line's number", minimum: 1, isRequired: true),
                OpenAPIParameter.number("size", "The log's size; by default that of the newest checkpoint"),
            ],
            json: "InclusionProof",
            refusals: Self.ofProofs
        ),
        Self.path(
            "/log/proof/consistency",
            "log_consistency",
            "Proves that the log only grew (as a C2SP witness takes it, or JSON)",
            [
                OpenAPIParameter.number("from", "The smaller size", isRequired: true),
                OpenAPIParameter.number("to", "The larger size; by default that of the newest checkpoint"),
            ],
            json: "ConsistencyProof",
            refusals: Self.ofProofs
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
            json: "MessageProof",
            refusals: Self.ofProofs
        ),
    ]

    /// One operation; `json` is the definition of its other form, for who accepts JSON.
    private static func path(
        _ path: String,
        _ identifier: String,
        _ summary: String,
        _ parameters: [JSONTree] = [],
        json: String? = nil,
        isSigned: Bool = true,
        refusals: [Int]
    ) -> JSONTree.Member {
        let operation = OpenAPIOperation(
            tag: "Evidence",
            identifier: identifier,
            summary: summary,
            isSigned: isSigned,
            parameters: parameters,
            // Refusals are JSON in any case.
            produces: ["text/plain", "application/json"],
            answer: json.map { OpenAPISchema.reference($0) } ?? OpenAPIOperation.text,
            refusals: refusals
        )
        return .init(name: path, value: ["get": operation.json])
    }

    private static let ofProofs = [404, 422, 500, 503]
}
