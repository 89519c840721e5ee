/// How a channel behaves; what a caller leaves out has these defaults.
package struct ChannelSettings: Hashable, Sendable {
    package var notifyPresence = false
    package var broadcastsUserLists = false
    package var notifyState = false
    package var storesHistory = false
    /// Messages kept when `storesHistory`.
    package var historySize: UInt32 = 10
    package var storesFrames = true

    package init() {}
}
