/// The operations of the HTTP API, by path.
enum OpenAPIPaths {
    static let all: JSONTree = .object(
        Self.backend + Self.messages + Self.lookingBack + Self.client + OpenAPIEvidencePaths.all
            + OpenAPIFollowingPaths.all + Self.administration
    )

    private static let backend: [JSONTree.Member] = [
        .init(
            name: "/connect",
            value: [
                "post": Self.signed(
                    "connect",
                    "A user opens a connection",
                    body: "ConnectBody",
                    answer: "ConnectReply"
                )
            ]
        ),
        .init(
            name: "/subscribe",
            value: [
                "post": Self.signed(
                    "subscribe",
                    "Subscribes a connection to channels",
                    body: "SubscribeBody",
                    answer: "SubscribeReply",
                    parameters: [Self.queryConnection]
                )
            ]
        ),
        .init(
            name: "/unsubscribe",
            value: [
                "post": Self.signed(
                    "unsubscribe",
                    "Removes a connection from channels",
                    body: "UnsubscribeBody",
                    answer: "UnsubscribeReply",
                    parameters: [Self.queryConnection]
                )
            ]
        ),
        .init(
            name: "/user_state",
            value: [
                "post": Self.signed(
                    "user_state",
                    "Changes the state of a user",
                    body: "UserStateBody",
                    answer: "UserStateReply"
                )
            ]
        ),
        .init(
            name: "/channel_config",
            value: [
                "post": Self.signed(
                    "channel_config",
                    "Creates channels or gives them other settings",
                    body: "ChannelConfigsBody",
                    answer: "ChannelsInfo"
                )
            ]
        ),
        .init(
            name: "/info",
            value: [
                "get": Self.operation(
                    "info_all",
                    "Describes all channels",
                    tag: "API",
                    isSigned: true,
                    parameters: [Self.asOf],
                    answer: "ChannelsInfo"
                ),
                "post": Self.signed(
                    "info",
                    "Describes channels; without a body, all of them",
                    body: "ChannelInfoBody",
                    answer: "ChannelsInfo",
                    parameters: [Self.asOf],
                    isBodyRequired: false
                ),
            ]
        ),
    ]

    private static let messages: [JSONTree.Member] = [
        .init(
            name: "/message",
            value: [
                "post": Self.signed(
                    "message",
                    "Sends messages to channels and users; as application/x-ndjson, many, which are only counted",
                    body: "MessagesBody",
                    answer: "MessagesReply"
                ),
                "patch": Self.signed(
                    "messages_edit",
                    "Edits messages and tells everybody",
                    body: "MessageEditBody",
                    answer: "MessagesReply"
                ),
                "delete": Self.signed(
                    "messages_delete",
                    "Deletes messages and tells everybody",
                    body: "MessagesDeleteBody",
                    answer: "MessagesReply"
                ),
            ]
        )
    ]

    private static let lookingBack: [JSONTree.Member] = [
        .init(
            name: "/channels/{name}/history",
            value: [
                "get": Self.operation(
                    "channel_history",
                    "The messages of a channel over all of time, a page of them",
                    tag: "API",
                    isSigned: true,
                    parameters: [
                        ["in": "path", "name": "name", "required": true, "type": "string"],
                        Self.queryNumber("before", "Only events before this one"),
                        Self.queryNumber("after", "Only events after this one; alone: oldest first"),
                        Self.queryNumber("limit", "How many messages: 50, or what is said, up to 500"),
                        Self.asOf,
                    ],
                    answer: "ChannelHistory"
                )
            ]
        ),
        .init(
            name: "/message/{uuid}/lineage",
            value: [
                "get": Self.operation(
                    "message_lineage",
                    "A message's post, edits, deletion and erasure",
                    tag: "API",
                    isSigned: true,
                    parameters: [
                        ["in": "path", "name": "uuid", "required": true, "type": "string", "format": "uuid"],
                        Self.queryNumber("after", "Only events after this one"),
                        Self.asOf,
                    ],
                    answer: "MessageLineage"
                )
            ]
        ),
    ]

    private static let client: [JSONTree.Member] = [
        .init(
            name: "/listen",
            value: [
                "get": Self.operation(
                    "listen",
                    "Waits for messages (long polling)",
                    tag: "Client API",
                    isSigned: false,
                    parameters: [Self.requiredQueryConnection, Self.callback],
                    answer: "Frames"
                )
            ]
        ),
        .init(
            name: "/ws",
            value: [
                "get": [
                    "tags": ["Client API"],
                    "summary": "Opens a WebSocket that receives messages",
                    "operationId": "ws",
                    "parameters": [Self.requiredQueryConnection],
                    "responses": [
                        "101": ["description": "The protocol changes to WebSocket; text frames hold Frames"],
                        "400": ["description": "No WebSocket handshake, or no conn_id"],
                    ],
                ]
            ]
        ),
        .init(
            name: "/disconnect",
            value: [
                "get": Self.operation(
                    "disconnect",
                    "Ends a connection",
                    tag: "Client API",
                    isSigned: false,
                    parameters: [Self.requiredQueryConnection],
                    answer: "Disconnected"
                ),
                "post": Self.operation(
                    "disconnect_post",
                    "Ends a connection",
                    tag: "Client API",
                    isSigned: false,
                    parameters: [Self.body("DisconnectBody", isRequired: true)],
                    answer: "Disconnected"
                ),
            ]
        ),
    ]

