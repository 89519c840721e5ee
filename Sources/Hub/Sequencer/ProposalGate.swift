import Projections

/// Accepts each proposal once: only of a node's current epoch, and only the one that follows the last.
///
/// It is deterministic, so that every node of a cluster accepts the same proposals whatever the engine repeats;
/// `node.started` opens an epoch and is the first proposal in it.
package struct ProposalGate: Sendable {
    /// The last proposal of a node that was accepted.
    package struct Accepted: Sendable, Equatable {
        package let epoch: UInt64
        package let number: UInt64

        package init(epoch: UInt64, number: UInt64) {
            self.epoch = epoch
            self.number = number
        }
    }

    private var current: [NodeName: Accepted] = [:]

    mutating func accepts(_ proposal: Proposal) -> Bool {
        // Looked up once: a name is hashed for it.
        Self.accepts(proposal, after: &self.current[proposal.id.node])
    }

    private static func accepts(_ proposal: Proposal, after last: inout Accepted?) -> Bool {
        let id = proposal.id
        if let last, last.epoch >= id.epoch {
            guard id.epoch == last.epoch, id.number == last.number + 1 else { return false }
        } else {
            guard id.number == 1, case .nodeStarted(let started) = proposal.events[0].payload,
                started.epoch == id.epoch
            else { return false }
        }
        last = Accepted(epoch: id.epoch, number: id.number)
        return true
    }

    /// The proposal of a node that was accepted last; nil if none was since this gate was made.
    func lastAccepted(of node: NodeName) -> Accepted? { self.current[node] }

    /// Takes up a node's epoch where the log has it, unless the gate knows better by itself.
    mutating func resume(_ node: NodeName, at accepted: Accepted) {
        if self.current[node] == nil { self.current[node] = accepted }
    }
}
