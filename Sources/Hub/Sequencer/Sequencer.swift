package import EventLog
package import LogValues
package import Projections

/// Decides the order of events and makes them durable: the one seam for scale.
///
/// Embedded, the local log is the order (`LocalSequencer`). In a cluster a replicated log engine decides it, and every
/// node still writes the same local segments. A proposal therefore carries no sequence number: each node numbers the
/// accepted events itself, so that lines, roots and digests are the same everywhere.
package protocol Sequencer: Sendable {
    /// Begins to deliver what is committed after a position, in order, one call a commit, on a thread of the sequencer
    /// or on that of ``propose(_:)``.
    func start(after position: SequenceNumber, deliver: @escaping @Sendable (Delivery) -> Void)

    /// Hands in proposals; never waits for a disk or a network. Handing in the same proposal again is safe.
    ///
    /// Called by one at a time: the order of the calls is the order of the proposals. What is committed before this
    /// returns is delivered from within it.
    func propose(_ proposals: [Proposal])

    /// Everything up to here is applied and covered by a checkpoint: the order need not be kept elsewhere any longer.
    func release(upTo position: SequenceNumber)

    /// A client showed itself: no event, but whoever ends silent connections must know.
    func signOfLife(_ connection: ConnectionID)

    /// Commits what was proposed, then ends; nothing is delivered after it returns. Blocks: not for an event loop.
    func close()
}

extension Sequencer {
    /// Where the order is decided here, the hub's own clock is all there is.
    package func signOfLife(_ connection: ConnectionID) {}
}

/// Events that are committed all or none, as one command asked for them.
package struct Proposal: Sendable {
    package let id: ProposalID
    /// At least one.
    package let events: [Event]

    package init(id: ProposalID, events: [Event]) {
        precondition(!events.isEmpty, "a proposal holds at least one event")
        self.id = id
        self.events = events
    }
}

/// Names a proposal for ever: the `number`-th of a node's epoch, from 1.
package struct ProposalID: Hashable, Sendable {
    package let node: NodeName
    package let epoch: UInt64
    package let number: UInt64

    package init(node: NodeName, epoch: UInt64, number: UInt64) {
        self.node = node
        self.epoch = epoch
        self.number = number
    }
}

/// A sequencer's report to the hub.
package enum Delivery: Sendable {
    case committed(CommittedBatch)
    /// The order has ended here for good: a write or a sync failed. Says what, where, and what to do.
    case failed(reason: String)
}

/// One commit: proposals in their order, numbered without gaps.
package struct CommittedBatch: Sendable {
    package let proposals: [Proposal]
    /// Position of the first event of the first proposal.
    package let first: SequenceNumber
    /// The Merkle tree after the last event.
    package let tree: Frontier

    package init(proposals: [Proposal], first: SequenceNumber, tree: Frontier) {
        self.proposals = proposals
        self.first = first
        self.tree = tree
    }
}
