package import NIOCore

/// How much one listener may cost, and how often it is greeted.
package struct FanOutSettings: Sendable {
    /// Encoded frames that a shard keeps for sockets that fell behind, in bytes.
    package var ringSize = 4 * 1024 * 1024
    /// Consecutive frames for one audience share a list, and so one write, up to this size in bytes.
    package var runSize = 32 * 1024
    /// Between two heartbeats of a socket.
    package var heartbeatInterval = TimeAmount.seconds(5)
    /// A socket that takes nothing for as many heartbeats is cut.
    package var missedHeartbeats = 12
    /// How long the other side may take over the close handshake.
    package var closeTimeout = TimeAmount.seconds(5)
    /// Channels that a socket may leave while it is behind; beyond it the socket counts as too slow.
    package var leftChannelCount = 64
    /// The largest message that a client may send on a websocket, in bytes; beyond it the socket is closed with 1009.
    package var clientMessageSize = 64 * 1024
    package var poll = PollSettings()

    package init() {}
}

/// The clock of `GET /listen`, and what is kept between two polls.
package struct PollSettings: Sendable {
    /// For a first message.
    package var wait = TimeAmount.seconds(5)
    /// Without another message, once there is one.
    package var quiet = TimeAmount.milliseconds(250)
    /// Between the first message and the answer, however many follow.
    package var gathering = TimeAmount.seconds(2)
    /// The last frames of each channel.
    package var channelFrameCount = 100
    /// The last frames outside of channels.
    package var privateFrameCount = 50

    package init() {}
}
