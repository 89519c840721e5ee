import EventLog
package import Hub
package import LogValues
import NIOCore
package import Projections
import Synchronization

/// The order that another node decides: proposals go there, and what becomes of them comes back in its log.
///
/// What is committed is what stands in the own log, which is written from the lines that were shipped: the hub sees
/// the same batches, positions and trees as if the order had been decided here. Sending is the business of
/// ``PrimaryLink``, which asks for ``upload()`` and reports with ``received(_:)``.
package final class RemoteSequencer: Sequencer {
    /// Proposals in one upload.
    private static let uploadLimit = 1_000

    private struct State {
        var outbox = ProposalOutbox()
        var own: OwnProposals
        var position: SequenceNumber
        var alive: Set<ConnectionID> = []
    }

    let local: LocalSequencer
    let node: NodeName
    private let state: Mutex<State>
    /// Rings when there is something to send.
    let bell = Doorbell()

    package init(over local: LocalSequencer, node: NodeName) {
        self.local = local
        self.node = node
        self.state = Mutex(State(own: OwnProposals(of: node), position: local.end ?? .start))
    }

    // MARK: For the hub

    package func start(after position: SequenceNumber, deliver: @escaping @Sendable (Delivery) -> Void) {
        self.local.start(after: position, deliver: deliver)
    }

    package func propose(_ proposals: [Proposal]) {
        self.state.withLock { state in
            for proposal in proposals { state.outbox.append(proposal) }
        }
        self.bell.ring()
    }

    package func release(upTo position: SequenceNumber) {
        self.local.release(upTo: position)
    }

    package func signOfLife(_ connection: ConnectionID) {
        self.state.withLock { _ = $0.alive.insert(connection) }
    }

    package func close() {
        self.local.close()
    }

    // MARK: For the link to the primary

    var hasUnsent: Bool { self.state.withLock { $0.outbox.hasUnsent } }

    /// Makes the upload that is due now.
    func upload() -> ProposalUpload {
        self.state.withLock { state in
            let alive = Array(state.alive.prefix(ProposalUpload.aliveLimit))
            state.alive.subtract(alive)
            let isOpen = state.own.epoch == state.outbox.epoch
            return ProposalUpload(
                node: self.node,
                epoch: state.outbox.epoch,
                committed: isOpen ? state.own.count : 0,
                position: state.position,
                alive: alive,
                proposals: state.outbox.next(limit: Self.uploadLimit)
            )
        }
    }

    /// The primary has taken an upload.
    ///
    /// - Returns: Whether nothing is left to be sent, or some of it was accepted.
    func received(_ receipt: ProposalReceipt) throws(FollowError) -> Bool {
        let (verdict, isProgress) = self.state.withLock { state in
            let before = state.outbox.acceptedNumber
            let verdict = state.outbox.accepted(receipt.accepted)
            return (verdict, !state.outbox.hasUnsent || state.outbox.acceptedNumber > before)
        }
        guard verdict == .fine else { throw .nameTaken("\(self.node)") }
        return isProgress
    }

    /// The upload did not arrive, or nobody can tell: who gave signs of life is told again.
    func lost(_ upload: ProposalUpload) {
        self.state.withLock { $0.alive.formUnion(upload.alive) }
    }

    /// How far lines were handed to this node's own log.
    var position: SequenceNumber { self.state.withLock { $0.position } }

    // MARK: For what comes in

    /// Appends lines that came in, checked, whole proposals.
    func append(_ lines: LineBatch, _ groups: [[Event]], end: SequenceNumber) {
        let proposals = self.state.withLock { state in
            let proposals = groups.map { events in
                let id = state.own.identify(events)
                state.outbox.committed(id)
                return Proposal(id: id, events: events)
            }
            state.position = end
            return proposals
        }
        self.local.append(lines, of: proposals)
    }
}
