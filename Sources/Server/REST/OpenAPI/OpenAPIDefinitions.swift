import Projections

/// The bodies and answers of the HTTP API, by name.
enum OpenAPIDefinitions {
    static let all: JSONTree = .object(Self.bodies + Self.messageBodies + Self.answers)

    static func reference(_ name: String) -> JSONTree {
        ["$ref": .string("#/definitions/\(name)")]
    }

    // MARK: - Bodies

    private static let bodies: [JSONTree.Member] = [
        .init(
            name: "ConnectBody",
            value: Self.object(
                required: ["username"],
                [
                    "username": Self.name(NameLimit.user, "Identifier of the user"),
                    "conn_id": Self.uuid("Identifier of the connection; drawn when it is missing"),
                    "channels": Self.list(
                        Self.name(NameLimit.channel),
                        "Channels to subscribe to, created when missing"
                    ),
                    "fresh_user_state": Self.state("State of a user who is not known yet"),
                    "user_state": Self.state("Values merged over the state"),
                    "state_public_keys": Self.list(
                        Self.name(NameLimit.stateKey),
                        "Keys that others may see; replaces the ones there are"
                    ),
                    "channel_configs": Self.settingsByChannel,
                    "info": Self.reference("InfoOptions"),
                ]
            )
        ),
        .init(name: "SubscribeBody", value: Self.subscription),
        .init(name: "UnsubscribeBody", value: Self.subscription),
        .init(
            name: "UserStateBody",
            value: Self.object(
                required: ["user"],
                [
                    "user": Self.name(NameLimit.user, "A user who is known"),
                    "user_state": Self.state("Values merged over the state"),
                    "state_public_keys": Self.list(
                        Self.name(NameLimit.stateKey),
                        "Keys that others may see; left out or null keeps the ones there are"
                    ).adding(["x-nullable": true]),
                ]
            )
        ),
        .init(name: "ChannelConfigsBody", value: Self.settingsByChannel),
        .init(
            name: "ChannelConfigBody",
            value: Self.object(
                required: [],
                [
                    "notify_presence": Self.boolean(
                        default: Self.defaults.notifyPresence,
                        "Announce who joined and who parted"
                    ),
                    "store_history": Self.boolean(default: Self.defaults.storesHistory, "Keep messages for info"),
                    "history_size": [
                        "type": "integer", "minimum": 0, "maximum": .integer(Int(UInt32.max)),
                        "default": .integer(Int(Self.defaults.historySize)),
                        "description": "How many messages are kept",
                    ],
                    "broadcast_presence_with_user_lists": Self.boolean(
                        default: Self.defaults.broadcastsUserLists,
                        "Announce with the list of users present"
                    ),
                    "notify_state": Self.boolean(
                        default: Self.defaults.notifyState,
                        "Announce changes of public state"
                    ),
                    "store_frames": Self.boolean(default: Self.defaults.storesFrames, "Keep frames for catch-up"),
                ]
            )
        ),
        .init(name: "ChannelInfoBody", value: Self.object(required: ["info"], ["info": Self.reference("InfoOptions")])),
        .init(
            name: "InfoOptions",
            value: Self.object(
                required: [],
                [
                    "channels": Self.list(
                        Self.name(NameLimit.channel),
                        "Which channels; all when it is missing (/info only)"
                    ),
                    "exclude_channels": Self.list(Self.name(NameLimit.channel), "Which channels not"),
                    "include_history": Self.boolean(default: true, "Show the messages kept"),
                    "include_users": Self.boolean(default: true, "Show the users present"),
                    "include_connections": Self.boolean(default: false, "Without effect"),
                    "return_public_state": Self.boolean(default: false, "Show only the public part of states"),
                ]
            )
        ),
        .init(
            name: "DisconnectBody",
            value: Self.object(required: ["conn_id"], ["conn_id": Self.uuid("The connection to end")])
        ),
    ]

