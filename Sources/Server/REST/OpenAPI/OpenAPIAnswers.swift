/// The answers of the HTTP API, by name.
enum OpenAPIAnswers {
    private typealias Schema = OpenAPISchema

    static let all = Self.calls + Self.messages + Self.past + Self.evidence + Self.nodes + Self.refusals

    private static let calls: [JSONTree.Member] = [
        .init(
            name: "ConnectReply",
            value: Schema.answer([
                "conn_id": Schema.uuid("The connection"),
                "username": ["type": "string"],
                "state": Schema.state("All of the user's state"),
                "public_state": Schema.state("What others see of it"),
                "channels": Schema.strings,
                "channels_info": Schema.reference("ChannelsInfo"),
            ])
        ),
        .init(name: "SubscribeReply", value: Self.subscription("subscribed_to")),
        .init(name: "UnsubscribeReply", value: Self.subscription("unsubscribed_from")),
        .init(
            name: "UserStateReply",
            value: Schema.answer([
                "user_state": Schema.state("All of it"),
                "changed_state": Schema.list(
                    Schema.answer([
                        "key": ["type": "string"], "value": ["description": "Any scalar", "x-nullable": true],
                    ]),
                    "What is different from before"
                ),
                "public_keys": Schema.strings,
            ])
        ),
        .init(
            name: "ChannelsInfo",
            value: Schema.answer([
                "channels": Schema.map(Schema.reference("Channel"), "By name"),
                "users": Schema.list(
                    Schema.answer(["user": ["type": "string"], "state": Schema.state("All of it, or what is public")]),
                    "Each user of these channels"
                ),
            ])
        ),
        .init(
            name: "Channel",
            value: Schema.answer([
                "uuid": Schema.uuid("Drawn when the channel was made"),
                "name": ["type": "string"],
                "long_name": Schema.text("Always null").nullable,
                "settings": Schema.reference("ChannelConfigBody"),
                "history": Schema.list(Schema.reference("StoredMessage"), "Oldest first"),
                "last_active": Self.moment("When something was last said"),
                "total_connections": Schema.number("Connections that are subscribed"),
                "total_users": Schema.number("Users that are present"),
                "users": Schema.strings,
            ])
        ),
        .init(name: "Disconnected", value: Schema.boolean("Whether the connection was known")),
        .init(
            name: "AdminInfo",
            value: Schema.answer([
                "version": ["type": "string"],
                "uptime": Schema.text("As 1 day, 3:04:05"),
                "remembered_user_count": Schema.number("Users that are known"),
                "unique_user_count": Schema.number("Users that are connected"),
                "total_connections": Schema.number("Connections"),
                "total_channels": Schema.number("Channels"),
                "total_messages": Schema.number("Deliveries"),
                "total_unique_messages": Schema.number("Messages"),
                "channels": Schema.map(Schema.reference("Channel"), "By name"),
                "users": Schema.list(
                    Schema.answer([
                        "user": ["type": "string"],
                        "uuid": Schema.uuid("Drawn when the user was met"),
                        "state": Schema.state("What is public of it"),
                        "connections": Schema.strings,
                    ]),
                    "Who is connected"
                ),
            ])
        ),
        .init(
            name: "EraseReply",
            value: Schema.answer(
                [
                    "message": Schema.uuid("The target, if it is a message"),
                    "user": Schema.text("The target, if it is a user"),
                    "channel": Schema.text("The target, if it is a channel"),
                    "event": Schema.number("Number of the content.erased; null if nothing was there", minimum: 1)
                        .nullable,
                    "lines": Schema.number("Events that lost their content"),
                    "states": Schema.number("How many of them held values of the user's state"),
                    "messages": Schema.number("Messages that had not been deleted"),
                    "through": Schema.number("The last event that was looked at"),
                    "complete": Schema.boolean("Whether nothing is left up to there"),
                    "segments": Schema.strings,
                    "removed": Schema.strings,
                    "kept_elsewhere": Schema.strings,
                ],
                optional: ["message", "user", "channel"]
            )
        ),
    ]

    private static func subscription(_ changed: String) -> JSONTree {
        let common: JSONTree = ["channels": Schema.strings, "channels_info": Schema.reference("ChannelsInfo")]
        return Schema.answer(common.adding(.object([.init(name: changed, value: Schema.strings)])))
    }

    /// Not `date-time`: ours have no zone, those that were given keep theirs.
    private static func moment(_ description: String) -> JSONTree {
        Schema.text(description + " (ISO 8601; without a zone it is UTC)")
    }

    // MARK: Messages

