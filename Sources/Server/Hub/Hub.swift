import DequeModule
package import EventLog
package import Logging
package import NIOCore
package import Projections
import RawJSON

/// The one place where commands become events and events become state.
///
/// It lives on one event loop, which is its executor: commands come in batches from a mailbox, commits in batches from
/// the sequencer, changes leave in batches for the fan-out. No method awaits between reading state and writing it.
package actor Hub: CommandSink {
    package struct Settings: Sendable {
        package var node: NodeName
        package var version: String
        /// A connection without a listener and without a sign of life ends after this time.
        package var connectionTimeout: Duration = .seconds(15)
        /// A user without connections is forgotten after this time.
        package var userTimeout: Duration = .seconds(24 * 3600)
        /// Another node that holds listeners and is silent for this time has lost them.
        package var nodeTimeout: Duration = .seconds(30)
        /// Whether another node decides the order: that one ends what expires and writes checkpoints.
        package var isFollower = false
        /// Signs checkpoints; without it they are not signed.
        package var key: NodeKey?
        /// Commands that may wait for the hub, and as many again for their commit.
        package var mailboxCapacity = 65_536

        package init(node: NodeName, version: String) {
            self.node = node
            self.version = version
        }
    }

    /// What the hub is willing to do.
    private enum Mode {
        case running
        /// No epoch is open yet: what would need an event has to wait.
        case waiting(reason: String)
        case stopping
        /// The log takes nothing any more; reads and listeners go on.
        case failed(reason: String)
    }

    /// A proposal in flight.
    private struct Waiting {
        let number: UInt64
        let answer: Answer
        let reply: (@Sendable (Reply) -> Void)?
    }

    package nonisolated let eventLoop: any EventLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { self.eventLoop.executor.asUnownedSerialExecutor() }

    private nonisolated let mailbox: Mailbox
    private let settings: Settings
    private let sequencer: any Sequencer
    private let fanOut: any ChangeReceiver
    private let clock: any HubClock
    private let logger: Logger

    private var state: HubState
    private var planner: CommandPlanner
    private var mode = Mode.running
    private var epoch: UInt64 = 0
    private var lastNumber: UInt64 = 0
    private var waiting: Deque<Waiting> = []
    private var unsent: [Proposal] = []
    /// The listener that last asked for a connection; an older one's end means nothing.
    private var tickets: [ConnectionID: AttachmentTicket] = [:]
    private var lifetimes: Lifetimes
    private var contacts: NodeContacts
    /// The log's tree as of `state`.
    private var tree: Frontier?
    private var checkpoints: CheckpointSchedule
    private let startedAt: Duration
    /// Whether nothing in flight is waited for any more.
    private var isAbandoned = false
    private var whenIdle: [CheckedContinuation<Void, Never>] = []
    private var ticking: RepeatedTask?

    /// A hub that takes commands from now on, and turns them into events after ``start(listenersHadSeen:)``.
    ///
    /// - Parameters:
    ///   - state: As replayed from the log that the sequencer appends to.
    ///   - sequencer: Decides the order; the hub is its only user.
    ///   - fanOut: Gets every batch of changes, on the hub's executor.
    ///   - settings: Its name, its limits.
    ///   - eventLoop: The hub's executor.
    ///   - clock: Wall time for events, elapsed time for timeouts.
    ///   - entropy: Ids and salts.
    ///   - logger: For what an operator should know.
    package init(
        state: consuming HubState,
        sequencer: any Sequencer,
        fanOut: any ChangeReceiver,
        settings: Settings,
        eventLoop: any EventLoop,
        clock: any HubClock,
        entropy: EntropyPool,
        logger: Logger
    ) {
        let now = clock.elapsed
        self.eventLoop = eventLoop
        self.mailbox = Mailbox(capacity: settings.mailboxCapacity)
        self.settings = settings
        self.sequencer = sequencer
        self.fanOut = fanOut
        self.clock = clock
        self.logger = logger
        self.checkpoints = CheckpointSchedule(size: state.position.rawValue, now: now)
        self.state = state
        self.planner = CommandPlanner(entropy: entropy)
        self.lifetimes = Lifetimes(connectionTimeout: settings.connectionTimeout, userTimeout: settings.userTimeout)
        self.contacts = NodeContacts(own: settings.node, timeout: settings.nodeTimeout)
        self.startedAt = now
    }

    // MARK: Commands

    package nonisolated func submit(_ command: Command, reply: @escaping @Sendable (Reply) -> Void) {
        switch self.mailbox.put(Mailbox.Letter(command: command, reply: reply)) {
        case .wakeHub:
            self.eventLoop.execute { self.assumeIsolated { $0.drainMailbox() } }
        case .queued:
            break
        case .full:
            reply(.unavailable(reason: "the hub is overloaded; try again"))
        }
    }

    private func drainMailbox() {
        for letter in self.mailbox.takeAll() {
            self.handle(letter)
        }
        self.sendProposals()
    }

    private func handle(_ letter: Mailbox.Letter) {
        switch letter.command {
        case .info(let options):
            letter.reply(self.info(options))
        case .adminInfo:
            letter.reply(self.adminInfo())
        case .signOfLife(let connection):
            if self.state.connection(connection) != nil {
                self.lifetimes.signOfLife(connection, now: self.clock.elapsed)
                self.sequencer.signOfLife(connection)
            }
            letter.reply(.json([]))
        case .nodeSeen(let node, let alive):
            self.nodeSeen(node, alive: alive)
            letter.reply(.json([]))
        case .listenerClosed(let connection, let ticket):
            self.listenerClosed(connection, ticket)
            letter.reply(.json([]))
        case .checkpoint:
            if let refusal = self.refusal() { return letter.reply(refusal) }
            guard !self.settings.isFollower else {
                return letter.reply(.unavailable(reason: "the primary has written no checkpoint of this yet; ask it"))
            }
            // Before the first commit there is nothing that it could be about.
            guard let tree = self.tree else { return letter.reply(.json([])) }
            self.proposeCheckpoint(of: tree, reply: letter.reply)
        case .connect, .subscribe, .unsubscribe, .setUserState, .postMessages, .postInBulk, .editMessages,
            .deleteMessages, .configureChannels, .erase, .disconnect, .attach:
            self.propose(letter)
        }
    }

    /// Why nothing can be proposed now; nil if it can.
    private func refusal() -> Reply? {
        switch self.mode {
        case .running:
            let isBehind = self.waiting.count >= self.settings.mailboxCapacity
            return isBehind ? .unavailable(reason: "the log is behind; try again") : nil
        case .stopping:
            return .unavailable(reason: "the server is stopping")
        case .waiting(let reason), .failed(let reason):
            return .unavailable(reason: reason)
        }
    }

    private func propose(_ letter: Mailbox.Letter) {
        if let refusal = self.refusal() { return letter.reply(refusal) }
        switch self.planner.plan(letter.command, state: self.state) {
        case .reply(let reply):
            letter.reply(reply)
        case .propose(let payloads, let answer):
            if case .attached(let connection, let ticket) = answer {
                self.tickets[connection] = ticket
            }
            self.propose(payloads, answer: answer, reply: letter.reply)
        case .proposeInPieces(let pieces, let answer):
            for piece in pieces.dropLast() { self.propose(piece, answer: .nobody, reply: nil) }
            if let last = pieces.last { self.propose(last, answer: answer, reply: letter.reply) }
        }
    }

    private func propose(_ payloads: [Event.Payload], answer: Answer, reply: (@Sendable (Reply) -> Void)?) {
        let time = self.clock.now
        let events = payloads.map { Event(time: time, source: self.settings.node, payload: $0) }
        self.lastNumber += 1
        let id = ProposalID(node: self.settings.node, epoch: self.epoch, number: self.lastNumber)
        self.unsent.append(Proposal(id: id, events: events))
        self.waiting.append(Waiting(number: self.lastNumber, answer: answer, reply: reply))
    }

    private func proposeOwn(_ payload: Event.Payload) {
        self.propose([payload], answer: .nobody, reply: nil)
    }

    private func sendProposals() {
        guard !self.unsent.isEmpty else { return }
        self.sequencer.propose(self.unsent)
        self.unsent.removeAll(keepingCapacity: true)
    }

    private func listenerClosed(_ connection: ConnectionID, _ ticket: AttachmentTicket) {
        guard case .running = self.mode, self.tickets[connection] == ticket else { return }
        self.tickets[connection] = nil
        self.proposeOwn(self.planner.close(connection, reason: .disconnect))
    }

    private func nodeSeen(_ node: NodeName, alive: [ConnectionID]) {
        let now = self.clock.elapsed
        self.contacts.seen(node, now: now)
        for connection in alive where self.state.connection(connection) != nil {
            self.lifetimes.signOfLife(connection, now: now)
        }
    }

    private func info(_ options: InfoOptions?) -> Reply {
        let options = options ?? InfoOptions()
        var writer = JSONWriter(capacity: 4096)
        ChannelsInfoWriter.write(self.state, channels: options.channels, options: options, into: &writer)
        return .json(writer.bytes)
    }

    private func adminInfo() -> Reply {
        var writer = JSONWriter(capacity: 4096)
        AdminInfoWriter.write(
            self.state,
            uptime: self.clock.elapsed - self.startedAt,
            version: self.settings.version,
            into: &writer
        )
        return .json(writer.bytes)
    }

    // MARK: Commits

    private func receive(_ delivery: Delivery) {
        switch delivery {
        case .committed(let batch):
            self.apply(batch)
        case .failed(let reason):
            self.fail(reason)
        }
    }

    private func apply(_ batch: CommittedBatch) {
        var changes: [Change] = []
        var tickets: [Int: AttachmentTicket] = [:]
        var answered: [(Waiting, Reply)] = []
        var position = batch.first
        var outcomes: [Outcome] = []
        let now = self.clock.elapsed
        for proposal in batch.proposals {
            outcomes.removeAll(keepingCapacity: true)
            let before = changes.count
            for event in proposal.events {
                outcomes.append(self.apply(event, at: position, into: &changes, now: now))
                if event.source != self.settings.node { self.follow(event, changes: changes[before...], now: now) }
                position = position.next
            }
            guard let waiting = self.takeWaiting(for: proposal) else { continue }
            if case .attached(_, let ticket) = waiting.answer, let index = changes[before...].firstAttachment {
                tickets[index] = ticket
            }
            if waiting.reply != nil {
                let reply = waiting.answer.reply(events: proposal.events, outcomes: outcomes, state: self.state)
                answered.append((waiting, reply))
            }
        }
        self.fanOut.receive(ChangeBatch(changes: changes, tickets: tickets, position: self.state.position))
        for (waiting, reply) in answered {
            waiting.reply?(reply)
        }
        self.tree = batch.tree
        self.checkpointIfDue()
        self.sendProposals()
        self.resumeIfIdle()
    }

    private func apply(_ event: Event, at position: Position, into changes: inout [Change], now: Duration) -> Outcome {
        // Nearly all events are such, and the rest hands the state over.
        guard event.payload.concernsLifetimes else { return self.state.apply(event, at: position, into: &changes) }
        let closed = event.payload.closedConnection
        let owner = closed.flatMap { self.state.connection($0)?.user }
        let outcome = self.state.apply(event, at: position, into: &changes)
        self.lifetimes.follow(event.payload, owner: owner, state: self.state, now: now)
        if let closed { self.tickets[closed] = nil }
        return outcome
    }

    private func takeWaiting(for proposal: Proposal) -> Waiting? {
        guard proposal.id.node == self.settings.node, proposal.id.epoch == self.epoch,
            let first = self.waiting.first, first.number == proposal.id.number
        else { return nil }
        return self.waiting.removeFirst()
    }

    /// What an event of another node means for this one's clocks and listeners.
    private func follow(_ event: Event, changes: ArraySlice<Change>, now: Duration) {
        self.contacts.seen(event.source, now: now)
        if case .connectionAttached(let attached) = event.payload {
            // The end of the listener that it replaces here must not end the connection.
            self.tickets[attached.connection] = nil
        }
        if case .nodeStarted = event.payload {
            for case .detached(let connection) in changes { self.lifetimes.signOfLife(connection, now: now) }
        }
    }

    /// Says so once, and answers everybody: nothing that is in flight will ever be durable.
    private func fail(_ reason: String) {
        if case .failed = self.mode {
        } else {
            self.logger.critical("log failed; commands are refused until a restart", metadata: ["reason": "\(reason)"])
            self.mode = .failed(reason: reason)
        }
        self.unsent.removeAll()
        for waiting in exchange(&self.waiting, with: []) {
            waiting.reply?(.unavailable(reason: reason))
        }
        self.resumeIfIdle()
    }

    // MARK: Time

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

    private func checkpointIfDue() {
        guard case .running = self.mode, !self.settings.isFollower, let tree = self.tree,
            self.checkpoints.isDue(size: tree.size, now: self.clock.elapsed)
        else { return }
        self.proposeCheckpoint(of: tree)
    }

    /// What the log and the state are now; the line itself comes after whatever is in flight.
    private func proposeCheckpoint(of tree: Frontier, reply: (@Sendable (Reply) -> Void)? = nil) {
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

    // MARK: Start and stop

    /// Opens a new epoch of this node, which detaches what was attached when the last one ended.
    ///
    /// - Parameter seen: Up to here listeners had surely received everything when the last epoch ended.
    package func start(listenersHadSeen seen: Position) async {
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
    }

    /// Proposes a new epoch of this node; commands are taken from here on.
    ///
    /// Everything that this node has proposed before must have been applied, or be lost: the epoch's number follows from
    /// the last one in the state.
    package func openEpoch(listenersHadSeen seen: Position) {
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
        self.sendProposals()
        self.ticking = self.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            self.assumeIsolated { $0.tick() }
        }
    }

    /// Refuses commands from here on, finishes what is in flight, and ends the epoch with a checkpoint.
    ///
    /// - Parameter behind: How far listeners surely got that did not get everything; the position of their attachment
    ///   counts if it is later.
    package func stop(listenersBehind behind: [ConnectionID: Position]) async {
        guard case .running = self.mode else { return }
        self.mode = .stopping
        self.ticking?.cancel()
        await self.idle()
        for connection in self.attachedConnections() {
            let attached = self.state.connection(connection)?.position ?? self.state.position
            let position = behind[connection].map { max($0, attached) } ?? self.state.position
            self.proposeOwn(.connectionDetached(ConnectionDetached(connection: connection, position: position)))
        }
        self.sendProposals()
        await self.idle()
        if let tree = self.tree, !self.settings.isFollower {
            self.proposeCheckpoint(of: tree)
        }
        self.proposeOwn(.nodeStopped(NodeStopped(epoch: self.epoch)))
        self.sendProposals()
        await self.idle()
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
        self.resumeIfIdle()
    }

    /// Waits until nothing is in flight.
    private func idle() async {
        guard !self.waiting.isEmpty, !self.isAbandoned else { return }
        await withCheckedContinuation { self.whenIdle.append($0) }
    }

    private func resumeIfIdle() {
        guard self.waiting.isEmpty || self.isAbandoned else { return }
        for continuation in exchange(&self.whenIdle, with: []) {
            continuation.resume()
        }
    }
}

extension ArraySlice<Change> {
    /// The index of the first `attached`.
    fileprivate var firstAttachment: Int? {
        self.firstIndex { if case .attached = $0 { true } else { false } }
    }
}
