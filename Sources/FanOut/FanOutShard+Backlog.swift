import LogValues
import NIOCore
import Projections

extension FanOutShard {
    /// The most that one write of a socket that catches up holds, in bytes; its buffer in the kernel holds about as much.
    private static let catchUpSize = 64 * 1024

    /// Goes on where a socket stopped, now that it takes bytes again.
    func resume(_ listener: Listener) {
        self.eventLoop.assertInEventLoop()
        guard let backlog = listener.backlog, !backlog.isFetching, !listener.isResuming,
            case .socket(let socket) = listener.transport
        else { return }
        listener.isResuming = true
        defer { listener.isResuming = false }
        // What others are held for leaves first, so that what is gathered from here on is this socket's alone.
        self.sendGathered()
        // Flushing may make room at once, and the event that says so is ignored meanwhile: so it is a loop.
        while socket.isWritable, let backlog = listener.backlog {
            if let untold = backlog.untold { return self.askForMissed(untold, backlog, for: listener) }
            guard backlog.next >= self.ring.start else { return self.fetch(backlog, for: listener) }
            self.writeMissed(backlog, to: listener, socket)
            self.flush()
        }
    }

    /// Sends what the ring holds for a socket, up to a limit, as if it were delivered now.
    private func writeMissed(_ backlog: Backlog, to listener: Listener, _ socket: WebSocketHandler) {
        self.setBacklog(nil, of: listener)
        var next = backlog.next
        var last: SequenceNumber?
        while next < self.ring.end, listener.backlog == nil {
            let entry = self.ring[next]
            // Frames of one event stay together.
            guard self.gathering.size < Self.catchUpSize || entry.first == last else { break }
            if Self.isAddressed(entry, number: next, to: listener, backlog) {
                let piece = FrameGathering.Piece(run: entry.run, entry: next)
                self.gathering.begin(piece)
                self.offer(piece, to: listener, socket)
                last = entry.last
            }
            next += 1
        }
        self.sendGathered()
        if let stopped = listener.backlog {
            stopped.left = backlog.left.filter { $0.entries.upperBound > stopped.next }
        } else if next < self.ring.end {
            backlog.next = next
            backlog.after = max(backlog.after, self.ring[next].first.previous)
            self.setBacklog(backlog, of: listener)
        }
    }

    /// The rules of delivery, for one socket and a moment that has passed.
    static func isAddressed(
        _ entry: RecentRing.Entry,
        number: UInt64,
        to listener: Listener,
        _ backlog: Backlog
    ) -> Bool {
        guard entry.audience.reaches(listener.user.name) else { return false }
        guard let channel = entry.channel else { return true }
        return listener.memberships.contains { $0.channel === channel && $0.since <= number }
            || backlog.left.contains { $0.channel === channel && $0.entries.contains(number) }
    }
}
