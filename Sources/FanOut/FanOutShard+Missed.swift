import Hub
import LogValues
import NIOCore
import Projections

/// How a socket is told what it missed before it came.
extension FanOutShard {
    /// The bytes that are asked for at a time: a few more than a socket's buffer in the kernel takes at once.
    private static let partSize = 64 * 1024
    /// Frames share a list up to this size in bytes: what does not fit the kernel's buffer waits here.
    private static let listSize = 16 * 1024

    /// Writes the first part of what was missed, for as long as the socket takes it, and hands the socket over.
    func begin(_ missed: MissedPart, of channels: [ChannelName], for listener: Listener, _ socket: WebSocketHandler) {
        // The handshake's answer leaves first: what waits behind it would look like a socket that takes nothing.
        if !missed.isWhole { socket.flush() }
        let after = self.write(missed, of: channels, to: listener, socket)
        if after < missed.end {
            let backlog = Backlog(next: self.ring.end, after: missed.end)
            backlog.untold = Untold(channels: channels, after: after, through: missed.end)
            listener.backlog = backlog
        }
        socket.begin(listener)
        self.resume(listener)
    }

    /// Asks the hub for the next part.
    func askForMissed(_ untold: Untold, _ backlog: Backlog, for listener: Listener) {
        backlog.isFetching = true
        let request = Question.MissedRequest(
            user: listener.user.name,
            channels: untold.channels,
            after: untold.after,
            through: untold.through,
            size: Self.partSize,
            allowsGaps: false
        )
        self.hand(.question(.missedPart(request))) { shard, reply in shard.missedCame(reply, for: listener) }
    }

    private func missedCame(_ reply: Reply, for listener: Listener) {
        guard let backlog = listener.backlog, let untold = backlog.untold, case .socket(let socket) = listener.transport
        else { return }
        backlog.isFetching = false
        guard case .missed(let missed) = reply else { return self.giveUp(on: listener) }
        // Otherwise it is asked for again: nothing but a position waits for a socket that takes nothing.
        if socket.isWritable {
            let after = self.write(missed, of: untold.channels, to: listener, socket)
            backlog.untold =
                after < untold.through ? Untold(channels: untold.channels, after: after, through: untold.through) : nil
        }
        self.flush()
        self.resume(listener)
    }

    /// - Returns: Everything up to this event is written.
    private func write(
        _ missed: MissedPart,
        of channels: [ChannelName],
        to listener: Listener,
        _ socket: WebSocketHandler
    ) -> SequenceNumber {
        guard !missed.frames.isEmpty else { return missed.through }
        guard !missed.isWhole else {
            var list = CatchUpList(size: .max)
            for frame in missed.frames { list.append(frame) }
            if let bytes = list.take() { self.write(bytes, through: missed.through, to: listener, socket) }
            return missed.through
        }
        var frames = MissedFrames(
            asides: [],
            catchUp: CatchUp(items: missed.frames.map { .frame($0) }, through: missed.through),
            channels: channels,
            after: missed.after,
            listSize: Self.listSize
        )
        while socket.isWritable || !frames.isBetweenEvents, let (bytes, last) = frames.next() {
            self.write(bytes, through: last, to: listener, socket)
        }
        return frames.after
    }
}
