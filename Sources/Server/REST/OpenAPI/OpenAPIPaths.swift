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
                    answer: "ChannelsInfo",
                    refusals: [410, 422, 500, 503]
                ),
                "post": Self.signed(
                    "info",
                    "Describes channels; without a body, all of them",
                    body: "ChannelInfoBody",
                    answer: "ChannelsInfo",
                    parameters: [OpenAPIParameter.asOf],
                    isBodyRequired: false,
                    refusals: [410, 500]
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
                        OpenAPIParameter.number("before", "Only events before this one"),
                        OpenAPIParameter.number("after", "Only events after this one; alone: oldest first"),
                        OpenAPIParameter.number(
                            "limit",
                            "How many messages: 50, or what is said",
                            minimum: 1,
                            maximum: 500
                        ),
                        OpenAPIParameter.asOf,
                    ],
                    answer: "ChannelHistory",
                    refusals: [404, 410, 422, 500, 503]
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
                        OpenAPIParameter.number("after", "Only events after this one"),
                        OpenAPIParameter.asOf,
                    ],
                    answer: "MessageLineage",
                    refusals: [404, 410, 422, 500, 503]
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
                    answer: "Frames",
                    refusals: [422, 503],
                    ownRefusals: [400: "callback is no name", 401: "Unknown connection"]
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
                    "responses": JSONTree.object([
                        .init(
                            name: "101",
                            value: ["description": "The protocol changes to WebSocket; text frames hold Frames"]
                        )
                    ]).adding(
                        OpenAPIAnswers.refusals(
                            [422, 503],
                            [
                                400: "The WebSocket handshake is malformed", 401: "Unknown connection",
                                403: "Pages of this origin may not listen", 426: "No WebSocket handshake",
                            ]
                        )
                    ),
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
                    answer: "Disconnected",
                    refusals: [422, 503]
                ),
                "post": Self.operation(
                    "disconnect_post",
                    "Ends a connection",
                    tag: "Client API",
                    isSigned: false,
                    parameters: [OpenAPIParameter.body("DisconnectBody")],
                    answer: "Disconnected",
                    refusals: OpenAPIAnswers.ofBodies
                ),
            ]
        ),
    ]

    private static let administration: [JSONTree.Member] = [
        .init(
            name: "/admin/admin.json",
            value: [
                "get": Self.adminInfo("admin_json", refusals: [401, 503]),
                "post": Self.adminInfo("admin_json_post", refusals: [401, 413, 415, 503]),
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
                    refusals: OpenAPIAnswers.ofBodies + [404],
                    ownRefusals: [
                        409: "Another erasure is under way",
                        500: "Ordered, but not finished: call again, or restart",
                    ]
                )
            ]
        ),
        .init(
            name: "/openapi.json",
            value: [
                "get": OpenAPIOperation(
                    tag: "OpenApi 2.0 spec",
                    identifier: "api_spec",
                    summary: "This document",
                    answer: ["type": "object"]
                ).json
            ]
        ),
    ]

    /// A browser without the cookie is sent to the form, whoever else has no signature as well.
    private static func adminInfo(_ identifier: String, refusals: [Int]) -> JSONTree {
        var operation = OpenAPIOperation(
            tag: "Admin API",
            identifier: identifier,
            summary: "What the admin page shows; for strangers 302 to the form",
            answer: OpenAPISchema.reference("AdminInfo"),
            refusals: refusals
        )
        operation.isSigned = false
        return operation.json.adding(["security": [["APIKeyHeader": []]]])
    }

    private static func signed(
        _ identifier: String,
        _ summary: String,
        body: String,
        answer: String,
        parameters: [JSONTree] = [],
        isBodyRequired: Bool = true,
        refusals: [Int] = []
    ) -> JSONTree {
        // The body comes first: readers of this document look for it there.
        self.operation(
            identifier,
            summary,
            tag: "API",
            isSigned: true,
            parameters: [OpenAPIParameter.body(body, isRequired: isBodyRequired)] + parameters,
            answer: answer,
            refusals: OpenAPIAnswers.ofBodies + refusals
        )
    }

    private static func operation(
        _ identifier: String,
        _ summary: String,
        tag: String,
        isSigned: Bool,
        parameters: [JSONTree] = [],
        answer: String,
        refusals: [Int],
        ownRefusals: [Int: String] = [:]
    ) -> JSONTree {
        let operation = OpenAPIOperation(
            tag: tag,
            identifier: identifier,
            summary: summary,
            isSigned: isSigned,
            parameters: parameters,
            answer: OpenAPISchema.reference(answer),
            refusals: refusals,
            ownRefusals: ownRefusals
        )
        return operation.json
    }
}
