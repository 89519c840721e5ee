import HTTPTypes
import Hub
import Web

extension HubEndpoints {
    /// `POST /channel_config`: creates channels or gives them other settings.
    var channelConfig: Endpoint {
        self.backend(.post, "/channel_config", ChannelConfigBody.read) { .configureChannels($0) }
    }
}
