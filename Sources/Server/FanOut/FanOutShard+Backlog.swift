import NIOCore
import Projections

extension FanOutShard {
    /// Goes on where a socket stopped, now that it takes bytes again.
    func resume(_ listener: Listener) {
        self.eventLoop.assertInEventLoop()
        guard let backlog = listener.backlog, !backlog.isFetching, !backlog.isResuming,
            case .socket(let socket) = listener.transport
        else { return }
        backlog.isResuming = true
        defer { backlog.isResuming = false }
        // Flushing may make room at once, and the event that says so is ignored meanwhile: so it is a loop.
        while socket.isWritable, listener.backlog != nil {
            guard backlog.next >= self.ring.start else { return self.fetch(backlog, for: listener) }
            if self.writeMissed(backlog, to: listener, socket) { listener.backlog = nil }
            self.flush()
        }
    }

    /// - Returns: Whether the socket has everything now.
    private func writeMissed(_ backlog: Backlog, to listener: Listener, _ socket: WebSocketHandler) -> Bool {
        while backlog.next < self.ring.end {
            let entry = self.ring[backlog.next]
            if Self.isAddressed(entry, number: backlog.next, to: listener, backlog) {
                guard socket.isWritable || entry.first == listener.lastPosition else {
                    backlog.after = max(backlog.after, entry.first.previous)
                    return false
                }
                self.write(entry.bytes, through: entry.last, to: listener, socket)
                backlog.after = entry.last
            }
            backlog.next += 1
        }
        return true
    }

    /// The rules of delivery, for one socket and a moment that has passed.
    private static func isAddressed(
        _ entry: RecentRing.Entry,
        number: UInt64,
        to listener: Listener,
        _ backlog: Backlog
    ) -> Bool {
        let name = listener.user.name
        guard entry.audience.only.isEmpty || entry.audience.only.contains(name),
            !entry.audience.except.contains(name)
        else { return false }
        guard let channel = entry.channel else { return true }
        return listener.memberships.contains { $0.channel === channel && $0.since <= number }
            || backlog.left.contains { $0.channel === channel && $0.entries.contains(number) }
    }

    /// The ring no longer reaches back: asks for what is missing, or gives up.
    private func fetch(_ backlog: Backlog, for listener: Listener) {
        guard let source = self.catchUpSource else { return self.giveUp(on: listener) }
        backlog.isFetching = true
        let bound = NIOLoopBound((shard: self, listener: listener), eventLoop: self.eventLoop)
        let eventLoop = self.eventLoop
        source.frames(for: listener.connection, after: backlog.after) { catchUp in
            eventLoop.execute { bound.value.shard.fetched(catchUp, for: bound.value.listener) }
        }
    }

    private func fetched(_ catchUp: CatchUp?, for listener: Listener) {
        guard let backlog = listener.backlog, case .socket(let socket) = listener.transport else { return }
        guard let catchUp else { return self.giveUp(on: listener) }
        backlog.isFetching = false
        for bytes in CatchUpEncoder.encode(catchUp.frames, runSize: self.settings.runSize) {
            self.write(bytes, through: catchUp.through, to: listener, socket)
        }
        backlog.after = max(backlog.after, catchUp.through)
        // What the source told of channels that were left is told; an entry that was dropped meanwhile is fetched next time.
        backlog.left.removeAll()
        backlog.next = self.ring.firstEntry(after: catchUp.through) ?? 0
        self.flush()
        self.resume(listener)
    }
}

extension Position {
    /// The event before this one; the start stays where it is.
    var previous: Position {
        self.rawValue == 0 ? self : Position(self.rawValue - 1)
    }
}
