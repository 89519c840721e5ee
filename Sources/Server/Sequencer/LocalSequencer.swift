import Collections
package import EventLog
package import Projections
import Synchronization

/// The embedded order: whatever reaches the local log first.
///
/// The log knows lines, not events; this remembers the proposals in flight and pairs them with the log's reports.
package final class LocalSequencer: Sequencer {
    private let log: EventLog
    private let flight: Mutex<Flight>

    /// What is on its way; owned by the mutex, held for a few lines.
    private struct Flight {
        var gate = ProposalGate()
        var proposals: Deque<Proposal> = []
        var deliver: (@Sendable (Delivery) -> Void)?
    }

    private init(log: EventLog) {
        self.log = log
        self.flight = Mutex(Flight())
    }

    /// - Parameter open: Opens the log with the given receiver of its reports.
    package static func over(
        _ open: (@escaping @Sendable (CommitReport) -> Void) throws(EventLogError) -> EventLog
    ) throws(EventLogError) -> LocalSequencer {
        let relay = Relay()
        let sequencer = LocalSequencer(log: try open { relay.pass($0) })
        relay.connect(to: sequencer)
        return sequencer
    }

    package func start(after position: Position, deliver: @escaping @Sendable (Delivery) -> Void) {
        self.flight.withLock { $0.deliver = deliver }
    }

    package func propose(_ proposals: [Proposal]) {
        var batch = LineBatch()
        // One critical section around queue and log: the order of both must be the same.
        self.flight.withLock { flight in
            for proposal in proposals where flight.gate.accepts(proposal) {
                for (index, event) in proposal.events.enumerated() {
                    event.append(to: &batch, isLastOfProposal: index == proposal.events.count - 1)
                }
                flight.proposals.append(proposal)
            }
            guard batch.count > 0 else { return }
            self.log.append(batch)
        }
    }

    package func release(upTo position: Position) {
        self.log.noteSynced()
    }

    package func close() {
        self.log.close()
    }

    private func report(_ report: CommitReport) {
        switch report {
        case .committed(let commit):
            let (proposals, deliver) = self.flight.withLock { flight in
                (flight.takeProposals(lineCount: commit.count), flight.deliver)
            }
            let first = Position(commit.first.rawValue)
            deliver?(.committed(CommittedBatch(proposals: proposals, first: first, tree: commit.tree)))
        case .failed(let error):
            let deliver = self.flight.withLock { $0.deliver }
            deliver?(.failed(reason: "\(error)"))
        }
    }

    /// Breaks the knot that the log needs its receiver before the sequencer exists.
    private final class Relay: Sendable {
        private let target = Mutex<LocalSequencer?>(nil)

        func connect(to sequencer: LocalSequencer) {
            self.target.withLock { $0 = sequencer }
        }

        func pass(_ report: CommitReport) {
            self.target.withLock { $0 }?.report(report)
        }
    }
}

extension LocalSequencer.Flight {
    fileprivate mutating func takeProposals(lineCount: Int) -> [Proposal] {
        var taken: [Proposal] = []
        var left = lineCount
        while left > 0, let proposal = self.proposals.popFirst() {
            left -= proposal.events.count
            taken.append(proposal)
        }
        precondition(left == 0, "a commit holds whole proposals")
        return taken
    }
}
