import EventLog
import Logging
import Projections

/// What the hub does by itself: time acts through events.
extension Hub {
    /// Every second: time acts through events.
    func tick() {
        guard case .running = self.mode, !self.settings.isFollower else { return }
        let now = self.clock.elapsed
        for node in self.contacts.lost(now: now) { self.closeConnections(of: node) }
        for (connection, reason) in self.lifetimes.expiredConnections(now: now) {
            self.proposeOwn(self.planner.close(connection, reason: reason))
        }
        for user in self.lifetimes.expiredUsers(now: now) where self.state.user(user)?.connections.isEmpty == true {
            self.proposeOwn(.userForgotten(UserForgotten(user: user)))
        }
        self.checkpointIfDue()
        self.sendProposals()
    }

    private func closeConnections(of node: NodeName) {
        let lost = self.state.connections.filter { $0.node == node }.map(\.id).sorted()
        guard !lost.isEmpty else { return }
        self.logger.warning("node lost", metadata: ["node": "\(node)", "connections": "\(lost.count)"])
        for connection in lost { self.proposeOwn(self.planner.close(connection, reason: .nodeLost)) }
    }

    func checkpointIfDue() {
        guard case .running = self.mode, !self.settings.isFollower, let tree = self.tree,
            self.checkpoints.isDue(size: tree.size, now: self.clock.elapsed)
        else { return }
        self.proposeCheckpoint(of: tree)
    }

    /// What the log and the state are now; the line itself comes after whatever is in flight.
    func proposeCheckpoint(of tree: Frontier, reply: (@Sendable (Reply) -> Void)? = nil) {
        self.checkpoints.checkpointed(size: tree.size, now: self.clock.elapsed)
        let checkpoint = LogCheckpointed(
            size: tree.size,
            root: Digest256(words: tree.root.words),
            stateDigest: self.state.digest(),
            note: self.settings.key.map { key in
                String(decoding: key.sign(size: tree.size, root: tree.root).bytes, as: UTF8.self)
            }
        )
        self.propose([.logCheckpointed(checkpoint)], answer: .nobody, reply: reply)
        self.sequencer.release(upTo: self.state.position)
    }
}
