import Hub
import LogValues
import NIOCore
import Projections
import Web

/// The listeners of one event loop, which alone touches them.
///
/// Batches of changes come in order; frames go to the sockets and polls that they are for, memberships change in
/// between, exactly as the feed has it. Commands go out through a ``CommandSink``, whose replies hop back here.
package final class FanOutShard {
    /// One who asked for a connection and waits for its place in the feed.
    struct PendingListener {
        enum Requester {
            case socket(any SocketRequester)
            case poll(PollSession)
        }

        let connection: ConnectionID
        let requester: Requester
    }

    let index: Int
    let eventLoop: any EventLoop
    let settings: FanOutSettings
    let commands: any CommandSink
    /// How long this loop's thread has worked, ever.
    let busyTime: () -> TimeAmount
    let catchUpSource: (any CatchUpSource)?
    /// Counts the answers of polls.
    let unsent: UnsentAnswers

    var tables = ShardTables()
    var ring: RecentRing
    var pending: [UInt64: PendingListener] = [:]
    /// Polls by connection, pending or attached.
    var polls: [ConnectionID: PollSession] = [:]
    private var lastTicket: UInt64 = 0
    /// Listeners with unflushed frames.
    var unflushed: [Listener] = []
    /// The frames that go out at the end of the round, or a little later under load.
    var gathering = FrameGathering()
    var hold: GatheringHold
    /// Looks whether what is held is due; it is left to fire when what it was for has gone out already.
    var holdTimer: Scheduled<Void>?
    /// Sockets whose writing failed, to be closed at the end of the round.
    private var failed: [WebSocketHandler] = []
    /// Counts deliveries, to mark users with.
    var deliveryNumber: UInt64 = 0
    /// The last event of the batches that were delivered.
    private var position = SequenceNumber.start

    private var wheel = HeartbeatWheel()
    private var ticking: RepeatedTask?
    /// Sockets whose close handshake is under way.
    private var closing: [WebSocketHandler] = []
    private(set) var openSocketCount = 0
    private var drainIsComplete = false
    /// Set once the shard stops; completed when its last socket is closed.
    var drained: EventLoopPromise<Void>?

    init(
        index: Int,
        eventLoop: any EventLoop,
        settings: FanOutSettings,
        commands: any CommandSink,
        catchUpSource: (any CatchUpSource)?,
        unsent: UnsentAnswers = UnsentAnswers(limit: .max),
        busyTime: @escaping () -> TimeAmount = ThreadTime.now
    ) {
        eventLoop.assertInEventLoop()
        self.index = index
        self.eventLoop = eventLoop
        self.settings = settings
        self.commands = commands
        self.catchUpSource = catchUpSource
        self.unsent = unsent
        self.hold = GatheringHold(longest: settings.longestHold, now: eventLoop.now, busyTime: busyTime())
        self.busyTime = busyTime
        self.ring = RecentRing(capacity: settings.ringSize, asideCapacity: settings.asideSize)
    }

    var isDraining: Bool { self.drained != nil }

    /// Begins the clock of heartbeats and close handshakes.
    func start() {
        let interval = TimeAmount.nanoseconds(
            self.settings.heartbeatInterval.nanoseconds / Int64(HeartbeatWheel.slotCount)
        )
        let shard = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.ticking = self.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            shard.value.tick()
        }
    }

    func stop() {
        self.ticking?.cancel()
        self.ticking = nil
    }

    // MARK: Batches

    /// Delivers batches in order, as one round.
    func receive(_ batches: [EncodedBatch]) {
        self.eventLoop.assertInEventLoop()
        let now = self.eventLoop.now
        self.gathering.beginRound(now: now)
        for batch in batches {
            for step in batch.steps {
                switch step {
                case .frames(let run, let changes): self.deliver(run, changes)
                case .listeners(let change, let ticket): self.follow(change, ticket: ticket)
                }
            }
            self.position = batch.position
        }
        self.endRound(began: now)
    }

    private func follow(_ change: Change, ticket: AttachmentTicket?) {
        switch change {
        case .frame:
            assertionFailure("frames are steps of their own")
        case .attached(let connection, let user, let channels, let missed):
            self.attach(connection, ticket: ticket, user: user, channels: channels, missed: missed)
        case .detached(let connection):
            guard let listener = self.tables.listener(connection) else { return }
            self.end(listener, code: .goingAway)
        case .subscribed(let connection, _, let channels):
            guard let listener = self.tables.listener(connection) else { return }
            for channel in channels { self.tables.join(listener, channel, since: self.ring.end) }
        case .unsubscribed(let connection, let channels):
            guard let listener = self.tables.listener(connection) else { return }
            for channel in channels { self.leave(listener, channel) }
        case .closed(let connection):
            guard let listener = self.tables.listener(connection) else { return }
            self.end(listener, code: .normal)
        case .erased(let lines):
            self.forgetContent(of: Set(lines))
        }
    }

    /// Lets go of everything that may hold the contents of these events.
    ///
    /// The ring as a whole: its entries are lists that are encoded already, and an erasure is rare. Who was behind asks
    /// for what is missing, as after any other loss of the ring.
    private func forgetContent(of lines: Set<SequenceNumber>) {
        self.sendGathered()
        self.ring.removeAll()
        for session in self.polls.values { session.forgetContent(of: lines) }
    }

    private func leave(_ listener: Listener, _ channel: ChannelName) {
        guard let membership = self.tables.leave(listener, channel), let backlog = listener.backlog else { return }
        let from = max(membership.since, backlog.next)
        guard from < self.ring.end else { return }
        backlog.left.append(.init(channel: membership.channel, entries: from..<self.ring.end))
        if backlog.left.count > self.settings.leftChannelCount { self.giveUp(on: listener) }
    }

    // MARK: Clock

    private func tick() {
        self.eventLoop.assertInEventLoop()
        for listener in self.wheel.tick() {
            guard case .socket(let socket) = listener.transport else { continue }
            if socket.isWritable {
                socket.missedHeartbeats = 0
                if listener.backlog == nil {
                    self.lookAtReceipt(of: listener, socket)
                    socket.write(WebSocketFrameWriter.heartbeat)
                    self.noteUnflushed(listener)
                }
            } else {
                socket.missedHeartbeats += 1
                if socket.missedHeartbeats >= self.settings.missedHeartbeats { socket.cut() }
            }
        }
        self.flush()
        guard !self.closing.isEmpty else { return }
        let now = self.eventLoop.now
        self.closing.removeAll { socket in
            if socket.closeDeadline <= now { socket.cut() }
            return socket.isClosed
        }
    }

    /// Notes what a client has taken of what was written to it.
    private func lookAtReceipt(of listener: Listener, _ socket: WebSocketHandler) {
        let isAcknowledged = socket.isAcknowledged
        self.tables.seats[listener.seat].isSlow = !isAcknowledged && socket.hasUnsent
        guard isAcknowledged, listener.receipt.allAcknowledged(written: self.writtenThrough) else { return }
        self.commands.tell(.caughtUp(listener.connection, listener.ticket))
    }

    /// Everything up to this event was written to whoever takes frames as they come.
    private var writtenThrough: SequenceNumber {
        // Frames that are held are not written yet.
        self.gathering.firstPosition?.previous ?? self.position
    }

    // MARK: Sockets

    func socketOpened() {
        self.openSocketCount += 1
    }

    func socketClosed() {
        self.openSocketCount -= 1
        self.completeDrainIfEmpty()
    }

    func completeDrainIfEmpty() {
        guard self.openSocketCount == 0, let drained = self.drained, !self.drainIsComplete else { return }
        self.drainIsComplete = true
        drained.succeed()
    }

    /// Cuts a socket that does not finish its close handshake in time.
    func watchClosing(_ socket: WebSocketHandler) {
        self.closing.append(socket)
    }

    /// Closes a socket at the end of the round: not at once, in the middle of who listens to what.
    func closeLater(_ socket: WebSocketHandler) {
        self.failed.append(socket)
    }

    func closeFailed() {
        while let socket = self.failed.popLast() { socket.cut() }
    }

    func enter(_ listener: Listener) {
        self.tables.add(listener)
        self.noteStanding(listener)
        if case .socket = listener.transport { self.wheel.add(listener) }
    }

    func forget(_ listener: Listener) {
        guard self.tables.listener(listener.connection) === listener else { return }
        self.sendGathered(to: listener)
        self.tables.remove(listener)
        listener.backlog = nil
        switch listener.transport {
        case .socket: self.wheel.remove(listener)
        case .poll(let session): self.removePoll(session)
        }
    }

    /// The time for goodbyes is over.
    func endDrain() {
        for socket in self.closing { socket.cut() }
        self.closing.removeAll()
        guard let drained = self.drained, !self.drainIsComplete else { return }
        self.drainIsComplete = true
        drained.succeed()
    }

    // MARK: Commands

    func drawTicket() -> AttachmentTicket {
        self.lastTicket += 1
        return AttachmentTicket(shard: self.index, number: self.lastTicket)
    }

    /// Hands in a request whose reply goes to `body`, on this loop.
    func hand(_ request: HubRequest, then body: @escaping (FanOutShard, Reply) -> Void) {
        let bound = NIOLoopBound((shard: self, body: body), eventLoop: self.eventLoop)
        let eventLoop = self.eventLoop
        self.commands.hand(request) { reply in
            eventLoop.execute { bound.value.body(bound.value.shard, reply) }
        }
    }
}
