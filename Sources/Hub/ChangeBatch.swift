package import LogValues
package import Projections

/// The changes of one commit, in order; every shard gets every batch once.
package struct ChangeBatch: Sendable {
    package let changes: [Change]
    /// For each `Change.attached` of this node, by its index in `changes`, the listener that asked for it.
    package let tickets: [Int: AttachmentTicket]
    /// The last event of the batch.
    package let position: SequenceNumber

    package init(changes: [Change], tickets: [Int: AttachmentTicket], position: SequenceNumber) {
        self.changes = changes
        self.tickets = tickets
        self.position = position
    }
}
