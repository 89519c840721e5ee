package import LogValues
package import Projections

/// News of listeners and nodes, which nobody waits to be answered for.
package enum Notice: Sendable {
    /// The listener of that ticket has everything that its connection had missed.
    case caughtUp(ConnectionID, AttachmentTicket)
    /// The listener of that ticket has said goodbye: closes the connection unless a newer one took it up.
    case listenerClosed(ConnectionID, AttachmentTicket)
    /// The listener of that ticket is gone without a goodbye, and had surely received everything up to an event: the
    /// connection waits for another one, unless a newer one took it up.
    case listenerLost(ConnectionID, AttachmentTicket, seen: SequenceNumber)
    /// The client of a long poll showed itself; no event, only the expiry clock.
    case signOfLife(ConnectionID)
    /// Another node of this log showed itself, and with it clients that listen there; no event.
    case nodeSeen(NodeName, alive: [ConnectionID])
}
