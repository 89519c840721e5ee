import LogValues
import NIOCore
import Projections
import Web

extension FanOutShard {
    // MARK: To whom

    /// - Parameters:
    ///   - run: What sockets get.
    ///   - changes: What it is made of, for polls.
    func deliver(_ run: FrameRun, _ changes: ArraySlice<Change>) {
        self.deliveryNumber += 1
        if self.gathering.isFull { self.sendGathered() }
        let audience = run.audience
        guard let name = audience.channel else { return self.deliverPrivately(run, changes) }
        guard let channel = self.tables.channels[name] else { return }
        let piece = self.remember(run, channel: channel)
        switch audience.recipients {
        case .everybody:
            for seat in self.gathering.add(channel.members, in: &self.tables.seats) {
                if let listener = self.tables.seats.listener(seat) { self.offer(changes, piece, to: listener) }
            }
        case .everybodyBut(let names):
            let number = self.deliveryNumber
            for name in names { self.tables.users[name]?.exceptedBy = number }
            for member in channel.members {
                guard let listener = self.tables.seats.listener(member.seat), listener.user.exceptedBy != number else {
                    continue
                }
                self.offer(changes, piece, to: listener)
            }
        case .users(let names):
            for user in self.knownUsers(names) {
                for listener in user.listeners where listener.isMember(of: channel) {
                    self.offer(changes, piece, to: listener)
                }
            }
        }
    }

    private func deliverPrivately(_ run: FrameRun, _ changes: ArraySlice<Change>) {
        guard case .users(let names) = run.audience.recipients else { return }
        let users = self.knownUsers(names)
        guard !users.isEmpty else { return }
        let piece = self.remember(run, channel: nil)
        for user in users {
            for listener in user.listeners { self.offer(changes, piece, to: listener) }
        }
    }

    private func remember(_ run: FrameRun, channel: ShardChannel?) -> FrameGathering.Piece {
        let entry = self.ring.append(.init(channel: channel, run: run))
        let piece = FrameGathering.Piece(run: run, entry: entry)
        self.gathering.begin(piece)
        return piece
    }

    /// Those of these users that are known here, each once however often it is named.
    private func knownUsers(_ names: [UserName]) -> [ShardUser] {
        names.compactMap { name in
            guard let user = self.tables.users[name], user.chosenBy != self.deliveryNumber else { return nil }
            user.chosenBy = self.deliveryNumber
            return user
        }
    }

    // MARK: How

    private func offer(_ changes: ArraySlice<Change>, _ piece: FrameGathering.Piece, to listener: Listener) {
        switch listener.transport {
        case .socket(let socket): self.offer(piece, to: listener, socket)
        case .poll(let session): session.receive(changes)
        }
    }

    /// Gathers the piece that was begun last for one socket, or writes it.
    func offer(_ piece: FrameGathering.Piece, to listener: Listener, _ socket: WebSocketHandler) {
        switch self.tables.seats[listener.seat].standing {
        case .direct: self.gathering.add(listener.seat, in: &self.tables.seats)
        case .indirect: self.write(piece, to: listener, socket)
        // Who is behind catches up when it drains; it is already known from where.
        case .passedBy, .vacant: break
        }
    }

    private func write(_ piece: FrameGathering.Piece, to listener: Listener, _ socket: WebSocketHandler) {
        guard listener.backlog == nil else { return }
        // Frames of one event are not torn apart, so that an event is a place to go on from.
        guard socket.isWritable || piece.first == self.tables.seats[listener.seat].lastPosition else {
            return self.setBacklog(Backlog(next: piece.entry, after: piece.first.previous), of: listener)
        }
        self.write(piece.bytes, through: piece.last, to: listener, socket)
    }

    func write(_ bytes: ByteBuffer, through position: SequenceNumber, to listener: Listener, _ socket: WebSocketHandler)
    {
        socket.write(bytes)
        self.tables.seats[listener.seat].lastPosition = position
        self.noteUnflushed(listener)
    }

