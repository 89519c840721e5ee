/// The counts over the whole life of the log.
package struct Statistics: Hashable, Sendable {
    /// Messages accepted, edits and deletions not counted.
    package internal(set) var totalUniqueMessages: UInt64 = 0
    /// Deliveries of messages: one per connection reached, with or without a listener.
    package internal(set) var totalMessages: UInt64 = 0
    /// Events of types that this release does not know.
    ///
    /// Not in the state digest: a node of another release, which knows more types, counts fewer.
    package internal(set) var unknownEvents: UInt64 = 0

    init() {}
}
