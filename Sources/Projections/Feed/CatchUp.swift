import DequeModule
package import LogValues

/// The frames that a listener has missed of the channels which its connection is in, or a part of them.
package struct MissedPart: Sendable, Equatable {
    /// They stand in the order of the log; those of one event are all here, or none.
    ///
    /// Private ones come last where the part ``isWhole``.
    package let frames: [Frame]
    /// Nothing up to this event was asked for.
    package let after: SequenceNumber
    /// Up to this event nothing is left out.
    package let through: SequenceNumber
    /// The last event that was asked for.
    package let end: SequenceNumber
    /// Whether nothing is left out, and it is so little that it is told as one.
    package let isWhole: Bool

    package init(frames: [Frame], after: SequenceNumber, through: SequenceNumber, end: SequenceNumber, isWhole: Bool) {
        self.frames = frames
        self.after = after
        self.through = through
        self.end = end
        self.isWhole = isWhole
    }

    package var isComplete: Bool { self.through >= self.end }
    /// Whether there is nothing to tell, in this part or later.
    package var isNothing: Bool { self.isComplete && self.frames.isEmpty }
}

extension HubState {
    /// Frames kept of a channel, of all types.
    package static let framesKeptPerChannel = 100
    /// Private frames kept of a user.
    package static let framesKeptPerUser = 50
    /// An attachment hands out so many bytes at once, as the client gets them; the rest is asked for part by part.
    package static let firstPartSize = 256 * 1024
    /// Up to so many bytes, as the client gets them, are told as one.
    package static let wholePartSize = 64 * 1024

    /// The frames that a listener of this connection gets first; nil for an unknown connection.
    func missedPart(of id: ConnectionID) -> MissedPart? {
        guard let connection = self.connectionsByID[id] else { return nil }
        return self.missedPart(
            by: connection.user,
            in: connection.channels,
            after: connection.position,
            through: self.position,
            size: Self.firstPartSize
        )
    }

    /// Tells a part of what a user has missed between two events: the last frames of each channel as of the later one,
    /// as they stand now, and the last private ones.
    ///
    /// It costs what it tells and a look at each channel, not what is kept.
    ///
    /// - Parameters:
    ///   - user: Who gets to see what is told.
    ///   - channels: In sorted order, each once.
    ///   - after: The last event that was told of already.
    ///   - end: The last event to tell of; what follows reaches the listener by the change feed.
    ///   - size: The event that passes it is the last one, in bytes as the client gets them.
    /// - Returns: The part; of one event, the channels in their order, then what is private.
    package func missedPart(
        by user: UserName,
        in channels: [ChannelName],
        after: SequenceNumber,
        through end: SequenceNumber,
        size: Int
    ) -> MissedPart {
        var sources = channels.compactMap { self.channelsByName[$0]?.value.keptFrames(after: after, through: end) }
        if let own = self.usersByName[user]?.value.keptFrames(after: after, through: end) { sources.append(own) }
        // The source whose next frame comes first stands last.
        var order: [(position: SequenceNumber, source: Int)] = []
        for (index, source) in sources.enumerated() {
            if let position = source.nextPosition { order.append((position, index)) }
        }
        order.sort { $0 > $1 }
        var frames: [Frame] = []
        var told = 0
        var last: SequenceNumber?
        while let (position, index) = order.last {
            guard told < size || position == last else {
                let through = SequenceNumber(position.rawValue - 1)
                return MissedPart(frames: frames, after: after, through: through, end: end, isWhole: false)
            }
            order.removeLast()
            last = position
            while sources[index].nextPosition == position {
                let frame = sources[index].take()
                guard frame.isVisible(to: user) else { continue }
                told += frame.approximateSize
                frames.append(frame)
            }
            guard let next = sources[index].nextPosition else { continue }
            // From the end, since the next frame of a channel is seldom far away.
            order.insert((next, index), at: order.lastIndex { $0 > (next, index) }.map { $0 + 1 } ?? 0)
        }
        let isWhole = told <= Self.wholePartSize
        if isWhole { frames = frames.filter { !$0.isPrivate } + frames.filter(\.isPrivate) }
        return MissedPart(frames: frames, after: after, through: end, end: end, isWhole: isWhole)
    }

