import Projections

/// Accepts each proposal once: only of a node's current epoch, and only the one that follows the last.
///
/// It is deterministic, so that every node of a cluster accepts the same proposals whatever the engine repeats;
/// `node.started` opens an epoch and is the first proposal in it.
struct ProposalGate: Sendable {
    private var current: [NodeName: (epoch: UInt64, last: UInt64)] = [:]

    mutating func accepts(_ proposal: Proposal) -> Bool {
        let id = proposal.id
        if let known = self.current[id.node], known.epoch >= id.epoch {
            guard id.epoch == known.epoch, id.number == known.last + 1 else { return false }
        } else {
            guard id.number == 1, case .nodeStarted(let started) = proposal.events[0].payload,
                started.epoch == id.epoch
            else { return false }
        }
        self.current[id.node] = (id.epoch, id.number)
        return true
    }
}
