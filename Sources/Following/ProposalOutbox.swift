import DequeModule
import Hub
import Projections

/// The proposals of a follower that it has not yet seen in the log: they are sent until they stand there.
///
/// A value that decides; ``RemoteSequencer`` sends. Sending twice is harmless, since the primary's gate takes each
/// proposal once; forgetting one would stop all that follow it.
struct ProposalOutbox: Sendable {
    /// In the order of their numbers, without gaps.
    private var proposals: Deque<Proposal> = []
    /// The last number that the primary has accepted, as far as is known.
    private(set) var acceptedNumber: UInt64 = 0
    /// The last number that stands in the log.
    private(set) var committedNumber: UInt64 = 0
    /// The epoch of all that is here; 0 before the first.
    private(set) var epoch: UInt64 = 0

    var isEmpty: Bool { self.proposals.isEmpty }

    mutating func append(_ proposal: Proposal) {
        if proposal.id.epoch != self.epoch {
            self.proposals.removeAll()
            self.acceptedNumber = 0
            self.committedNumber = 0
            self.epoch = proposal.id.epoch
        }
        self.proposals.append(proposal)
    }

    /// Returns what to send next, of what the primary has not accepted: `limit` proposals at most.
    func next(limit: Int) -> [Proposal] {
        Array(self.proposals.lazy.drop { $0.id.number <= self.acceptedNumber }.prefix(limit))
    }

    /// Whether something waits to be sent.
    var hasUnsent: Bool { self.proposals.last.map { $0.id.number > self.acceptedNumber } ?? false }

    /// A judgement on what the primary says that it has accepted.
    enum Verdict: Equatable {
        case fine
        /// It accepted what this node has never proposed.
        case nameTaken
    }

    mutating func accepted(_ accepted: ProposalGate.Accepted?) -> Verdict {
        guard self.epoch > 0 else { return .fine }
        guard let accepted, accepted.epoch >= self.epoch else {
            // A primary that was started after them knows none of them: what is not in the log is not accepted.
            self.acceptedNumber = self.committedNumber
            return .fine
        }
        let last = self.proposals.last?.id.number ?? self.committedNumber
        guard accepted.epoch == self.epoch, accepted.number <= last else { return .nameTaken }
        self.acceptedNumber = max(accepted.number, self.committedNumber)
        return .fine
    }

    /// A proposal of this node stands in the log.
    mutating func committed(_ id: ProposalID) {
        guard id.epoch == self.epoch, self.epoch > 0, id.number > 0 else { return }
        self.committedNumber = max(self.committedNumber, id.number)
        self.acceptedNumber = max(self.acceptedNumber, id.number)
        while let first = self.proposals.first, first.id.number <= id.number { self.proposals.removeFirst() }
    }
}
