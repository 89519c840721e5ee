import Archive
package import NIOCore

/// How much one listener may cost, and how often it is greeted.
package struct FanOutSettings: Sendable {
    /// Encoded frames that a shard keeps for sockets that fell behind, in bytes.
    package var ringSize = 2 * 1024 * 1024
    /// The same for frames that the ring has dropped and the log cannot tell of: presence and changes of state.
    package var asideSize = 2 * 1024 * 1024
    /// Consecutive frames for one audience share a list, and so one write, up to this size in bytes.
    package var runSize = 32 * 1024
    /// How long a frame may wait for others, under load, so that they share a write.
    ///
    /// With a frame every 7 ms for each of many sockets, six share one.
    package var longestHold = TimeAmount.milliseconds(40)
    /// Between two heartbeats of a socket.
    package var heartbeatInterval = TimeAmount.microseconds(LogReplay.uncertainty)
    /// A socket that takes nothing for as many heartbeats is cut.
    package var missedHeartbeats = 12
    /// How long the other side may take over the close handshake.
    package var closeTimeout = TimeAmount.seconds(5)
    /// Channels that a socket may leave while it is behind; beyond it the socket counts as too slow.
    package var leftChannelCount = 64
    /// The largest message that a client may send, in bytes; beyond it 1009, as for the next one.
    ///
    /// Nothing of it is kept; the limit is for messages that never end.
    package var messageSize = 16 * 1024 * 1024
    /// The frames of one message.
    package var fragmentCount = 64 * 1024
    package var handshake = WebSocketHandshake()
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
    /// The bytes that may wait between two polls, and about those of an answer; beyond them the next polls are told what the
    /// hub keeps, answer by answer.
    package var answerSize = 512 * 1024

    package init() {}
}
