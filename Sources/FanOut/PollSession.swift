import Hub
import LogValues
import NIOCore
import Projections
import RawJSON
import Web

/// The answer to a poll.
package enum PollAnswer: Equatable, Sendable {
    /// A JSON list; a large one is counted in ``UnsentAnswers`` already.
    case list([UInt8])
    case unknownConnection
    /// The hub takes no commands, or the server stops.
    case unavailable
}

/// A connection that is listened to by polls: it stays in its shard between two of them and gathers what comes.
///
/// It gathers so much and no more: what does not fit is a position, and the next polls are told what the hub keeps since
/// then, before anything else. Touched on the shard's loop only. It ends when the feed closes the connection or another
/// listener takes it up.
final class PollSession {
    private struct Waiter {
        let answer: EventLoopPromise<PollAnswer>
        var wait: PollWait
    }

    let connection: ConnectionID
    private unowned let shard: FanOutShard
    private var queue: PollQueue
    private var waiter: Waiter?
    private var timer: Scheduled<Void>?
    /// Known once it is attached.
    private var user: UserName?
    /// The time before the queue, of which the queue holds nothing.
    private var untold: Untold?
    private var isFetching = false
    /// Whether the hub waits to hear that what was missed has been received.
    private var owesMissed = false
    private var hasAnswered = false

    private var isAttached: Bool { self.user != nil }

    init(connection: ConnectionID, shard: FanOutShard) {
        self.connection = connection
        self.shard = shard
        self.queue = PollQueue(settings: shard.settings.poll)
    }

    // MARK: Polls

    /// Begins a poll; an older one that still waits is answered with nothing, and this one takes its messages.
    func poll(_ answer: EventLoopPromise<PollAnswer>) {
        self.shard.eventLoop.assertInEventLoop()
        self.waiter?.answer.succeed(.list(Array("[]".utf8)))
        var wait = PollWait(settings: self.shard.settings.poll, now: self.shard.eventLoop.now)
        if !self.queue.isEmpty { wait.messageCame(now: self.shard.eventLoop.now) }
        self.waiter = Waiter(answer: answer, wait: wait)
        guard self.isAttached else { return }
        self.shard.commands.tell(.signOfLife(self.connection))
        self.noteReceipt()
        self.answerOrWait()
    }

    /// Who polls again has the answer of the poll before, and so, after the first ones, what was missed.
    private func noteReceipt() {
        guard self.owesMissed, self.hasAnswered, self.untold == nil,
            let listener = self.shard.tables.listener(self.connection)
        else { return }
        self.owesMissed = false
        self.shard.commands.tell(.caughtUp(self.connection, listener.ticket))
    }

    private func answerOrWait() {
        guard let waiter = self.waiter, self.isAttached else { return }
        let now = self.shard.eventLoop.now
        guard waiter.wait.deadline > now, !self.queue.isFull, self.untold == nil else { return self.answer() }
        self.timer?.cancel()
        let session = NIOLoopBound(self, eventLoop: self.shard.eventLoop)
        self.timer = self.shard.eventLoop.scheduleTask(deadline: waiter.wait.deadline) {
            session.value.timerFired()
        }
    }

    private func timerFired() {
        self.timer = nil
        self.answerOrWait()
    }

    private func answer() {
        self.timer?.cancel()
        self.timer = nil
        guard self.waiter != nil else { return }
        if let untold = self.untold { return self.fetch(untold) }
        if self.answer(with: self.queue.list()) { self.queue.removeAll() }
    }

    /// - Returns: False where there is no room for large answers: then nothing of it is told.
    private func answer(with list: [UInt8]) -> Bool {
        guard self.shard.unsent.enterIfLarge(list.count) else {
            self.settle(.unavailable)
            return false
        }
        self.settle(.list(list))
        self.hasAnswered = true
        self.shard.commands.tell(.signOfLife(self.connection))
        return true
    }

    // MARK: What was missed

    private func fetch(_ untold: Untold) {
        guard !self.isFetching, let user = self.user else { return }
        self.isFetching = true
        let request = Question.MissedRequest(
            user: user,
            channels: untold.channels,
            after: untold.after,
            through: untold.through,
            size: self.shard.settings.poll.answerSize,
            allowsGaps: true
        )
        self.shard.hand(.question(.missedPart(request))) { _, reply in self.missedCame(reply) }
    }

