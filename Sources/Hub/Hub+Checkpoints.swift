import EventLog
import NIOCore
import Projections

/// Checkpoints: what the log and the state are, in the log.
///
/// The hub only notes what has changed since the last one, a few hundred channels and users at a time and with commands
/// and commits in between; the digest is computed, and the checkpoint signed, on another thread. The line comes when that
/// is done, and is about the place where it was begun: `size` says which. Nobody waits for it: computed on the hub, the
/// digest of 1,000 channels of 100 frames held everything up for 20 to 30 ms, that of 10,000 channels for 130.
extension Hub {
    /// A checkpoint whose digest is being gathered or computed.
    struct CheckpointDraft {
        let tree: Frontier
        /// The replies to those who have asked for it.
        let replies: [@Sendable (Reply) -> Void]
    }

    /// Channels and users that are looked at in one go: half a millisecond when none is in a cache.
    private static let gatheredAtOnce = 256
    /// Between two goes, for everything else that has to be done on this thread.
    private static let pause = TimeAmount.microseconds(500)

    func checkpointIfDue() {
        guard case .running = self.mode, !self.settings.isFollower, let tree = self.tree,
            self.checkpointDraft == nil, self.checkpoints.isDue(size: tree.size, now: self.clock.elapsed)
        else { return }
        self.beginCheckpoint()
    }

    /// Answers once a checkpoint about everything up to now is committed.
    func requestCheckpoint(reply: @escaping @Sendable (Reply) -> Void) {
        // Before the first commit there is nothing that it could be about.
        guard self.tree != nil else { return reply(.json([])) }
        self.checkpointRequests.append(reply)
        self.beginCheckpoint()
    }

    /// Begins one about what the log and the state are now; while one is being made, the next one has to wait.
    func beginCheckpoint() {
        guard self.checkpointDraft == nil, let tree = self.tree else { return }
        self.checkpoints.checkpointed(size: tree.size, now: self.clock.elapsed)
        self.checkpointDraft = CheckpointDraft(tree: tree, replies: exchange(&self.checkpointRequests, with: []))
        self.state.beginDigest()
        self.gatherDigest()
    }

    private func gatherDigest() {
        guard let draft = self.checkpointDraft else { return }
        guard let task = self.state.gatherDigest(limit: Self.gatheredAtOnce) else {
            self.eventLoop.scheduleTask(in: Self.pause) { self.assumeIsolated { $0.gatherDigest() } }
            return
        }
        let (tree, key) = (draft.tree, self.settings.key)
        self.settings.elsewhere {
            var task = task
            let checkpoint = LogCheckpointed(
                size: tree.size,
                root: tree.root,
                stateDigest: task.run(),
                note: key.map { String(decoding: $0.sign(size: tree.size, root: tree.root).bytes, as: UTF8.self) }
            )
            let computed = task
            self.eventLoop.execute { self.assumeIsolated { $0.endCheckpoint(checkpoint, computed) } }
        }
    }

    /// Proposes it; the line comes after whatever is in flight.
    private func endCheckpoint(_ checkpoint: LogCheckpointed, _ task: DigestTask) {
        self.state.endDigest(task)
        guard let draft = exchange(&self.checkpointDraft, with: nil) else { return }
        switch self.mode {
        case _ where self.isAbandoned:
            for answer in draft.replies { answer(.unavailable(reason: "this node is stopping")) }
        case .running, .stopping:
            self.propose([.logCheckpointed(checkpoint)], answer: .nobody) { reply in
                for answer in draft.replies { answer(reply) }
            }
            self.sequencer.release(upTo: self.state.position)
            self.sendProposals()
        case .waiting(let reason), .failed(let reason):
            for answer in draft.replies { answer(.unavailable(reason: reason)) }
        }
        if !self.checkpointRequests.isEmpty { self.answerRequests() }
        self.resumeIfIdle()
    }

    /// Begins what was asked for meanwhile, or says why not.
    private func answerRequests() {
        switch self.mode {
        case .running, .stopping:
            self.beginCheckpoint()
        case .waiting(let reason), .failed(let reason):
            for answer in exchange(&self.checkpointRequests, with: []) { answer(.unavailable(reason: reason)) }
        }
    }
}
