import NIOCore
import Projections

/// What becomes of a poll.
package enum PollAnswer: Equatable, Sendable {
    /// A JSON list.
    case list([UInt8])
    case unknownConnection
    /// The hub takes no commands, or the server stops.
    case unavailable
}

/// A connection that is listened to by polls: it stays in its shard between two of them and gathers what comes.
///
/// Touched on the shard's loop only. It ends when the feed closes the connection or another listener takes it up.
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
    private var isAttached = false

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
        self.shard.tell(.signOfLife(self.connection))
        self.answerOrWait()
    }

    private func answerOrWait() {
        guard let waiter = self.waiter, self.isAttached else { return }
        let now = self.shard.eventLoop.now
        guard waiter.wait.deadline > now, !self.queue.isFull else { return self.answer() }
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
        guard let waiter = self.waiter else { return }
        self.waiter = nil
        waiter.answer.succeed(.list(self.queue.takeList()))
        self.shard.tell(.signOfLife(self.connection))
    }

    // MARK: The feed

    func begin(_ listener: Listener, catchUp: [Frame]) {
        self.isAttached = true
        for frame in catchUp { self.queue.append(frame, channel: frame.channel, isCatchUp: true) }
        if !catchUp.isEmpty { self.waiter?.wait.messageCame(now: self.shard.eventLoop.now) }
        self.answerOrWait()
    }

    /// Takes the frames among some changes.
    func receive(_ changes: ArraySlice<Change>) {
        for case .frame(let frame, let audience) in changes {
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

    func forgetContent(of lines: Set<Position>) {
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
        self.settle(.list(self.queue.takeList()))
    }

    /// The server stops: answers the poll that waits.
    ///
    /// - Returns: How far the client got, when frames are left for which nobody waits.
    func finishForGood() -> Position? {
        guard self.waiter == nil else {
            self.end()
            return nil
        }
        return self.queue.firstPosition?.previous
    }

    private func settle(_ answer: PollAnswer) {
        self.timer?.cancel()
        self.timer = nil
        self.waiter?.answer.succeed(answer)
        self.waiter = nil
    }
}

extension Frame {
    /// The channel that it is shown in; nil for a private one.
    fileprivate var channel: ChannelName? {
        switch self.kind {
        case .message(let message): message.addressing.channel
        case .edit(let edit, _): edit.addressing.channel
        case .deletion(let deletion): deletion.addressing.channel
        case .presence(let presence): presence.channel
        case .stateChange(let change): change.channel
        }
    }
}
