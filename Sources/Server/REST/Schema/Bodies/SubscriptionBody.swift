import Hub
import LogValues
import Projections
import RawJSON
import Web

/// The body of `POST /subscribe` and `POST /unsubscribe`.
struct SubscriptionBody: ObjectBody {
    private var connection = Field<ConnectionID>.absent
    private var channels = Field<[ChannelName]>.absent
    private var channelSettings = Field<[ChannelName: ChannelSettings]>.absent
    private var info = Field<InfoOptions>.absent

    init() {}

    mutating func readMember(_ name: JSONString, from scanner: inout JSONScanner) throws(RawJSONError) {
        switch name {
        case "conn_id":
            self.connection = try UUIDField().read(from: &scanner)
        case "channels":
            self.channels = try ListField(item: ChannelNameField(), minimumCount: 1).read(from: &scanner)
        case "channel_configs":
            self.channelSettings = try ChannelSettingsMapField().read(from: &scanner)
        case "info":
            self.info = try NestedField<InfoOptionsBody>().read(from: &scanner)
        default:
            try scanner.skipValue()
        }
    }

    func finish() -> Result<Draft, ValidationFailure> {
        .success(Draft(body: self))
    }

    /// A body that was read, and whose connection may still come from the query.
    struct Draft {
        fileprivate var body: SubscriptionBody

        /// The command; the query parameter `conn_id` counts only if the body has none.
        func finish(queryConnection: [UInt8]?) -> Result<Command.Subscription, ValidationFailure> {
            var body = self.body
            if case .absent = body.connection, let queryConnection {
                body.connection = UUIDField.read(queryConnection.span)
            }
            return body.command()
        }
    }

    private func command() -> Result<Command.Subscription, ValidationFailure> {
        var errors = ValidationErrors()
        let connection = errors.require(self.connection, "conn_id")
        let channels = errors.require(self.channels, "channels")
        errors.collect(self.info, "info")
        errors.collect(self.channelSettings, "channel_configs")
        guard let connection, let channels, errors.isEmpty else {
            return .failure(ValidationFailure(errors: errors, subject: connection.map { .connection($0) }))
        }
        return .success(
            Command.Subscription(
                connection: connection,
                channels: channels.uniqued(),
                channelSettings: self.channelSettings.value ?? [:],
                info: self.info.value ?? InfoOptions()
            )
        )
    }
}