    private static let subscription = Self.object(
        required: ["conn_id", "channels"],
        [
            "conn_id": Self.uuid("The connection; may come as a query parameter instead"),
            "channels": Self.list(Self.name(NameLimit.channel), "Which channels").adding(["minItems": 1]),
            "channel_configs": Self.settingsByChannel,
            "info": Self.reference("InfoOptions"),
        ]
    )

    // MARK: - Messages

    private static let messageBodies: [JSONTree.Member] = [
        .init(name: "MessagesBody", value: Self.list(Self.reference("MessageBody"), "Messages to send, in order")),
        .init(
            name: "MessageBody",
            value: Self.object(
                required: ["user"],
                Self.delivery.adding([
                    "uuid": Self.uuid("Identifier of the message; drawn when it is missing"),
                    "timestamp": Self.dateTime("When it was said; now when it is missing"),
                    "user": Self.name(NameLimit.user, "Who says it; need not be known"),
                    "message": Self.message,
                ]),
                isOpen: true
            )
        ),
        .init(name: "MessageEditBody", value: Self.list(Self.reference("MessageEdit"), "Edits, in order")),
        .init(
            name: "MessageEdit",
            value: Self.object(
                required: ["uuid"],
                Self.delivery.adding([
                    "uuid": Self.uuid("The message that is edited"),
                    "timestamp": Self.dateTime("Another moment at which it was said"),
                    "user": Self.name(NameLimit.user, "Another author"),
                    "message": Self.message,
                    "edited": Self.dateTime("When it was edited; now when it is missing"),
                ]),
                isOpen: true
            )
        ),
        .init(name: "MessagesDeleteBody", value: Self.list(Self.reference("MessageDelete"), "Deletions, in order")),
        .init(
            name: "MessageDelete",
            value: Self.object(
                required: ["uuid"],
                Self.delivery.adding(["uuid": Self.uuid("The message that is deleted")])
            )
        ),
    ]

    private static let delivery: JSONTree = [
        "channel": Self.name(NameLimit.channel, "The channel it goes to").adding(["x-nullable": true]),
        "pm_users": Self.list(Self.name(NameLimit.user), "Only these users get it"),
        "exclude_users": Self.list(Self.name(NameLimit.user), "These users do not get it; stronger than pm_users"),
        "no_history": Self.boolean(default: false, "Keep it out of the history"),
    ]

    private static let message: JSONTree = [
        "type": "object", "description": "What is said: any JSON inside", "additionalProperties": true,
    ]

    // MARK: - Answers

