import Hub
import LogValues
import Projections
import RawJSON

/// The frames that wait for a long poll: the last of each channel, and the last private ones.
struct PollQueue {
    private struct Item {
        var frame: Frame
        let channel: ChannelName?
        /// Nobody was polling when it came.
        let isCatchUp: Bool
    }

    private let channelFrameCount: Int
    private let privateFrameCount: Int
    private let capacity: Int
    private var items: [Item] = []
    private var counts: [ChannelName?: Int] = [:]

    init(settings: PollSettings) {
        self.channelFrameCount = settings.channelFrameCount
        self.privateFrameCount = settings.privateFrameCount
        self.capacity = settings.answerSize
    }

    var isEmpty: Bool { self.items.isEmpty }

    /// The size of what the client will get, in bytes, roughly.
    private(set) var size = 0
    /// Whether some channel has as many frames as are kept of it.
    private var hasFullChannel = false

    /// Whether the next frame might push out an older one, or is more than there is room for.
    var isFull: Bool { self.hasFullChannel || self.isOverfull }
    /// Whether it holds more than it may while nobody polls.
    var isOverfull: Bool { self.size >= self.capacity }

    /// The events of the oldest frame and of the newest.
    var positions: ClosedRange<SequenceNumber>? {
        guard let first = self.items.lazy.map(\.frame.position).min(),
            let last = self.items.lazy.map(\.frame.position).max()
        else { return nil }
        return first...last
    }

    mutating func append(_ frame: Frame, channel: ChannelName?, isCatchUp: Bool) {
        let limit = channel == nil ? self.privateFrameCount : self.channelFrameCount
        let count = self.counts[channel, default: 0]
        if count >= limit, let oldest = self.items.firstIndex(where: { $0.channel == channel }) {
            self.size -= self.items.remove(at: oldest).frame.approximateSize
        } else {
            self.counts[channel] = count + 1
            if count + 1 >= limit { self.hasFullChannel = true }
        }
        self.size += frame.approximateSize
        self.items.append(Item(frame: frame, channel: channel, isCatchUp: isCatchUp))
    }

    /// Takes out what these events said; a frame that says nothing more goes.
    mutating func forgetContent(of lines: Set<SequenceNumber>) {
        for index in self.items.indices.reversed() {
            // What is left of it takes no more than the whole did: the size stays what it was, at most too large.
            if let frame = self.items[index].frame.withoutContent(of: lines) {
                self.items[index].frame = frame
            } else {
                self.counts[self.items.remove(at: index).channel, default: 1] -= 1
            }
        }
    }

    /// All frames as a list of the wire contract.
    func list() -> [UInt8] {
        var writer = JSONWriter(capacity: 64 + self.size)
        writer.beginArray()
        for item in self.items { FrameWriter.write(item.frame, catchUp: item.isCatchUp, into: &writer) }
        writer.endArray()
        return writer.bytes
    }

    mutating func removeAll() {
        self.items = []
        self.counts = [:]
        self.size = 0
        self.hasFullChannel = false
    }
}
