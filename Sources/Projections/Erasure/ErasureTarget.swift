package import LogValues

/// The person, the message or the channel that an erasure is about.
package enum ErasureTarget: Hashable, Sendable {
    /// A message: its post and all its edits.
    case message(UUID128)
    /// All that a user wrote: messages with their edits, edits under the user's name, and values of the user's state.
    case user(UserName)
    /// All messages of a channel, and their edits.
    case channel(ChannelName)
}
