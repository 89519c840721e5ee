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
}
