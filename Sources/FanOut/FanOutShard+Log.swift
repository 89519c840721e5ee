import LogValues
import NIOCore
import Projections

extension FanOutShard {
    /// The bytes that are asked for at a time: as many as a socket's buffer in the kernel takes at once.
    private static let fetchSize = 48 * 1024
    /// Frames that are fetched share a list up to this size in bytes: what does not fit the kernel's buffer waits here.
    private static let fetchedListSize = 4 * 1024

    /// The ring no longer reaches back: asks for the next part of what is missing, or gives up.
    func fetch(_ backlog: Backlog, for listener: Listener) {
        guard let source = self.catchUpSource, backlog.after >= self.ring.asidesDroppedThrough else {
            return self.giveUp(on: listener)
        }
        let channels = backlog.channels ?? self.channels(of: listener, backlog)
        backlog.channels = channels
        backlog.isFetching = true
        let request = CatchUpRequest(
            connection: listener.connection,
            user: listener.user.name,
            channels: channels,
            after: backlog.after,
            through: self.ring.droppedThrough,
            size: Self.fetchSize
        )
        let bound = NIOLoopBound((shard: self, listener: listener), eventLoop: self.eventLoop)
        let eventLoop = self.eventLoop
        source.read(request) { catchUp in
            eventLoop.execute { bound.value.shard.fetched(catchUp, for: bound.value.listener) }
        }
    }

    /// The channels that a listener was in when the first entry came that it did not get.
    private func channels(of listener: Listener, _ backlog: Backlog) -> [ChannelName] {
        let current = listener.memberships.filter { $0.since <= backlog.next }.map(\.channel.name)
        let left = backlog.left.filter { $0.entries.contains(backlog.next) }.map(\.channel.name)
        return current + left
    }

    private func fetched(_ catchUp: CatchUp?, for listener: Listener) {
        guard let backlog = listener.backlog, case .socket(let socket) = listener.transport else { return }
        backlog.isFetching = false
        guard let catchUp, catchUp.through > backlog.after, backlog.after >= self.ring.asidesDroppedThrough else {
            return self.giveUp(on: listener)
        }
        // Otherwise it is fetched again: nothing but a position waits for a socket that takes nothing.
        if socket.isWritable { self.write(catchUp, backlog, to: listener, socket) }
        // Requests end where the ring begins, so that no entry is told of in part.
        if backlog.after >= self.ring.droppedThrough {
            backlog.next = self.ring.start
            // Nothing happened for anybody here before the ring's first entry, but channels may have been entered and left.
            if self.ring.start < self.ring.end {
                backlog.after = max(backlog.after, self.ring[self.ring.start].first.previous)
            }
            backlog.channels = nil
        }
        self.flush()
        self.resume(listener)
    }

    /// Writes what was fetched, with what the ring put aside of the same time, for as long as the socket takes it.
    private func write(_ catchUp: CatchUp, _ backlog: Backlog, to listener: Listener, _ socket: WebSocketHandler) {
        var missed = MissedFrames(
            asides: Array(self.ring.asides(after: backlog.after, through: catchUp.through)).filter {
                Self.isAddressed($0.entry, number: $0.number, to: listener, backlog)
            },
            catchUp: catchUp,
            channels: backlog.channels ?? [],
            after: backlog.after,
            listSize: Self.fetchedListSize
        )
        // What is written next may be of the same event.
        while socket.isWritable || !missed.isBetweenEvents, let (bytes, last) = missed.next() {
            self.write(bytes, through: last, to: listener, socket)
        }
        backlog.after = missed.after
        backlog.channels = missed.channels
    }
}
