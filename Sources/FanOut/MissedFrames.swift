import LogValues
import NIOCore
import Projections

/// The frames that one socket missed, from the log and from what the ring put aside, merged in the order of the feed.
///
/// It is written step by step, for as long as the socket takes it. Between two steps it says where the socket stands:
/// the last event that it has everything of, and the channels that it was in then.
struct MissedFrames {
    private let items: [CatchUp.Item]
    private let through: SequenceNumber
    private let asides: [RecentRing.Aside]
    private let listSize: Int
    private var item = 0
    private var aside = 0
    private var current: Set<ChannelName>
    private var lastWritten = SequenceNumber.start
    private(set) var after: SequenceNumber

    init(asides: [RecentRing.Aside], catchUp: CatchUp, channels: [ChannelName], after: SequenceNumber, listSize: Int) {
        self.asides = asides
        self.items = catchUp.items
        self.through = catchUp.through
        self.current = Set(channels)
        self.after = after
        self.listSize = listSize
        self.passMemberships()
    }

    /// After ``after``.
    var channels: [ChannelName] { Array(self.current) }

    /// Whether what comes next is of another event than what came last.
    var isBetweenEvents: Bool {
        let isAsideOfLast = self.aside < self.asides.count && self.asides[self.aside].entry.first == self.lastWritten
        let isItemOfLast = self.item < self.items.count && self.items[self.item].position == self.lastWritten
        return !isAsideOfLast && !isItemOfLast
    }

    /// Takes the next frames: of the log, as many as fit a list; an aside as it was sent to others.
    ///
    /// - Returns: A text frame, and the last event in it.
    mutating func next() -> (bytes: ByteBuffer, last: SequenceNumber)? {
        let bytes: ByteBuffer?
        if let aside = self.nextAside {
            self.aside += 1
            self.lastWritten = aside.entry.last
            bytes = aside.entry.bytes
        } else {
            bytes = self.takeList()
        }
        self.passMemberships()
        return bytes.map { ($0, self.lastWritten) }
    }

    private mutating func takeList() -> ByteBuffer? {
        var list = CatchUpList(size: self.listSize)
        while !list.isFull, self.nextAside == nil, self.item < self.items.count,
            case .frame(let frame) = self.items[self.item]
        {
            list.append(frame)
            self.lastWritten = frame.position
            self.item += 1
        }
        return list.take()
    }

    /// The next aside, if nothing in the log comes before it.
    private var nextAside: RecentRing.Aside? {
        guard self.aside < self.asides.count else { return nil }
        let aside = self.asides[self.aside]
        guard self.item < self.items.count, self.items[self.item].position < aside.entry.first else { return aside }
        return nil
    }

    /// Follows comings and goings up to the next frame; everything before that frame is dealt with.
    private mutating func passMemberships() {
        while self.nextAside == nil, self.item < self.items.count {
            switch self.items[self.item] {
            case .frame(let frame):
                self.after = frame.position.previous
                return
            case .entered(let names, _): self.current.formUnion(names)
            case .left(let names, _): self.current.subtract(names)
            }
            self.item += 1
        }
        self.after = self.nextAside.map(\.entry.first.previous) ?? self.through
    }
}

extension CatchUp.Item {
    fileprivate var position: SequenceNumber {
        switch self {
        case .frame(let frame): frame.position
        case .entered(_, let position), .left(_, let position): position
        }
    }
}