    private static let messages: [JSONTree.Member] = [
        .init(
            name: "MessagesReply",
            value: Schema.list(Schema.reference("AcceptedMessage"), "What was accepted, in order, with defaults")
        ),
        .init(
            name: "AcceptedMessage",
            value: Schema.answer(Self.message.adding(Self.delivery), optional: Self.given.union(["type", "edited"]))
        ),
        .init(
            name: "StoredMessage",
            value: Schema.answer(
                Self.message.adding(Self.delivery).adding(["catchup": Schema.boolean("Always false")]),
                optional: ["message"]
            )
        ),
        .init(
            name: "Frames",
            value: Schema.list(Schema.reference("Frame"), "What happened, in order; empty if nothing")
        ),
        .init(
            name: "Frame",
            value: Schema.answer(
                Self.message.adding([
                    "catchup": Schema.boolean("Whether it happened while the client was away"),
                    "state": Schema.state("Of a presence: what is public of the user's state").nullable,
                    "users": Schema.list(["type": "object"], "Of a presence: who is there"),
                ]),
                optional: Self.given.union(["edited", "catchup", "state", "users"])
            )
        ),
    ]

    /// Extra keys of messages stand beside these.
    private static let message: JSONTree = [
        "type": [
            "type": "string",
            "enum": ["message", "message:edit", "message:delete", "presence", "user_state_change"],
        ],
        "uuid": Schema.uuid("The message"),
        "timestamp": Self.moment("When it was said"),
        "user": Schema.text("Who said it"),
        "channel": Schema.text("Where; null for private ones").nullable,
        "message": ["type": "object", "description": "What is said: any JSON inside"],
        "edited": Self.moment("When it was edited; null if it was not").nullable,
    ]

    /// Of an edit, only what it changes; of a deletion, none.
    private static let given: Set<String> = ["timestamp", "user", "message"]

    private static let delivery: JSONTree = [
        "pm_users": Schema.strings,
        "exclude_users": Schema.strings,
        "no_history": Schema.boolean("Whether it is kept out of the history"),
    ]

    // MARK: Looking back

    private static let past: [JSONTree.Member] = [
        .init(
            name: "ChannelHistory",
            value: Schema.answer([
                "channel": ["type": "string"],
                "as_of": Schema.number("The last event that counts"),
                "messages": Schema.list(
                    Schema.answer([
                        "seq": Schema.number("The event", minimum: 1),
                        "time": Self.moment("When it was written"),
                        "edited": Schema.boolean("Whether there are edits"),
                        "deleted": Schema.boolean("Whether there is a deletion"),
                        "erased": Schema.boolean("Whether content is gone from the log"),
                        "last_edit": Self.mark,
                        "deletion": Self.mark,
                        "message": Schema.reference("StoredMessage"),
                    ]),
                    "A page of them"
                ),
                "next": Self.nextPage,
            ])
        ),
        .init(
            name: "MessageLineage",
            value: Schema.answer([
                "uuid": Schema.uuid("The message"),
                "lines": Schema.list(
                    Schema.answer(
                        [
                            "seq": Schema.number("The event", minimum: 1),
                            "time": Self.moment("When it was written"),
                            "type": ["type": "string"],
                            "source": Schema.text("The node"),
                            "user": Schema.text("Who said it, or is named by an edit").nullable,
                            "channel": Schema.text("Where; null for private ones").nullable,
                            "timestamp": Self.moment("As it was given").nullable,
                            "edited": Self.moment("As it was given").nullable,
                            "content": Schema.map([:], "What people wrote").nullable,
                        ],
                        optional: ["user", "channel", "timestamp", "edited", "content"]
                    ),
                    "In order"
                ),
                "next": Self.nextPage,
            ])
        ),
    ]

    private static let mark = Schema.answer([
        "seq": Schema.number("The event", minimum: 1), "time": Self.moment("When it was written"),
    ]).nullable

    private static let nextPage: JSONTree = [
        "type": "object", "description": "The parameter that asks for the next page; null at the end",
        "additionalProperties": ["type": "integer", "minimum": 0], "x-nullable": true,
    ]

    // MARK: Evidence

    private static let evidence: [JSONTree.Member] = [
        .init(
            name: "InclusionProof",
            value: Schema.answer([
                "seq": Schema.number("The line", minimum: 1),
                "index": Schema.number("Of its leaf"),
                "size": Schema.number("Of the log, in lines", minimum: 1),
                "root": ["type": "string", "format": "byte"],
                "hashes": Schema.strings,
                "checkpoint": Self.checkpoint,
            ])
        ),
        .init(
            name: "ConsistencyProof",
            value: Schema.answer([
                "from": Schema.number("The smaller size"),
                "from_root": ["type": "string", "format": "byte"],
                "to": Schema.number("The larger size"),
                "to_root": ["type": "string", "format": "byte"],
                "hashes": Schema.strings,
                "checkpoint": Self.checkpoint,
            ])
        ),
        .init(
            name: "MessageProof",
            value: Schema.answer([
                "uuid": Schema.uuid("The message"),
                "event": Schema.text("post, edit, delete or erase").nullable,
                "seq": Schema.number("The line", minimum: 1),
                "erased": Schema.boolean("Whether the content is gone"),
                "line": Schema.text("The line, whose bytes are what is hashed"),
                "proof": Schema.text("The text form"),
            ])
        ),
    ]

