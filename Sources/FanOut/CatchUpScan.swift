import LogValues
import Projections
import RawJSON

/// Reads events on behalf of one connection, and keeps what its socket missed.
///
/// It owns no file: events go in, in order, and out comes when it has seen enough. The rules are those of the reducer
/// (`Projections/Reducer`), as far as they concern a connection that is there: its channels exist, and its user is known.
struct CatchUpScan {
    private let request: CatchUpRequest
    private var channels: Set<ChannelName>
    private var items: [CatchUp.Item] = []
    private var size = 0
    private var through: SequenceNumber

    init(_ request: CatchUpRequest) {
        self.request = request
        self.channels = Set(request.channels)
        self.through = request.after
    }

    /// The event that it needs next.
    var next: SequenceNumber { self.through.next }
    var isComplete: Bool { self.through >= self.request.through || self.size >= self.request.size }
    var catchUp: CatchUp { CatchUp(items: self.items, through: self.through) }

    /// Takes the next event; those that it has seen already change nothing.
    mutating func take(_ event: Event, at position: SequenceNumber) {
        guard !self.isComplete, position == self.next else { return }
        self.through = position
        switch event.payload {
        case .messagePosted(let posted):
            guard self.reaches(posted.addressing) else { return }
            self.keep(.message(Message(posted, time: event.time)))
        case .messageEdited(let edit):
            guard self.reaches(edit.addressing) else { return }
            self.keep(.edit(edit, time: event.time))
        case .messageDeleted(let deletion):
            guard self.reaches(deletion.addressing) else { return }
            self.keep(.deletion(deletion))
        case .userConnected(let connected) where connected.connection == self.request.connection:
            self.enter(connected.channels.map(\.name))
        case .connectionSubscribed(let subscribed) where subscribed.connection == self.request.connection:
            self.enter(subscribed.channels.map(\.name))
        case .connectionUnsubscribed(let unsubscribed) where unsubscribed.connection == self.request.connection:
            self.leave(unsubscribed.channels)
        case .channelForgotten(let forgotten):
            self.leave([forgotten.channel])
        case .userConnected, .connectionSubscribed, .connectionUnsubscribed, .connectionAttached, .connectionDetached,
            .connectionClosed, .userStateChanged, .userForgotten, .channelConfigured, .contentErased, .logCheckpointed,
            .logKeyChanged, .logDropped,
            .nodeStarted, .nodeStopped, .unknown:
            break
        }
    }

    private func reaches(_ addressing: Addressing) -> Bool {
        addressing.channel.map { self.channels.contains($0) } != false && addressing.reaches(self.request.user)
    }

    private mutating func keep(_ kind: Frame.Kind) {
        let frame = Frame(position: self.through, kind: kind)
        self.size += frame.approximateSize
        self.items.append(.frame(frame))
    }

    private mutating func enter(_ names: [ChannelName]) {
        let entered = names.filter { self.channels.insert($0).inserted }
        if !entered.isEmpty { self.items.append(.entered(entered, at: self.through)) }
    }

    private mutating func leave(_ names: [ChannelName]) {
        let left = names.filter { self.channels.remove($0) != nil }
        if !left.isEmpty { self.items.append(.left(left, at: self.through)) }
    }
}
