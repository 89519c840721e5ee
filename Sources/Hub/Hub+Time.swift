import DequeModule
import EventLog
import Logging
import Projections

/// The hub's own doings: time acts through events.
extension Hub {
    /// Answers commands that another node has not decided in time.
    ///
    /// They stay proposed: nobody can take back what may be in the log there already. So the answer says that it is not
    /// known; whoever asks again should do so with the `uuid` or `conn_id` that makes it the same.
    func answerOverdue() {
        let now = self.clock.elapsed
        if case .waiting(let reason) = self.mode {
            while let early = self.early.first, now - early.since >= self.settings.commandTimeout {
                self.early.removeFirst()
                early.reply(.unavailable(reason: reason))
            }
        }
        for index in self.waiting.indices {
            guard now - self.waiting[index].since >= self.settings.commandTimeout else { return }
            guard let reply = exchange(&self.waiting[index].reply, with: nil) else { continue }
            reply(.unavailable(reason: "the primary has not decided this in time; it may happen all the same"))
        }
    }

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
}