    private static let checkpoint = Schema.text("The signed note; null where none of this size is recorded").nullable

    // MARK: Between nodes

    private static let nodes: [JSONTree.Member] = [
        .init(
            name: "LogOverview",
            value: Schema.answer([
                "log": Schema.text("Its id"),
                "node": Schema.text("Who answers"),
                "key": Schema.text("The verifier key that signs here"),
                "checkpoint": Schema.text("A signed note of all lines"),
                "first": Schema.number("The first line that is kept", minimum: 1),
                "end": Schema.number("The last line"),
                "max_body_size": Schema.number("Bytes that a request may have"),
                "segments": Schema.list(
                    Schema.answer([
                        "name": ["type": "string"], "size": Schema.number("In bytes"),
                        "sealed": Schema.boolean("Whether it grows no more"),
                    ]),
                    "In order"
                ),
            ])
        ),
        .init(
            name: "SnapshotOffer",
            value: Schema.answer(["snapshot": Schema.text("A signed note; null where there is none yet").nullable])
        ),
        .init(
            name: "ProposalReceipt",
            value: Schema.answer(
                [
                    "epoch": Schema.number("The follower's epoch, if it is known"),
                    "number": Schema.number("Its last proposal that was accepted"),
                    "end": Schema.number("The last line"),
                ],
                optional: ["epoch", "number", "end"]
            )
        ),
        .init(
            name: "LogStatus",
            value: Schema.answer(
                [
                    "role": ["type": "string", "enum": ["primary", "follower"]],
                    "node": ["type": "string"],
                    "log": Schema.text("Its id"),
                    "end": Schema.number("The last line"),
                    "primary": Schema.answer([
                        "url": ["type": "string"],
                        "node": Schema.text("Null before the first contact").nullable,
                        "end": Schema.number("The last line"),
                        "reachable": Schema.boolean("Whether the last contact worked"),
                        "last_contact_ms": Schema.number("How long ago; null before the first").nullable,
                        "checkpoint_size": Schema.number("Of the newest checkpoint that was seen"),
                    ]),
                    "stalled": Schema.text("On a follower: why it takes nothing at present; null if it does").nullable,
                    "lag_events": Schema.number("On a follower"),
                    "lag_bytes": Schema.number("On a follower"),
                    "lag_ms": Schema.number("On a follower"),
                    "followers": Schema.list(
                        Schema.answer([
                            "node": ["type": "string"],
                            "end": Schema.number("The last line that it has"),
                            "lag_events": Schema.number("Lines that it has not"),
                            "last_contact_ms": Schema.number("How long ago"),
                        ]),
                        "Who follows this node"
                    ),
                ],
                optional: ["primary", "stalled", "lag_events", "lag_bytes", "lag_ms"]
            )
        ),
        .init(
            name: "Promotion",
            value: Schema.answer([
                "promoting": ["type": "boolean"],
                "end": Schema.number("The last line"),
                "missing_up_to": Schema.number("The last line that the primary had shown; null if it is here").nullable,
            ])
        ),
    ]

    // MARK: Refusals

    private static let refusals: [JSONTree.Member] = [
        .init(
            name: "Errors",
            value: ["type": "object", "description": "Field to list of messages, or to an object of the same shape"]
        ),
        .init(name: "Refusal", value: Schema.answer(["request": Schema.list(["type": "string"], "Why")])),
        .init(
            name: "BadSignature",
            value: Schema.answer(["request": ["type": "string", "enum": ["Bad Signature"]]])
        ),
    ]

    /// The refusals of a call, by status, beside what its signature may bring about.
    static func refusals(_ statuses: [Int], _ own: [Int: String] = [:]) -> JSONTree {
        .object(
            (statuses + own.keys).sorted().map { status in
                let description = own[status] ?? Self.descriptions[status] ?? ""
                let body = status == 422 ? "Errors" : status == 401 && own[401] == nil ? "BadSignature" : "Refusal"
                return .init(
                    name: "\(status)",
                    value: ["description": .string(description), "schema": Schema.reference(body)]
                )
            }
        )
    }

    private static let descriptions = [
        400: "The body is no JSON",
        401: "The signature is wrong or too old",
        403: "No signature, or from an address that may not call",
        404: "The log says nothing about it",
        410: "What was before that place is not kept any more",
        413: "The body is too large",
        415: "The body has a Content-Encoding",
        421: "This node is a follower",
        422: "What is wrong, by field",
        500: "The log cannot be read",
        503: "Not now: come back after Retry-After",
    ]

    /// Of every call with a body.
    static let ofBodies = [400, 413, 415, 422, 503]
}
