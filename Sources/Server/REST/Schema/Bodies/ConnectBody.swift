import Hub
import LogValues
import Projections
import RawJSON
import Web

/// The body of `POST /connect`.
struct ConnectBody: ObjectBody {
    private var user = Field<UserName>.absent
    private var connection = Field<ConnectionID>.absent
    private var channels = Field<[ChannelName]>.absent
    private var freshState = Field<RawJSON>.absent
    private var state = Field<RawJSON>.absent
    private var publicKeys = Field<[[UInt8]]>.absent
    private var channelSettings = Field<[ChannelName: ChannelSettings]>.absent
    private var info = Field<InfoOptions>.absent

    init() {}

    mutating func readMember(_ name: JSONString, from scanner: inout JSONScanner) throws(RawJSONError) {
        switch name {
        case "username":
            self.user = try UserNameField().read(from: &scanner)
        case "conn_id":
            self.connection = try UUIDField().read(from: &scanner)
        case "channels":
            self.channels = try ListField(item: ChannelNameField()).read(from: &scanner)
        case "fresh_user_state":
            self.freshState = try ScalarMapField().read(from: &scanner)
        case "user_state":
            self.state = try ScalarMapField().read(from: &scanner)
        case "state_public_keys":
            self.publicKeys = try ListField(item: StateKeyField()).read(from: &scanner)
        case "channel_configs":
            self.channelSettings = try ChannelSettingsMapField().read(from: &scanner)
        case "info":
            self.info = try NestedField<InfoOptionsBody>().read(from: &scanner)
        default:
            try scanner.skipValue()
        }
    }

    func finish() -> Result<Command.Connect, ValidationFailure> {
        var errors = ValidationErrors()
        let user = errors.require(self.user, "username")
        errors.collect(self.connection, "conn_id")
        errors.collect(self.channels, "channels")
        errors.collect(self.publicKeys, "state_public_keys")
        errors.collect(self.freshState, "fresh_user_state")
        errors.collect(self.state, "user_state")
        errors.collect(self.channelSettings, "channel_configs")
        errors.collect(self.info, "info")
        guard let user, errors.isEmpty else { return .failure(ValidationFailure(errors: errors)) }
        return .success(
            Command.Connect(
                user: user,
                connection: self.connection.value,
                channels: self.channels.value?.uniqued() ?? [],
                channelSettings: self.channelSettings.value ?? [:],
                freshState: self.freshState.value,
                state: self.state.value,
                publicKeys: self.publicKeys.value ?? [],
                info: self.info.value ?? InfoOptions()
            )
        )
    }
}
