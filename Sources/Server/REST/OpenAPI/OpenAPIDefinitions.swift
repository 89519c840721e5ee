import Archive
import Following
import Hub
import Projections

/// The bodies of the HTTP API, by name, and the answers to them.
enum OpenAPIDefinitions {
    private typealias Schema = OpenAPISchema

    static let all: JSONTree = .object(Self.bodies + Self.messageBodies + OpenAPIAnswers.all)

    // MARK: - Bodies

    private static let bodies: [JSONTree.Member] = [
        .init(
            name: "ConnectBody",
            value: Schema.object(
                required: ["username"],
                [
                    "username": Schema.name(NameLimit.user, "Identifier of the user"),
                    "conn_id": Schema.uuid("Identifier of the connection; drawn when it is missing"),
                    "channels": Schema.list(
                        Schema.name(NameLimit.channel),
                        "Channels to subscribe to, created when missing"
                    ),
                    "fresh_user_state": Schema.state("State of a user who is not known yet"),
                    "user_state": Schema.state("Values merged over the state"),
                    "state_public_keys": Schema.list(
                        Schema.name(NameLimit.stateKey),
                        "Keys that others may see; replaces the ones there are"
                    ),
                    "channel_configs": Schema.settingsByChannel,
                    "info": Schema.reference("InfoOptions"),
                ]
            )
        ),
        .init(name: "SubscribeBody", value: Self.subscription),
        .init(name: "UnsubscribeBody", value: Self.subscription),
        .init(
            name: "UserStateBody",
            value: Schema.object(
                required: ["user"],
                [
                    "user": Schema.name(NameLimit.user, "A user who is known"),
                    "user_state": Schema.state("Values merged over the state"),
                    "state_public_keys": Schema.list(
                        Schema.name(NameLimit.stateKey),
                        "Keys that others may see; left out or null keeps the ones there are"
                    ).nullable,
                ]
            )
        ),
        .init(name: "ChannelConfigsBody", value: Schema.settingsByChannel),
        .init(
            name: "ChannelConfigBody",
            value: Schema.object(
                required: [],
                [
                    "notify_presence": Schema.boolean(
                        default: Self.defaults.notifyPresence,
                        "Announce who joined and who parted"
                    ),
                    "store_history": Schema.boolean(default: Self.defaults.storesHistory, "Keep messages for info"),
                    "history_size": Schema.number("How many messages are kept").adding([
                        "maximum": .integer(Int(UInt32.max)), "default": .integer(Int(Self.defaults.historySize)),
                    ]),
                    "broadcast_presence_with_user_lists": Schema.boolean(
                        default: Self.defaults.broadcastsUserLists,
                        "Announce with the list of users present"
                    ),
                    "notify_state": Schema.boolean(
                        default: Self.defaults.notifyState,
                        "Announce changes of public state"
                    ),
                    "store_frames": Schema.boolean(default: Self.defaults.storesFrames, "Keep frames for catch-up"),
                ]
            )
        ),
        .init(
            name: "ChannelInfoBody",
            value: Schema.object(required: ["info"], ["info": Schema.reference("InfoOptions")])
        ),
        .init(
            name: "InfoOptions",
            value: Schema.object(
                required: [],
                [
                    "channels": Schema.list(
                        Schema.name(NameLimit.channel),
                        "Which channels; all when it is missing (/info only)"
                    ),
                    "exclude_channels": Schema.list(Schema.name(NameLimit.channel), "Which channels not"),
                    "include_history": Schema.boolean(default: true, "Show the messages kept"),
                    "include_users": Schema.boolean(default: true, "Show the users present"),
                    "include_connections": Schema.boolean(default: false, "Without effect"),
                    "return_public_state": Schema.boolean(default: false, "Show only the public part of states"),
                ]
            )
        ),
        .init(
            name: "DisconnectBody",
            value: Schema.object(required: ["conn_id"], ["conn_id": Schema.uuid("The connection to end")])
        ),
        .init(
            name: "EraseBody",
            value: Schema.object(
                required: ["reason"],
                [
                    "message": Schema.uuid("A message: exactly one of message, user and channel is needed").nullable,
                    "user": Schema.name(NameLimit.user, "A user").nullable,
                    "channel": Schema.name(NameLimit.channel, "A channel").nullable,
                    "reason": Schema.name(1024, "Why; stays in the log"),
                    "ordered_by": Schema.name(256, "Who wants it; stays in the log").nullable,
                    "forget": Schema.boolean(default: false, "With a channel: forget it as well"),
                ],
                isOpen: false
            )
        ),
    ]

    private static let defaults = ChannelSettings()

    private static let subscription = Schema.object(
        required: ["conn_id", "channels"],
        [
            "conn_id": Schema.uuid("The connection; may come as a query parameter instead"),
            "channels": Schema.list(Schema.name(NameLimit.channel), "Which channels").adding(["minItems": 1]),
            "channel_configs": Schema.settingsByChannel,
            "info": Schema.reference("InfoOptions"),
        ]
    )

    // MARK: - Messages

    private static let messageBodies: [JSONTree.Member] = [
        .init(name: "MessagesBody", value: Schema.list(Schema.reference("MessageBody"), "Messages to send, in order")),
        .init(
            name: "MessageBody",
            value: Schema.object(
                required: ["user"],
                Self.delivery.adding([
                    "uuid": Schema.uuid("Identifier of the message; drawn when it is missing"),
                    "timestamp": Schema.dateTime("When it was said; now when it is missing"),
                    "user": Schema.name(NameLimit.user, "Who says it; need not be known"),
                    "message": Self.message,
                ])
            )
        ),
        .init(name: "MessageEditBody", value: Schema.list(Schema.reference("MessageEdit"), "Edits, in order")),
        .init(
            name: "MessageEdit",
            value: Schema.object(
                required: ["uuid"],
                Self.delivery.adding([
                    "uuid": Schema.uuid("The message that is edited"),
                    "timestamp": Schema.dateTime("Another moment at which it was said"),
                    "user": Schema.name(NameLimit.user, "Another author"),
                    "message": Self.message,
                    "edited": Schema.dateTime("When it was edited; now when it is missing"),
                ])
            )
        ),
        .init(name: "MessagesDeleteBody", value: Schema.list(Schema.reference("MessageDelete"), "Deletions, in order")),
        .init(
            name: "MessageDelete",
            value: Schema.object(
                required: ["uuid"],
                Self.delivery.adding(["uuid": Schema.uuid("The message that is deleted")])
            )
        ),
    ]

    private static let delivery: JSONTree = [
        "channel": Schema.name(NameLimit.channel, "The channel it goes to").nullable,
        "pm_users": Schema.list(Schema.name(NameLimit.user), "Only these users get it"),
        "exclude_users": Schema.list(Schema.name(NameLimit.user), "These users do not get it; stronger than pm_users"),
        "no_history": Schema.boolean(default: false, "Keep it out of the history"),
    ]

    private static let message: JSONTree = [
        "type": "object", "description": "What is said: any JSON inside", "additionalProperties": true,
    ]
}
