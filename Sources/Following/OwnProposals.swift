import Hub
import Projections

/// Tells which proposals in a shipped log are this node's own: the first of an epoch is its `node.started`, and the
/// primary accepts the rest in the order of their numbers, none left out, so that counting is enough.
struct OwnProposals: Sendable {
    private let node: NodeName
    /// The epoch of the last `node.started` that went by; 0 before.
    private(set) var epoch: UInt64 = 0
    /// Proposals of that epoch that went by.
    private(set) var count: UInt64 = 0

    init(of node: NodeName) {
        self.node = node
    }

    /// Names the next proposal of the log; those of other nodes, and of epochs that began unseen, with number 0.
    mutating func identify(_ events: [Event]) -> ProposalID {
        guard let first = events.first else { return ProposalID(node: self.node, epoch: 0, number: 0) }
        guard first.source == self.node else { return ProposalID(node: first.source, epoch: 0, number: 0) }
        if case .nodeStarted(let started) = first.payload {
            self.epoch = started.epoch
            self.count = 1
        } else if self.epoch > 0 {
            self.count += 1
        }
        return ProposalID(node: self.node, epoch: self.epoch, number: self.count)
    }
}
