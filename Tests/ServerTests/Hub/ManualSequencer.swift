import EventLog
import LogValues
import Projections
import Server
import Synchronization

@testable import Hub

/// A sequencer that commits only when the test says so.
final class ManualSequencer: Sequencer {
    private struct Contents {
        var proposals: [Proposal] = []
        var last: UInt64 = 0
        var tree = Frontier()
        var deliver: (@Sendable (Delivery) -> Void)?
        var signsOfLife: [ConnectionID] = []
    }

    private let contents = Mutex(Contents())

    /// Proposed and not committed, in order.
    var waiting: [Proposal] { self.contents.withLock { $0.proposals } }

    func start(after position: SequenceNumber, deliver: @escaping @Sendable (Delivery) -> Void) {
        self.contents.withLock {
            $0.last = position.rawValue
            $0.deliver = deliver
        }
    }

    func propose(_ proposals: [Proposal]) {
        self.contents.withLock { $0.proposals += proposals }
    }

    /// Of whom it was told that they are there.
    var signsOfLife: [ConnectionID] { self.contents.withLock { $0.signsOfLife } }

    func signOfLife(_ connection: ConnectionID) {
        self.contents.withLock { $0.signsOfLife.append(connection) }
    }

    func release(upTo position: SequenceNumber) {}

    func close() {}

    /// Commits everything that waits as one commit.
    func commit() {
        let delivery: (Delivery, @Sendable (Delivery) -> Void)? = self.contents.withLock { contents in
            guard !contents.proposals.isEmpty, let deliver = contents.deliver else { return nil }
            let first = SequenceNumber(contents.last + 1)
            for proposal in contents.proposals {
                for _ in proposal.events {
                    contents.last += 1
                    contents.tree.append(leaf: Hash256.ofNothing)
                }
            }
            let batch = CommittedBatch(proposals: contents.proposals, first: first, tree: contents.tree)
            contents.proposals = []
            return (.committed(batch), deliver)
        }
        if let (delivery, deliver) = delivery { deliver(delivery) }
    }

    /// Commits a proposal that comes from elsewhere, and nothing of what waits.
    func commit(only proposal: Proposal) {
        let waiting = self.contents.withLock { contents in
            let waiting = contents.proposals
            contents.proposals = [proposal]
            return waiting
        }
        self.commit()
        self.contents.withLock { $0.proposals = waiting + $0.proposals }
    }

    func fail(_ reason: String) {
        self.contents.withLock { $0.deliver }?(.failed(reason: reason))
    }
}
