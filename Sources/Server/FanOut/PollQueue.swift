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
    private var items: [Item] = []
    private var counts: [ChannelName?: Int] = [:]

    init(settings: PollSettings) {
        self.channelFrameCount = settings.channelFrameCount
        self.privateFrameCount = settings.privateFrameCount
    }

    var isEmpty: Bool { self.items.isEmpty }

    /// Whether the next frame of some channel might push out an older one.
    private(set) var isFull = false

    /// The event of the oldest frame.
    var firstPosition: Position? { self.items.first?.frame.position }

    mutating func append(_ frame: Frame, channel: ChannelName?, isCatchUp: Bool) {
        let limit = channel == nil ? self.privateFrameCount : self.channelFrameCount
        let count = self.counts[channel, default: 0]
        if count >= limit, let oldest = self.items.firstIndex(where: { $0.channel == channel }) {
            self.items.remove(at: oldest)
        } else {
            self.counts[channel] = count + 1
            if count + 1 >= limit { self.isFull = true }
        }
        self.items.append(Item(frame: frame, channel: channel, isCatchUp: isCatchUp))
    }

    /// Takes out what these events said; a frame that says nothing more goes.
    mutating func forgetContent(of lines: Set<Position>) {
        for index in self.items.indices.reversed() {
            if let frame = self.items[index].frame.withoutContent(of: lines) {
                self.items[index].frame = frame
            } else {
                self.counts[self.items.remove(at: index).channel, default: 1] -= 1
            }
        }
    }

    /// All frames as a list of the wire contract; the queue is empty afterwards.
    mutating func takeList() -> [UInt8] {
        var writer = JSONWriter(capacity: 64 + self.items.count * 256)
        writer.beginArray()
        for item in self.items { FrameWriter.write(item.frame, catchUp: item.isCatchUp, into: &writer) }
        writer.endArray()
        self.items = []
        self.counts = [:]
        self.isFull = false
        return writer.bytes
    }
}
