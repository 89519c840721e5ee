package import LogValues

/// Whose contents are to be erased.
package enum ErasureTarget: Hashable, Sendable {
    /// A message: its post and all its edits.
    case message(UUID128)
    /// What a user wrote: messages with all their edits, edits under the user's name, and values of the user's state.
    case user(UserName)
    /// All messages of a channel, and their edits.
    case channel(ChannelName)
}
