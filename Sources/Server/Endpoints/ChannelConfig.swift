import HTTPTypes
import Hub
import Web

extension HubEndpoints {
    /// `POST /channel_config`: creates channels or gives them other settings.
    var channelConfig: Endpoint {
        let operation = Operation(
            "channel_config",
            "Creates channels or gives them other settings",
            takes: "ChannelConfigsBody",
            answers: "ChannelsInfo"
        )
        return self.backend(.post, "/channel_config", operation, ChannelConfigBody.read) { .configureChannels($0) }
    }
}