    private static let administration: [JSONTree.Member] = [
        .init(
            name: "/admin/admin.json",
            value: [
                "get": Self.operation(
                    "admin_json",
                    "What the admin page shows",
                    tag: "Admin API",
                    isSigned: true,
                    answer: "AdminInfo"
                ),
                "post": Self.operation(
                    "admin_json_post",
                    "What the admin page shows",
                    tag: "Admin API",
                    isSigned: true,
                    answer: "AdminInfo"
                ),
            ]
        ),
        .init(
            name: "/admin/erase",
            value: [
                "post": Self.operation(
                    "admin_erase",
                    "Erases the contents of a message, a user or a channel, and answers when they are gone",
                    tag: "Admin API",
                    isSigned: true,
                    parameters: [Self.body("EraseBody", isRequired: true)],
                    answer: "EraseReply",
                    alsoRefuses: [
                        "404": ["description": "The log says nothing about it"],
                        "409": ["description": "Another erasure is under way"],
                        "500": ["description": "Ordered, but not finished: call again, or restart"],
                    ]
                )
            ]
        ),
        .init(
            name: "/openapi.json",
            value: [
                "get": [
                    "tags": ["OpenApi 2.0 spec"],
                    "summary": "This document",
                    "operationId": "api_spec",
                    "security": [["APIKeyHeader": []]],
                    "responses": ["200": ["description": "Success"], "403": ["description": "No signature"]],
                ]
            ]
        ),
    ]

    // MARK: - Operations

    private static func signed(
        _ identifier: String,
        _ summary: String,
        body: String,
        answer: String,
        parameters: [JSONTree] = [],
        isBodyRequired: Bool = true
    ) -> JSONTree {
        // The body comes first: readers of this document look for it there.
        self.operation(
            identifier,
            summary,
            tag: "API",
            isSigned: true,
            parameters: [self.body(body, isRequired: isBodyRequired)] + parameters,
            answer: answer
        )
    }

    private static func operation(
        _ identifier: String,
        _ summary: String,
        tag: String,
        isSigned: Bool,
        parameters: [JSONTree] = [],
        answer: String,
        alsoRefuses refusals: JSONTree = [:]
    ) -> JSONTree {
        var operation: JSONTree = [
            "tags": [.string(tag)],
            "summary": .string(summary),
            "operationId": .string(identifier),
        ]
        if isSigned {
            operation = operation.adding(["security": [["APIKeyHeader": []]]])
        }
        if !parameters.isEmpty {
            operation = operation.adding(["parameters": .array(parameters)])
        }
        return operation.adding(["responses": self.responses(answer, isSigned: isSigned).adding(refusals)])
    }

    private static func responses(_ answer: String, isSigned: Bool) -> JSONTree {
        let success: JSONTree = [
            "200": ["description": "Success", "schema": OpenAPIDefinitions.reference(answer)]
        ]
        let refusals: JSONTree = [
            "401": ["description": "Bad signature, or a connection that is unknown"],
            "403": ["description": "No signature, or from an address that may not call"],
        ]
        let failures: JSONTree = [
            "400": ["description": "The body is no JSON"],
            "413": ["description": "The body is too large"],
            "422": ["description": "What is wrong, by field", "schema": OpenAPIDefinitions.reference("Errors")],
            "503": ["description": "Nothing is accepted for now"],
        ]
        return (isSigned ? success.adding(refusals) : success).adding(failures)
    }

    // MARK: - Parameters

    private static func body(_ definition: String, isRequired: Bool) -> JSONTree {
        [
            "in": "body", "name": "body", "required": .bool(isRequired),
            "schema": OpenAPIDefinitions.reference(definition),
        ]
    }

    private static let queryConnection: JSONTree = [
        "in": "query", "name": "conn_id", "type": "string", "format": "uuid",
        "description": "The connection, where the body names none",
    ]

    private static let requiredQueryConnection: JSONTree = [
        "in": "query", "name": "conn_id", "required": true, "type": "string", "format": "uuid",
        "description": "The connection",
    ]

    private static let asOf: JSONTree = [
        "in": "query", "name": "as_of", "type": "string",
        "description": "As of which event (its number) or moment (ISO 8601); now when it is missing",
    ]

    private static func queryNumber(_ name: String, _ description: String) -> JSONTree {
        ["in": "query", "name": .string(name), "type": "integer", "description": .string(description)]
    }

    private static let callback: JSONTree = [
        "in": "query", "name": "callback", "type": "string",
        "description": "A function that the answer calls with the list (JSONP)",
    ]
}
