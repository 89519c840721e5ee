package import Projections

/// Where a socket catches up from that fell behind further than its shard remembers: the log, or the hub's state.
package protocol CatchUpSource: Sendable {
    /// What the connection missed since a position, under the rules of delivery.
    ///
    /// The reply is called once, from any thread, with nil when it cannot be told without a gap.
    func frames(
        for connection: ConnectionID,
        after position: Position,
        reply: @escaping @Sendable (CatchUp?) -> Void
    )
}

/// Frames in order.
package struct CatchUp: Sendable {
    package let frames: [Frame]
    /// Everything up to this event is in `frames`; the last event of a ``ChangeBatch``.
    package let through: Position

    package init(frames: [Frame], through: Position) {
        self.frames = frames
        self.through = through
    }
}
