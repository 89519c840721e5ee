package import Projections

extension Event {
    /// The event as a log whose contents were erased has it.
    package var redacted: Event {
        let payload: Payload =
            switch self.payload {
            case .userConnected(let connected):
                .userConnected(
                    UserConnected(
                        seed: connected.seed,
                        connection: connected.connection,
                        user: connected.user,
                        channels: connected.channels,
                        publicKeys: connected.publicKeys,
                        content: connected.content?.erased
                    )
                )
            case .userStateChanged(let changed):
                .userStateChanged(
                    UserStateChanged(
                        seed: changed.seed,
                        user: changed.user,
                        publicKeys: changed.publicKeys,
                        content: changed.content?.erased
                    )
                )
            case .messagePosted(let message):
                .messagePosted(
                    MessagePosted(
                        uuid: message.uuid,
                        user: message.user,
                        addressing: message.addressing,
                        keepsOutOfHistory: message.keepsOutOfHistory,
                        timestamp: message.timestamp,
                        content: message.content?.erased
                    )
                )
            case .messageEdited(let edit):
                .messageEdited(
                    MessageEdited(
                        uuid: edit.uuid,
                        addressing: edit.addressing,
                        keepsOutOfHistory: edit.keepsOutOfHistory,
                        user: edit.user,
                        timestamp: edit.timestamp,
                        edited: edit.edited,
                        content: edit.content?.erased,
                        keepsMessage: edit.keepsMessage
                    )
                )
            case .nodeStarted, .nodeStopped, .connectionSubscribed, .connectionUnsubscribed, .connectionAttached,
                .connectionDetached, .connectionClosed, .userForgotten, .channelConfigured, .channelForgotten,
                .messageDeleted, .contentErased, .logCheckpointed, .logKeyChanged, .logDropped, .unknown:
                self.payload
            }
        return Event(time: self.time, source: self.source, payload: payload)
    }
}
