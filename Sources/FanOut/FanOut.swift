package import Hub
package import LogValues
package import NIOCore
package import Projections
import Synchronization
package import Web

/// Brings each batch of changes to the shards, one of which stands on every event loop.
package final class FanOut: ChangeReceiver {
    private final class Seat: Sendable {
        let eventLoop: any EventLoop
        /// Empty until ``FanOut/start(commands:catchUpSource:unsent:)``.
        let shard: NIOLoopBoundBox<FanOutShard?>
        /// Batches that the shard has not taken yet: those that come while it is busy become one round.
        private let inbox = Mutex<[EncodedBatch]>([])

        init(_ eventLoop: any EventLoop) {
            self.eventLoop = eventLoop
            self.shard = .makeEmptyBox(eventLoop: eventLoop)
        }

        func receive(_ batch: EncodedBatch) {
            let isFirst = self.inbox.withLock { inbox in
                inbox.append(batch)
                return inbox.count == 1
            }
            guard isFirst else { return }
            self.eventLoop.execute {
                let batches = self.inbox.withLock { exchange(&$0, with: []) }
                self.shard.value?.receive(batches)
            }
        }
    }

    private let settings: FanOutSettings
    private let seats: [Seat]
    private let seatIndex: [ObjectIdentifier: Int]

    /// Seats a shard on each loop of a group; the sockets have to be on these loops.
    package init(group: any EventLoopGroup, settings: FanOutSettings = FanOutSettings()) {
        self.settings = settings
        var seats: [Seat] = []
        var index: [ObjectIdentifier: Int] = [:]
        for eventLoop in group.makeIterator() {
            index[ObjectIdentifier(eventLoop)] = seats.count
            seats.append(Seat(eventLoop))
        }
        self.seats = seats
        self.seatIndex = index
    }

    /// Makes the shards; batches and listeners that come before are ignored and refused.
    package func start(
        commands: any CommandSink,
        catchUpSource: (any CatchUpSource)? = nil,
        unsent: UnsentAnswers = UnsentAnswers(limit: .max)
    ) {
        for (index, seat) in self.seats.enumerated() {
            let settings = self.settings
            seat.eventLoop.execute {
                let shard = FanOutShard(
                    index: index,
                    eventLoop: seat.eventLoop,
                    settings: settings,
                    commands: commands,
                    catchUpSource: catchUpSource,
                    unsent: unsent
                )
                shard.start()
                seat.shard.value = shard
            }
        }
    }

    /// Called on the hub's executor, in order: encodes the frames and hops to every loop.
    package func receive(_ batch: ChangeBatch) {
        let encoded = EncodedBatch(batch, runSize: self.settings.runSize)
        guard !encoded.steps.isEmpty else { return }
        for seat in self.seats { seat.receive(encoded) }
    }

    /// The shard of a loop, on which this has to be called; nil before the start, and for a loop of another group.
    package func shard(on eventLoop: any EventLoop) -> FanOutShard? {
        self.seatIndex[ObjectIdentifier(eventLoop)].flatMap { self.seats[$0].shard.value }
    }

    /// Waits for messages of a connection, as `GET /listen` does.
    ///
    /// A connection's polls may come over any TCP connection; its id says which shard keeps their session.
    package func poll(_ connection: ConnectionID) async -> PollAnswer {
        let seat = self.seats[Int(connection.low % UInt64(self.seats.count))]
        let shard = seat.shard
        let answer = seat.eventLoop.flatSubmit {
            shard.value?.poll(connection) ?? seat.eventLoop.makeSucceededFuture(.unavailable)
        }
        return (try? await answer.get()) ?? .unavailable
    }

    /// Ends all sockets with 1001, answers all polls, and refuses new ones.
    ///
    /// - Parameter timeout: Sockets that have not closed by then are cut.
    /// - Returns: For listeners that had not received everything, how far they got.
    package func drain(within timeout: TimeAmount) async -> [ConnectionID: SequenceNumber] {
        var behind: [ConnectionID: SequenceNumber] = [:]
        await withTaskGroup(of: [ConnectionID: SequenceNumber].self) { group in
            for seat in self.seats {
                group.addTask { (try? await Self.drain(seat, within: timeout).get()) ?? [:] }
            }
            for await part in group { behind.merge(part) { first, _ in first } }
        }
        return behind
    }

    private static func drain(_ seat: Seat, within timeout: TimeAmount) -> EventLoopFuture<
        [ConnectionID: SequenceNumber]
    > {
        let shard = seat.shard
        return seat.eventLoop.flatSubmit {
            guard let value = shard.value else { return seat.eventLoop.makeSucceededFuture([:]) }
            let (behind, closed) = value.drain()
            let cut = seat.eventLoop.scheduleTask(in: timeout) { shard.value?.endDrain() }
            return closed.map {
                cut.cancel()
                shard.value?.stop()
                return behind
            }
        }
    }
}