    /// Sends what was gathered to everybody.
    func sendGathered() {
        self.hold.end()
        guard !self.gathering.isEmpty else { return }
        for shortfall in self.gathering.send(&self.tables.seats) {
            guard let listener = self.tables.seats.listener(shortfall.seat),
                case .socket(let socket) = listener.transport
            else { continue }
            if shortfall.sent == DirectOutput.failure {
                socket.writingFailed()
            } else {
                let pieces = self.gathering.pieces(of: shortfall)
                self.write(pieces, without: shortfall.sent, to: listener, socket)
            }
        }
        self.gathering.removeAll()
    }

    /// Sends what was gathered for one who leaves.
    func sendGathered(to listener: Listener) {
        guard case .socket(let socket) = listener.transport else { return }
        let pieces = self.gathering.take(listener.seat, from: &self.tables.seats)
        for piece in pieces { self.write(piece, to: listener, socket) }
    }

    /// Goes on after the first `sent` bytes of some pieces, which are all that the kernel had room for.
    private func write(
        _ pieces: [FrameGathering.Piece],
        without sent: Int,
        to listener: Listener,
        _ socket: WebSocketHandler
    ) {
        var sent = sent
        for piece in pieces {
            let size = piece.bytes.readableBytes
            guard sent >= 0 else {
                self.write(piece, to: listener, socket)
                continue
            }
            if sent < size {
                // A slice: what a slow socket has not taken of a frame is shared with all others that have not. Queued
                // without another try, so that the channel waits for room, even where the kernel took nothing of it.
                var rest = piece.bytes
                rest.moveReaderIndex(forwardBy: sent)
                socket.queue(rest)
                self.noteUnflushed(listener)
            }
            sent -= size
            self.tables.seats[listener.seat].lastPosition = piece.last
        }
    }

    // MARK: The end of a round

    func noteUnflushed(_ listener: Listener) {
        guard !listener.isUnflushed else { return }
        listener.isUnflushed = true
        self.unflushed.append(listener)
    }

    /// Sends what was gathered or, under load, lets it wait for more, and flushes what went through channels.
    func endRound(began now: NIODeadline) {
        self.hold.measure(now: now, busyTime: self.busyTime)
        let due = self.hold.due(
            isForBusySockets: self.gathering.isForBusySockets,
            largestShare: self.gathering.largestShare,
            now: now
        )
        if let due { self.armHoldTimer(due) } else { self.sendGathered() }
        self.flushChannels()
    }

    private func armHoldTimer(_ due: NIODeadline) {
        guard self.holdTimer == nil else { return }
        let shard = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.holdTimer = self.eventLoop.scheduleTask(deadline: due) { shard.value.holdTimerFired() }
    }

    private func holdTimerFired() {
        self.holdTimer = nil
        guard let due = self.hold.due else { return }
        if due <= self.eventLoop.now { self.flush() } else { self.armHoldTimer(due) }
    }

    /// Sends what was gathered, and flushes what went through channels.
    func flush() {
        self.sendGathered()
        self.flushChannels()
    }

    private func flushChannels() {
        while let listener = self.unflushed.popLast() {
            listener.isUnflushed = false
            if case .socket(let socket) = listener.transport { socket.flush() }
        }
        self.closeFailed()
    }

    func setBacklog(_ backlog: Backlog?, of listener: Listener) {
        listener.backlog = backlog
        self.noteStanding(listener)
    }

    /// Follows a change of what a listener takes: its backlog, or what its socket says of itself.
    func noteStanding(_ listener: Listener) {
        guard listener.seat >= 0 else { return }
        switch listener.transport {
        case .poll:
            self.tables.seats.set(listener.seat, .indirect)
        case .socket(let socket):
            if listener.backlog == nil, let descriptor = socket.directDescriptor {
                return self.tables.seats.set(listener.seat, .direct, descriptor: descriptor)
            }
            self.tables.seats.set(listener.seat, listener.backlog == nil ? .indirect : .passedBy)
            // What is held for it keeps its place behind what the socket did not take.
            self.sendGathered(to: listener)
        }
    }
}
