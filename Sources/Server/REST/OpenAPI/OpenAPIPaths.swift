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
                    parameters: [OpenAPIParameter.connection(isRequired: false)]
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
                    parameters: [OpenAPIParameter.connection(isRequired: false)]
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
                    parameters: [OpenAPIParameter.asOf],
                    answer: "ChannelsInfo"
                ),
                "post": Self.signed(
                    "info",
                    "Describes channels; without a body, all of them",
                    body: "ChannelInfoBody",
                    answer: "ChannelsInfo",
                    parameters: [OpenAPIParameter.asOf],
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
                        OpenAPIParameter.path("name", "The channel"),
                        OpenAPIParameter.query("before", "integer", "Only events before this one"),
                        OpenAPIParameter.query("after", "integer", "Only events after this one; alone: oldest first"),
                        OpenAPIParameter.query("limit", "integer", "How many messages: 50, or what is said, up to 500"),
                        OpenAPIParameter.asOf,
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
                        OpenAPIParameter.message,
                        OpenAPIParameter.query("after", "integer", "Only events after this one"),
                        OpenAPIParameter.asOf,
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
                    parameters: [
                        OpenAPIParameter.connection(isRequired: true),
                        OpenAPIParameter.query(
                            "callback",
                            "string",
                            "A function that the answer calls with the list (JSONP)"
                        ),
                    ],
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
                    "parameters": [OpenAPIParameter.connection(isRequired: true)],
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
                    parameters: [OpenAPIParameter.connection(isRequired: true)],
                    answer: "Disconnected"
                ),
                "post": Self.operation(
                    "disconnect_post",
                    "Ends a connection",
                    tag: "Client API",
                    isSigned: false,
                    parameters: [OpenAPIParameter.body("DisconnectBody")],
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
                    parameters: [OpenAPIParameter.body("EraseBody")],
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
            parameters: [OpenAPIParameter.body(body, isRequired: isBodyRequired)] + parameters,
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
        let failures: JSONTree = [
            "400": ["description": "The body is no JSON"],
            "413": ["description": "The body is too large"],
            "422": ["description": "What is wrong, by field", "schema": OpenAPIDefinitions.reference("Errors")],
            "503": ["description": "Nothing is accepted for now"],
        ]
        let operation = OpenAPIOperation(
            tag: tag,
            identifier: identifier,
            summary: summary,
            isSigned: isSigned,
            parameters: parameters,
            answer: answer,
            otherAnswers: failures.adding(refusals)
        )
        return operation.json
    }
}