    private static let answers: [JSONTree.Member] = [
        .init(
            name: "ConnectReply",
            value: Self.answer([
                "conn_id": Self.uuid("The connection"),
                "username": ["type": "string"],
                "state": ["type": "object"],
                "public_state": ["type": "object"],
                "channels": Self.strings,
                "channels_info": Self.reference("ChannelsInfo"),
            ])
        ),
        .init(name: "SubscribeReply", value: Self.subscriptionReply("subscribed_to")),
        .init(name: "UnsubscribeReply", value: Self.subscriptionReply("unsubscribed_from")),
        .init(
            name: "UserStateReply",
            value: Self.answer([
                "user_state": ["type": "object"],
                "changed_state": ["type": "array", "items": ["type": "object"]],
                "public_keys": Self.strings,
            ])
        ),
        .init(name: "MessagesReply", value: ["type": "array", "items": ["type": "object"]]),
        .init(
            name: "ChannelsInfo",
            value: Self.answer([
                "channels": ["type": "object", "additionalProperties": ["type": "object"]],
                "users": ["type": "array", "items": ["type": "object"]],
            ])
        ),
        .init(
            name: "ChannelHistory",
            value: Self.answer([
                "channel": ["type": "string"],
                "as_of": ["type": "integer", "description": "The last event that counts"],
                "messages": ["type": "array", "items": ["type": "object"]],
                "next": Self.nextPage,
            ])
        ),
        .init(
            name: "MessageLineage",
            value: Self.answer([
                "uuid": Self.uuid("The message"),
                "lines": ["type": "array", "items": ["type": "object"]],
                "next": Self.nextPage,
            ])
        ),
        .init(name: "AdminInfo", value: ["type": "object"]),
        .init(
            name: "EraseBody",
            value: Self.object(
                required: ["reason"],
                [
                    "message": Self.uuid("A message: exactly one of message, user and channel is needed"),
                    "user": Self.name(512, "A user"),
                    "channel": Self.name(256, "A channel"),
                    "reason": Self.name(1024, "Why; stays in the log"),
                    "ordered_by": Self.name(256, "Who wants it; stays in the log"),
                    "forget": ["type": "boolean", "description": "With a channel: forget it as well"],
                ]
            )
        ),
        .init(
            name: "EraseReply",
            value: Self.answer([
                "event": ["type": "integer", "description": "Number of the content.erased; null if nothing was there"],
                "lines": ["type": "integer", "description": "Events that lost their content"],
                "states": ["type": "integer", "description": "How many of them held values of the user's state"],
                "messages": ["type": "integer", "description": "Messages that had not been deleted"],
                "through": ["type": "integer", "description": "The last event that was looked at"],
                "complete": ["type": "boolean", "description": "Whether nothing is left up to there"],
                "segments": Self.strings,
                "removed": Self.strings,
            ])
        ),
        .init(name: "Frames", value: ["type": "array", "items": ["type": "object"]]),
        .init(name: "Disconnected", value: ["type": "boolean", "description": "Whether the connection was known"]),
        .init(
            name: "Errors",
            value: ["type": "object", "description": "Field to list of messages, or to an object of the same shape"]
        ),
    ]

    private static let nextPage: JSONTree = [
        "type": "object", "description": "The parameter that asks for the next page; null at the end",
    ]

    private static func subscriptionReply(_ changed: String) -> JSONTree {
        let common: JSONTree = ["channels": self.strings, "channels_info": self.reference("ChannelsInfo")]
        return self.answer(common.adding(.object([.init(name: changed, value: self.strings)])))
    }

    // MARK: - Types

    private static let defaults = ChannelSettings()

    private static func object(required: [String], _ properties: JSONTree, isOpen: Bool = false) -> JSONTree {
        var object: JSONTree = ["type": "object"]
        if !required.isEmpty {
            object = object.adding(["required": .array(required.map(JSONTree.string))])
        }
        return object.adding(["properties": properties, "additionalProperties": .bool(isOpen)])
    }

    private static func answer(_ properties: JSONTree) -> JSONTree {
        ["type": "object", "properties": properties]
    }

    private static func name(_ maximum: Int, _ description: String? = nil) -> JSONTree {
        let type: JSONTree = ["type": "string", "minLength": 1, "maxLength": .integer(maximum)]
        return description.map { type.adding(["description": .string($0)]) } ?? type
    }

    private static func uuid(_ description: String) -> JSONTree {
        ["type": "string", "format": "uuid", "description": .string(description)]
    }

    private static func dateTime(_ description: String) -> JSONTree {
        ["type": "string", "format": "date-time", "description": .string(description)]
    }

    private static func boolean(default value: Bool, _ description: String) -> JSONTree {
        ["type": "boolean", "default": .bool(value), "description": .string(description)]
    }

    private static func list(_ item: JSONTree, _ description: String) -> JSONTree {
        ["type": "array", "items": item, "description": .string(description)]
    }

    private static let strings: JSONTree = ["type": "array", "items": ["type": "string"]]

    private static func state(_ description: String) -> JSONTree {
        [
            "type": "object", "description": .string(description),
            "additionalProperties": ["description": "A string, a number, a boolean or null"],
        ]
    }

    private static let settingsByChannel: JSONTree = [
        "type": "object", "description": "Settings by channel, for channels that are created",
        "additionalProperties": ["$ref": "#/definitions/ChannelConfigBody"],
    ]
}
