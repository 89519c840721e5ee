import DequeModule
import EventLog
package import LogValues
import Logging
import NIOCore
package import Projections

/// How the hub starts, follows, and stops.
extension Hub {
    /// How often a follower looks for commands that were not decided in time.
    private static let overdueInterval = TimeAmount.milliseconds(250)
    /// How often a hub that stops looks whether it gets anywhere.
    private static let stuckInterval = TimeAmount.milliseconds(250)

    /// Opens a new epoch of this node, which detaches what was attached when the last one ended.
    ///
    /// - Parameter seen: Up to here listeners had surely received everything when the last epoch ended.
    package func start(listenersHadSeen seen: SequenceNumber) async {
        self.follow()
        self.openEpoch(listenersHadSeen: seen)
        await self.idle()
    }

    /// Begins to apply what is committed; commands have to wait for ``openEpoch(listenersHadSeen:)``.
    package func follow() {
        self.mode = .waiting(reason: "this node has not come up with its primary yet; try again")
        self.sequencer.start(after: self.state.position) { delivery in
            self.eventLoop.execute { self.assumeIsolated { $0.receive(delivery) } }
        }
        guard self.settings.isFollower else { return }
        let interval = Self.overdueInterval
        self.ticking = self.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            self.assumeIsolated { $0.answerOverdue() }
        }
    }

    /// Proposes a new epoch of this node; commands are taken from here on.
    ///
    /// Everything that this node has proposed before must have been applied, or be lost: the epoch's number follows from
    /// the last one in the state.
    package func openEpoch(listenersHadSeen seen: SequenceNumber) {
        guard case .waiting = self.mode else { return }
        self.mode = .running
        let last = self.state.nodes[self.settings.node]
        self.epoch = (last?.epoch ?? 0) + 1
        self.lifetimes.resume(
            self.state,
            of: self.settings.node,
            wallClock: self.clock.now,
            now: self.clock.elapsed
        )
        self.contacts.resume(self.state, now: self.clock.elapsed)
        let started = NodeStarted(
            epoch: self.epoch,
            version: self.settings.version,
            afterCrash: last.map(\.isRunning) ?? false,
            listenersHadSeen: seen
        )
        self.proposeOwn(.nodeStarted(started))
        if let change = self.settings.keyChange {
            self.proposeOwn(.logKeyChanged(change))
            // At once, so that the change does not stand there unsigned.
            self.checkpoints.hasten()
        }
        for early in exchange(&self.early, with: []) { self.propose(early.command, reply: early.reply) }
        self.sendProposals()
        guard !self.settings.isFollower else { return }
        self.ticking = self.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            self.assumeIsolated { $0.tick() }
        }
    }

    /// Answers what has waited for an epoch that does not come.
    func refuseEarly(_ reason: String) {
        for early in exchange(&self.early, with: []) { early.reply(.unavailable(reason: reason)) }
    }

    /// Refuses commands from here on, finishes what is in flight, and ends the epoch with a checkpoint.
    ///
    /// - Parameter behind: How far listeners surely got that did not get everything.
    package func stop(listenersBehind behind: [ConnectionID: SequenceNumber]) async {
        self.ticking?.cancel()
        self.refuseEarly("the server is stopping")
        guard case .running = self.mode else { return }
        self.mode = .stopping
        let watching = self.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.stuckInterval) { _ in
            self.assumeIsolated { $0.giveUpIfStuck() }
        }
        defer { watching.cancel() }
        await self.idle()
        // After a wait that was given up nothing is proposed: the log may come back, and would hold an end that was none.
        guard !self.isAbandoned else { return }
        for connection in self.attachedConnections() {
            let position = behind[connection] ?? self.state.position
            self.proposeOwn(.connectionDetached(ConnectionDetached(connection: connection, position: position)))
        }
        self.sendProposals()
        await self.idle()
        guard !self.isAbandoned else { return }
        if !self.settings.isFollower {
            self.beginCheckpoint()
            await self.idle()
            guard !self.isAbandoned else { return }
        }
        self.proposeOwn(.nodeStopped(NodeStopped(epoch: self.epoch)))
        self.sendProposals()
        await self.idle()
    }

    /// Waits no longer for a log that commits nothing: whoever stops a server wants it to end, whatever is wrong with it.
    func giveUpIfStuck() {
        let now = self.clock.elapsed
        guard let last = self.stopProgress, last.position == self.state.position, self.checkpointDraft == nil else {
            self.stopProgress = (self.state.position, now)
            return
        }
        guard now - last.time >= self.settings.stopPatience, !self.isIdle else { return }
        self.logger.error("stopping without an end of the epoch: the log commits nothing")
        self.abandon(reason: "the server is stopping, and the log commits nothing")
    }

    /// Those that listen here, in the order of their ids: the same state proposes the same events.
    private func attachedConnections() -> [ConnectionID] {
        self.state.connections.filter { $0.node == self.settings.node }.map(\.id).sorted()
    }

    /// Answers whoever waits for a commit, and waits for none any more: nobody can tell what became of it.
    package func abandon(reason: String) {
        self.isAbandoned = true
        for waiting in exchange(&self.waiting, with: []) {
            waiting.reply?(.unavailable(reason: reason))
        }
        self.refuseEarly(reason)
        self.resumeIfIdle()
    }

    /// Waits until nothing is in flight, and no checkpoint is being made.
    private func idle() async {
        guard !self.isIdle else { return }
        await withCheckedContinuation { self.whenIdle.append($0) }
    }

    private var isIdle: Bool { self.isAbandoned || self.waiting.isEmpty && self.checkpointDraft == nil }

    func resumeIfIdle() {
        guard self.isIdle else { return }
        for continuation in exchange(&self.whenIdle, with: []) {
            continuation.resume()
        }
    }
}
