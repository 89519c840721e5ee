import LogValues
import NIOCore
import Projections

extension FanOutShard {
    /// Begins a poll; the first one of a connection takes it up.
    func poll(_ connection: ConnectionID) -> EventLoopFuture<PollAnswer> {
        self.eventLoop.assertInEventLoop()
        let answer = self.eventLoop.makePromise(of: PollAnswer.self)
        if self.isDraining {
            answer.succeed(.unavailable)
        } else if let session = self.polls[connection] {
            session.poll(answer)
        } else {
            let session = PollSession(connection: connection, shard: self)
            self.polls[connection] = session
            session.poll(answer)
            _ = self.request(connection, .longPoll, .poll(session))
        }
        return answer.futureResult
    }

    func removePoll(_ session: PollSession) {
        guard self.polls[session.connection] === session else { return }
        self.polls[session.connection] = nil
    }
}
