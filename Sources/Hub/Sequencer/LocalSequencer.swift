import DequeModule
package import EventLog
package import LogValues
package import Projections
import RawJSON
import Synchronization

/// The embedded order: whatever reaches the local log first.
///
/// The log knows lines, not events; this remembers the proposals in flight and pairs them with the log's reports.
package final class LocalSequencer: Sequencer {
    /// Beyond it a batch is handed over, so that no batch grows with the number of commands that came at once.
    ///
    /// With room for one more list of messages it stays below a block: a commit of two blocks is synced twice.
    private static let batchSizeBytes = 192 << 10

    private let log: EventLog
    private let flight: Mutex<Flight>
    /// The end of the log when it was opened.
    private let openedEnd: SequenceNumber
    /// How far the log is committed.
    package let committed: CommitWatch

    /// The proposals on their way; owned by the mutex, which is held for a few lines.
    private struct Flight {
        var gate = ProposalGate()
        /// The last epoch of each node in the log as it was opened.
        var openedEpochs: [NodeName: UInt64] = [:]
        var proposals: Deque<Proposal> = []
        var deliver: (@Sendable (Delivery) -> Void)?

        mutating func takeProposals(lineCount: Int) -> [Proposal] {
            var taken: [Proposal] = []
            var left = lineCount
            while left > 0, let proposal = self.proposals.popFirst() {
                left -= proposal.events.count
                taken.append(proposal)
            }
            precondition(left == 0, "a commit holds whole proposals")
            return taken
        }

        /// Makes of a report what the hub is told, and how; nil if nobody wants to know.
        mutating func delivery(of report: CommitReport) -> (Delivery, @Sendable (Delivery) -> Void)? {
            switch report {
            case .committed(let commit):
                let proposals = self.takeProposals(lineCount: commit.lineCount)
                let first = commit.first
                let batch = CommittedBatch(proposals: proposals, first: first, tree: commit.frontier)
                return self.deliver.map { (.committed(batch), $0) }
            case .failed(let error, lineCount: _):
                return self.deliver.map { (.failed(reason: "\(error)"), $0) }
            }
        }
    }

    /// Becomes the only writer of a log, and the receiver of its reports; delivers nothing before ``start(after:deliver:)``.
    package init(over log: EventLog) {
        self.log = log
        self.flight = Mutex(Flight())
        self.openedEnd = log.end ?? .start
        self.committed = CommitWatch(openedEnd: self.openedEnd)
        // Weakly: the log keeps its receiver, and the sequencer the log.
        log.attach { [weak self] in self?.report($0) }
    }

    /// The last event of the log, if there is one.
    package var end: SequenceNumber? { self.log.end }

    package func start(after position: SequenceNumber, deliver: @escaping @Sendable (Delivery) -> Void) {
        self.flight.withLock { $0.deliver = deliver }
    }

    package func propose(_ proposals: [Proposal]) {
        // Encoded before the lock is taken, for which reports of commits wait: nearly always all proposals are accepted.
        let encoded = Self.batches(of: proposals)
        // One critical section around gate, queue and log: the order of all three must be the same.
        self.flight.withLock { flight in
            let accepted = proposals.filter { flight.gate.accepts($0) }
            guard !accepted.isEmpty else { return }
            flight.proposals.append(contentsOf: accepted)
            let batches = accepted.count == proposals.count ? encoded : Self.batches(of: accepted)
            // With another batch on its way, the reports would race each other.
            guard let only = batches.first, batches.count == 1 else {
                for batch in batches { self.log.append(batch) }
                return
            }
            guard let report = self.log.appendOrCommit(only) else { return }
            self.tell(flight.delivery(of: report), report)
        }
    }

    private static func batches(of proposals: [Proposal]) -> [LineBatch] {
        var batches: [LineBatch] = []
        var batch = LineBatch()
        for proposal in proposals {
            batch.append(proposal)
            if batch.size >= Self.batchSizeBytes { batches.append(exchange(&batch, with: LineBatch())) }
        }
        if !batch.isEmpty { batches.append(batch) }
        return batches
    }

    /// Hands a report on; called with the mutex held.
    ///
    /// Other nodes propose from other threads than the hub: two commits must not overtake each other on their way. The
    /// receiver only hops to its event loop.
    private func tell(_ delivery: (Delivery, @Sendable (Delivery) -> Void)?, _ report: CommitReport) {
        if let (delivery, deliver) = delivery { deliver(delivery) }
        if case .committed(let commit) = report { self.committed.note(commit) }
    }

    /// Appends lines that another node has ordered, as they are, with the proposals that they hold.
    ///
    /// The gate is not asked: where the order was decided, it was.
    package func append(_ lines: LineBatch, of proposals: [Proposal]) {
        self.flight.withLock { flight in
            flight.proposals.append(contentsOf: proposals)
            self.log.append(lines)
        }
    }

    /// Takes note of the epochs that the log held when it was opened, by which claims of other nodes are judged.
    package func knows(epochs: [NodeName: UInt64]) {
        self.flight.withLock { $0.openedEpochs = epochs }
    }

    /// How much was accepted of a node so far; nothing is known of it before its first proposal after a start.
    package struct Acceptance: Equatable {
        package let last: ProposalGate.Accepted?
    }

    /// Another node's account of itself when it hands in proposals.
    package struct NodeStanding: Sendable {
        package let node: NodeName
        /// 0 while it has opened none.
        package let epoch: UInt64
        /// Proposals of that epoch that stand in the log up to `position`.
        package let committed: UInt64
        /// How far its log reaches.
        package let position: SequenceNumber

        package init(node: NodeName, epoch: UInt64, committed: UInt64, position: SequenceNumber) {
            self.node = node
            self.epoch = epoch
            self.committed = committed
            self.position = position
        }
    }

    /// Hands in what another node proposes.
    ///
    /// After a restart the gate has forgotten what it accepted. It takes that up from a node that has read the log to
    /// where it ended then: nothing of that node can stand behind. Only for the epoch that the log has: an epoch opens with
    /// `node.started`, and follows the last.
    ///
    /// - Returns: Nil if the epoch is not the node's last, nor the next one.
    package func accept(_ proposals: [Proposal], of standing: NodeStanding) -> Acceptance? {
        let isRight = self.flight.withLock { flight in
            let opened = flight.openedEpochs[standing.node] ?? 0
            let last = max(flight.gate.lastAccepted(of: standing.node)?.epoch ?? 0, opened)
            guard standing.epoch <= last + 1 else { return false }
            if standing.committed > 0, standing.epoch == opened, standing.position >= self.openedEnd {
                let accepted = ProposalGate.Accepted(epoch: standing.epoch, number: standing.committed)
                flight.gate.resume(standing.node, at: accepted)
            }
            return true
        }
        guard isRight else { return nil }
        self.propose(proposals)
        return Acceptance(last: self.flight.withLock { $0.gate.lastAccepted(of: standing.node) })
    }

    /// Bytes that wait for their commit.
    package var pendingSizeBytes: Int { self.log.pendingSizeBytes }

    /// Why nothing is committed any more; nil while all is well.
    package var failure: EventLogError? { self.log.failure }

    package func release(upTo position: SequenceNumber) {
        self.log.noteSynced()
    }

    /// ``EventLog/seal(_:)`` of the log.
    package func seal(_ line: SequenceNumber) throws(EventLogError) {
        try self.log.seal(line)
    }

    package func close() {
        self.log.close()
    }

    private func report(_ report: CommitReport) {
        self.flight.withLock { self.tell($0.delivery(of: report), report) }
    }
}

extension LineBatch {
    /// Appends the events of a proposal, marked as belonging together.
    package mutating func append(_ proposal: Proposal) {
        let last = proposal.events.count - 1
        for (index, event) in proposal.events.enumerated() {
            self.append(isLastOfProposal: index == last, content: event.lineContent) { bytes in
                event.appendHead(to: &bytes)
            }
        }
    }
}

extension Event {
    /// The content as the log takes it; a new event's content is never erased.
    fileprivate var lineContent: LineContent? {
        guard let content = self.content, let plain = content.plain else { return nil }
        return LineContent(
            salt: plain.salt,
            bytes: plain.json.bytes,
            commit: content.commit
        )
    }
}