    private func missedCame(_ reply: Reply) {
        self.isFetching = false
        // Without a poll it is asked for again by the next one.
        guard self.waiter != nil, let untold = self.untold else { return }
        guard case .missed(let missed) = reply else { return self.settle(.unavailable) }
        if missed.frames.isEmpty {
            self.tell(untold, through: missed.through)
            return self.answerOrWait()
        }
        var writer = JSONWriter(capacity: 64 + missed.frames.reduce(0) { $0 + $1.approximateSize })
        writer.beginArray()
        for frame in missed.frames { FrameWriter.write(frame, catchUp: true, into: &writer) }
        writer.endArray()
        if self.answer(with: writer.bytes) { self.tell(untold, through: missed.through) }
    }

    private func tell(_ untold: Untold, through position: SequenceNumber) {
        self.untold =
            position < untold.through
            ? Untold(channels: untold.channels, after: position, through: untold.through) : nil
    }

    /// Turns what is gathered into a position.
    private func letGo() {
        guard let positions = self.queue.positions else { return }
        let memberships = self.shard.tables.listener(self.connection)?.memberships.map(\.channel.name) ?? []
        self.untold = Untold(
            channels: Set(memberships + (self.untold?.channels ?? [])).sorted(),
            after: self.untold?.after ?? positions.lowerBound.previous,
            through: positions.upperBound
        )
        self.queue.removeAll()
    }

    // MARK: The feed

    func begin(_ listener: Listener, channels: [ChannelName], missed: MissedPart) {
        self.user = listener.user.name
        self.owesMissed = !missed.isNothing
        if missed.isComplete {
            for frame in missed.frames { self.queue.append(frame, channel: frame.channel, isCatchUp: true) }
            if !missed.frames.isEmpty { self.waiter?.wait.messageCame(now: self.shard.eventLoop.now) }
        } else {
            self.untold = Untold(channels: channels, after: missed.after, through: missed.end)
        }
        self.answerOrWait()
    }

    /// Takes the frames among some changes.
    func receive(_ changes: ArraySlice<Change>) {
        for case .frame(let frame, let audience) in changes {
            // The newest frame stays, however large: the hub may keep none of its channel.
            if self.queue.isOverfull { self.letGo() }
            // Others of the same event may have been let go.
            if let untold = self.untold, frame.position <= untold.through { continue }
            self.queue.append(frame, channel: audience.channel, isCatchUp: self.waiter == nil)
            // Answered at once, so that nothing has to be pushed out.
            if self.queue.isFull { self.answer() }
        }
        guard self.waiter != nil, !self.queue.isEmpty else { return }
        let wasQuiet = self.waiter?.wait.deadline
        self.waiter?.wait.messageCame(now: self.shard.eventLoop.now)
        // A deadline that moved back is met by the timer that runs; only an earlier one needs a new timer.
        if let deadline = self.waiter?.wait.deadline, let wasQuiet, deadline < wasQuiet { self.answerOrWait() }
    }

    func forgetContent(of lines: Set<SequenceNumber>) {
        self.queue.forgetContent(of: lines)
    }

    func refuse(_ refusal: AttachmentRefusal) {
        self.shard.removePoll(self)
        switch refusal {
        case .unknownConnection: self.settle(.unknownConnection)
        case .unavailable: self.settle(.unavailable)
        }
    }

    /// The connection is closed, or somebody else listens now: a poll that waits gets what there is.
    func end() {
        guard self.waiter != nil else { return self.settle(.unavailable) }
        if self.answer(with: self.queue.list()) { self.queue.removeAll() }
    }

    /// The server stops: answers the poll that waits.
    ///
    /// - Returns: How far the client got, when frames are left for which nobody waits.
    func finishForGood() -> SequenceNumber? {
        if let untold = self.untold {
            self.settle(.list(Array("[]".utf8)))
            return untold.after
        }
        if self.waiter != nil { self.end() }
        return self.queue.positions?.lowerBound.previous
    }

    private func settle(_ answer: PollAnswer) {
        self.timer?.cancel()
        self.timer = nil
        self.waiter?.answer.succeed(answer)
        self.waiter = nil
    }
}
