import DequeModule
import EventLog
import LogValues
package import Logging
package import NIOCore
package import Projections
import RawJSON

/// The one place where commands become events and events become state.
///
/// It lives on one event loop, which is its executor: commands come in batches from a mailbox, commits in batches from
/// the sequencer, changes leave in batches for the fan-out. No method awaits between reading state and writing it.
package actor Hub: CommandSink {
    /// The kinds of requests that the hub is willing to take.
    enum Mode {
        case running
        /// No epoch is open yet: what would need an event has to wait.
        case waiting(reason: String)
        case stopping
        /// The log takes nothing any more; reads and listeners go on.
        case failed(reason: String)
    }

    /// A proposal in flight.
    struct Waiting {
        let number: UInt64
        let answer: Answer
        /// It is nil where nobody waits, and once it was called.
        var reply: (@Sendable (Reply) -> Void)?
        /// When it was proposed, where another node decides the order.
        var since = Duration.zero
    }

    /// A command that came before this node had an epoch.
    struct Early {
        let command: Command
        let reply: @Sendable (Reply) -> Void
        let since: Duration
    }

    /// Elements of a batch for which room is kept; a rush is no reason to keep more for good.
    private static let keptCapacity = 1024

    package nonisolated let eventLoop: any EventLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        // Whoever asks holds the actor, which holds its executor.
        unsafe self.eventLoop.executor.asUnownedSerialExecutor()
    }

    private nonisolated let mailbox: Mailbox
    let settings: Settings
    let sequencer: any Sequencer
    private let fanOut: any ChangeReceiver
    let clock: any HubClock
    let logger: Logger

    var state: HubState
    var planner: CommandPlanner
    var mode = Mode.running
    var epoch: UInt64 = 0
    private var lastNumber: UInt64 = 0
    var waiting: Deque<Waiting> = []
    private var unsent: [Proposal] = []
    /// On a follower, what waits for it to come up with its primary; in the order in which it came.
    var early: Deque<Early> = []
    /// The storage of the last batch of commands, for the next one.
    private var letters: [Mailbox.Letter] = []
    /// The listener that last asked for a connection; an older one's end means nothing.
    private var tickets: [ConnectionID: AttachmentTicket] = [:]
    /// The last event before what a connection's listener had missed and may not have received yet.
    ///
    /// Taking up a connection moves its position, whatever becomes of what was written to the socket. A socket that is
    /// dead already, and replaced before that is noticed, must not take with it what only it was told.
    private var owed: [ConnectionID: SequenceNumber] = [:]
    var lifetimes: Lifetimes
    var contacts: NodeContacts
    /// The log's tree as of `state`.
    var tree: Frontier?
    var checkpoints: CheckpointSchedule
    /// The one that is being made.
    var checkpointDraft: CheckpointDraft?
    /// The replies to those who wait for the next one.
    var checkpointRequests: [@Sendable (Reply) -> Void] = []
    let startedAt: Duration
    /// Whether nothing in flight is waited for any more.
    var isAbandoned = false
    var whenIdle: [CheckedContinuation<Void, Never>] = []
    var ticking: RepeatedTask?
    /// While it stops: how far it had come, and since when.
    var stopProgress: (position: SequenceNumber, time: Duration)?

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
        self.checkpoints = CheckpointSchedule(
            size: settings.lastCheckpointSize ?? state.position.rawValue,
            now: now
        )
        self.state = state
        self.planner = CommandPlanner(entropy: entropy)
        self.lifetimes = Lifetimes(connectionTimeout: settings.connectionTimeout, userTimeout: settings.userTimeout)
        self.contacts = NodeContacts(own: settings.node, timeout: settings.nodeTimeout)
        self.startedAt = now
    }

    // MARK: Commands

    package nonisolated func hand(_ request: HubRequest, reply: @escaping @Sendable (Reply) -> Void) {
        switch self.mailbox.put(Mailbox.Letter(request: request, reply: reply)) {
        case .wakeHub:
            self.eventLoop.execute { self.assumeIsolated { $0.drainMailbox() } }
        case .queued:
            break
        case .full:
            reply(.unavailable(reason: "the hub is overloaded; try again"))
        }
    }

    private func drainMailbox() {
        var letters = exchange(&self.letters, with: [])
        self.mailbox.takeAll(into: &letters)
        for letter in letters { self.handle(letter) }
        letters.removeAll(keepingCapacity: letters.count <= Self.keptCapacity)
        self.letters = letters
        self.sendProposals()
    }

    private func handle(_ letter: Mailbox.Letter) {
        switch letter.request {
        case .command(let command): self.propose(command, reply: letter.reply)
        case .question(let question): letter.reply(self.answer(question))
        case .notice(let notice): self.take(notice)
        }
    }

    private func take(_ notice: Notice) {
        switch notice {
        case .signOfLife(let connection):
            guard self.state.connection(connection) != nil else { return }
            self.lifetimes.signOfLife(connection, now: self.clock.elapsed)
            self.sequencer.signOfLife(connection)
        case .nodeSeen(let node, let alive):
            self.nodeSeen(node, alive: alive)
        case .caughtUp(let connection, let ticket):
            if self.tickets[connection] == ticket { self.owed[connection] = nil }
        case .listenerClosed(let connection, let ticket):
            self.listenerEnded(connection, ticket) { self.planner.close(connection, reason: .disconnect) }
        case .listenerLost(let connection, let ticket, let seen):
            self.listenerEnded(connection, ticket) {
                .connectionDetached(ConnectionDetached(connection: connection, position: seen))
            }
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

    func propose(_ command: Command, reply: @escaping @Sendable (Reply) -> Void) {
        if case .waiting = self.mode, self.settings.isFollower, self.early.count < self.settings.mailboxCapacity {
            // A moment later there will be an epoch, as a rule; and if not, an answer.
            return self.early.append(Early(command: command, reply: reply, since: self.clock.elapsed))
        }
        if let refusal = self.refusal() { return reply(refusal) }
        switch self.planner.plan(command, state: self.state) {
        case .reply(let answer):
            reply(answer)
        case .propose(let payloads, let answer):
            if case .attached(let connection, let ticket) = answer {
                self.tickets[connection] = ticket
            }
            self.propose(payloads, answer: answer, reply: reply)
        case .proposeInPieces(let pieces, let answer):
            for piece in pieces.dropLast() { self.propose(piece, answer: .nobody, reply: nil) }
            if let last = pieces.last { self.propose(last, answer: answer, reply: reply) }
        case .checkpoint:
            self.requestCheckpoint(reply: reply)
        }
    }

    func propose(_ payloads: [Event.Payload], answer: Answer, reply: (@Sendable (Reply) -> Void)?) {
        let time = self.clock.now
        let events = payloads.map { Event(time: time, source: self.settings.node, payload: $0) }
        self.lastNumber += 1
        let id = ProposalID(node: self.settings.node, epoch: self.epoch, number: self.lastNumber)
        self.unsent.append(Proposal(id: id, events: events))
        var waiting = Waiting(number: self.lastNumber, answer: answer, reply: reply)
        if self.settings.isFollower { waiting.since = self.clock.elapsed }
        self.waiting.append(waiting)
    }

    func proposeOwn(_ payload: Event.Payload) {
        self.propose([payload], answer: .nobody, reply: nil)
    }

    func sendProposals() {
        guard !self.unsent.isEmpty else { return }
        self.sequencer.propose(self.unsent)
        self.unsent.removeAll(keepingCapacity: true)
    }

    private func listenerEnded(_ connection: ConnectionID, _ ticket: AttachmentTicket, event: () -> Event.Payload) {
        guard case .running = self.mode, self.tickets[connection] == ticket else { return }
        self.tickets[connection] = nil
        self.owed[connection] = nil
        self.proposeOwn(event())
    }

    private func nodeSeen(_ node: NodeName, alive: [ConnectionID]) {
        let now = self.clock.elapsed
        self.contacts.seen(node, now: now)
        for connection in alive where self.state.connection(connection) != nil {
            self.lifetimes.signOfLife(connection, now: now)
        }
    }

    // MARK: Commits

    func receive(_ delivery: Delivery) {
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
        var answered: [(reply: @Sendable (Reply) -> Void, answer: Reply)] = []
        var position = batch.first
        var outcomes: [Outcome] = []
        let now = self.clock.elapsed
        changes.reserveCapacity(batch.proposals.count)
        answered.reserveCapacity(batch.proposals.count)
        for proposal in batch.proposals {
            outcomes.removeAll(keepingCapacity: true)
            let before = changes.count
            for event in proposal.events {
                outcomes.append(self.apply(event, at: position, into: &changes, now: now))
                if event.source != self.settings.node { self.follow(event, changes: changes[before...], now: now) }
                position = position.next
            }
            guard let waiting = self.takeWaiting(for: proposal.id) else { continue }
            if case .attached(_, let ticket) = waiting.answer, let index = changes[before...].firstAttachment {
                tickets[index] = ticket
                changes[index] = self.withWhatIsOwed(changes[index])
            }
            if let reply = waiting.reply {
                let answer = waiting.answer.reply(events: proposal.events, outcomes: outcomes, state: self.state)
                answered.append((reply, answer))
            }
        }
        self.fanOut.receive(ChangeBatch(changes: changes, tickets: tickets, position: self.state.position))
        for (reply, answer) in answered { reply(answer) }
        self.tree = batch.tree
        self.checkpointIfDue()
        self.sendProposals()
        self.resumeIfIdle()
    }

    private func apply(_ event: Event, at position: SequenceNumber, into changes: inout [Change], now: Duration)
        -> Outcome
    {
        // Nearly all events are such, and the rest hands the state over.
        guard event.payload.concernsLifetimes else { return self.state.apply(event, at: position, into: &changes) }
        let closed = event.payload.closedConnection
        let owner = closed.flatMap { self.state.connection($0)?.user }
        let outcome = self.state.apply(event, at: position, into: &changes)
        self.lifetimes.follow(event.payload, owner: owner, state: self.state, now: now)
        if let closed {
            self.tickets[closed] = nil
            self.owed[closed] = nil
        }
        return outcome
    }

    /// An attachment as it was applied, with what the former listener may not have received.
    private func withWhatIsOwed(_ change: Change) -> Change {
        guard case .attached(let connection, let user, let channels, let missed) = change else { return change }
        let owed = self.owed[connection]
        if owed == nil, !missed.isNothing { self.owed[connection] = missed.after }
        guard let owed, owed < missed.after else { return change }
        let all = self.state.missedPart(
            by: user,
            in: channels,
            after: owed,
            through: missed.end,
            size: HubState.firstPartSize
        )
        return .attached(connection, user: user, channels: channels, missed: all)
    }

    private func takeWaiting(for proposal: ProposalID) -> Waiting? {
        guard proposal.epoch == self.epoch, self.waiting.first?.number == proposal.number,
            proposal.node == self.settings.node
        else { return nil }
        return self.waiting.removeFirst()
    }

    /// Tells this node's clocks and listeners of an event of another one.
    private func follow(_ event: Event, changes: ArraySlice<Change>, now: Duration) {
        self.contacts.seen(event.source, now: now)
        if case .connectionAttached(let attached) = event.payload {
            // The end of the listener that it replaces here must not end the connection.
            self.tickets[attached.connection] = nil
            self.owed[attached.connection] = nil
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
        self.refuseEarly(reason)
        self.resumeIfIdle()
    }
}

extension ArraySlice<Change> {
    /// The index of the first `attached`.
    fileprivate var firstAttachment: Int? {
        self.firstIndex { if case .attached = $0 { true } else { false } }
    }
}