    /// Whether frames between two events are gone by now that were kept as of the later one, for newer frames.
    ///
    /// Where that cannot be told apart from frames that were gone before, it says yes.
    package func hasDropped(
        of user: UserName,
        in channels: [ChannelName],
        after: SequenceNumber,
        through end: SequenceNumber
    )
        -> Bool
    {
        let isPrivateGone = self.usersByName[user]?.value.privateFrames.hasDropped(after: after, since: end) == true
        return isPrivateGone
            || channels.contains { self.channelsByName[$0]?.value.hasDropped(after: after, since: end) == true }
    }
}

/// Frames of a channel, or private ones of a user, that are to be told one after the other.
private struct KeptFrames {
    private let frames: FrameQueue
    private var frameIndices: Range<Int>
    private let changes: Deque<Frame>
    private var changeIndices: Range<Int>

    /// Takes frames and changes of state, each in order, as far as they lie between two events and belong to the last
    /// `count` of all up to the later one.
    init(
        _ frames: FrameQueue,
        _ changes: Deque<Frame>,
        after: SequenceNumber,
        through end: SequenceNumber,
        last count: Int
    ) {
        self.frames = frames
        self.changes = changes
        let frameEnd = frames.partitioningIndex { $0.frame.position > end }
        let changeEnd = changes.partitioningIndex { $0.position > end }
        var (frame, change) = (frameEnd, changeEnd)
        if frameEnd + changeEnd <= count {
            (frame, change) = (0, 0)
        } else {
            for _ in 0..<count {
                let isFrame =
                    frame > 0 && (change == 0 || frames[frame - 1].frame.position > changes[change - 1].position)
                if isFrame { frame -= 1 } else { change -= 1 }
            }
        }
        self.frameIndices = min(max(frame, frames.partitioningIndex { $0.frame.position > after }), frameEnd)..<frameEnd
        self.changeIndices = min(max(change, changes.partitioningIndex { $0.position > after }), changeEnd)..<changeEnd
    }

    var nextPosition: SequenceNumber? {
        guard let change = self.nextChangePosition else { return self.nextFramePosition }
        return self.nextFramePosition.map { min($0, change) } ?? change
    }

    private var nextFramePosition: SequenceNumber? {
        self.frameIndices.first.map { self.frames[$0].frame.position }
    }

    private var nextChangePosition: SequenceNumber? {
        self.changeIndices.first.map { self.changes[$0].position }
    }

    /// - Precondition: There is a next one.
    mutating func take() -> Frame {
        if let frame = self.nextFramePosition, self.nextChangePosition.map({ frame <= $0 }) ?? true {
            defer { self.frameIndices.removeFirst() }
            return self.frames[self.frameIndices.lowerBound].frame
        }
        defer { self.changeIndices.removeFirst() }
        return self.changes[self.changeIndices.lowerBound]
    }
}

extension ChannelState {
    /// They are nil if there is nothing to tell, which is the rule.
    fileprivate func keptFrames(after: SequenceNumber, through end: SequenceNumber) -> KeptFrames? {
        let newest = max(self.frames.last?.frame.position ?? .start, self.stateChanges.last?.position ?? .start)
        guard newest > after else { return nil }
        return KeptFrames(
            self.frames,
            self.stateChanges,
            after: after,
            through: end,
            last: HubState.framesKeptPerChannel
        )
    }

    fileprivate func hasDropped(after: SequenceNumber, since end: SequenceNumber) -> Bool {
        self.frames.hasDropped(after: after, since: end)
            || self.lastDroppedChange.map { $0.by > end && $0.frame > after } == true
    }
}

extension UserState {
    fileprivate func keptFrames(after: SequenceNumber, through end: SequenceNumber) -> KeptFrames? {
        guard let newest = self.privateFrames.last?.frame.position, newest > after else { return nil }
        return KeptFrames(self.privateFrames, [], after: after, through: end, last: HubState.framesKeptPerUser)
    }
}

extension FrameQueue {
    fileprivate func hasDropped(after: SequenceNumber, since end: SequenceNumber) -> Bool {
        self.lastDrop.map { $0.by > end && $0.frame > after } == true
    }
}

extension RandomAccessCollection where Index == Int {
    /// The index of the first element for which this holds, given that it holds for all that follow.
    fileprivate func partitioningIndex(_ isBehind: (Element) -> Bool) -> Int {
        var low = self.startIndex
        var high = self.endIndex
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
