import EventLog
import LogValues
import Projections

/// The index of a segment that is being read, line by line, from its first line on: that of the live segment, and what
/// an index file is made of.
///
/// Lines are counted from the segment's first, which is 0. About 60 bytes a message.
struct SegmentDraft: Sendable {
    /// A frame of the segment.
    struct Frame: Equatable, Sendable {
        let firstLine: UInt32
        /// Where its header begins, in bytes from the start of the file.
        let offset: UInt64
        /// The times of its lines.
        var times: Times
    }

    /// The times of some lines: of the first, the last, and the outermost, which are those as long as the clock is not set.
    struct Times: Equatable, Sendable {
        var first: Timestamp
        var last: Timestamp
        var earliest: Timestamp
        var latest: Timestamp

        init(_ time: Timestamp) {
            self.init(first: time, last: time, earliest: time, latest: time)
        }

        init(first: Timestamp, last: Timestamp, earliest: Timestamp, latest: Timestamp) {
            self.first = first
            self.last = last
            self.earliest = earliest
            self.latest = latest
        }

        mutating func add(_ time: Timestamp) {
            self.last = time
            self.earliest = min(self.earliest, time)
            self.latest = max(self.latest, time)
        }

        /// Whether all are later than a moment, or none is.
        func areOnOneSide(of moment: Timestamp) -> Bool { self.latest <= moment || self.earliest > moment }
    }

    /// What a segment says about a channel.
    struct Channel: Equatable, Sendable {
        let name: ChannelName
        /// The first line that names it.
        let firstLine: UInt32
        /// The messages posted to it, in order.
        var posted: [UInt32] = []
    }

    /// Keys with lines, in the order of the lines; a key may have several.
    struct LineTable: Sendable {
        private(set) var entries: [(key: UInt64, line: UInt32)] = []
        /// For each entry, the entry before it that has the same key.
        private var previous: [UInt32] = []
        private var latest: [UInt64: UInt32] = [:]

        mutating func append(_ key: UInt64, line: UInt32) {
            let index = UInt32(self.entries.count)
            // An entry that is its own predecessor is the first.
            self.previous.append(self.latest.updateValue(index, forKey: key) ?? index)
            self.entries.append((key, line))
        }

        /// Ascending.
        func lines(of key: UInt64) -> [UInt32] {
            guard var index = self.latest[key] else { return [] }
            var lines = [self.entries[Int(index)].line]
            while case let before = self.previous[Int(index)], before != index {
                lines.append(self.entries[Int(before)].line)
                index = before
            }
            return lines.reversed()
        }
    }

    let segment: SegmentName
    private let hash: IndexHash
    private(set) var frames: [Frame] = []
    private(set) var posts = LineTable()
    private(set) var changes = LineTable()
    /// Erased lines, by their number in the log, with the lines that say so.
    private(set) var erasures = LineTable()
    /// By hash.
    private(set) var channels: [UInt64: [Channel]] = [:]
    private(set) var lineCount: UInt32 = 0

    init(_ segment: SegmentName, hash: IndexHash) {
        self.segment = segment
        self.hash = hash
    }

    /// The next line that it is to be given.
    var nextLine: SequenceNumber { SequenceNumber(self.segment.base.rawValue + UInt64(self.lineCount)) }

    /// The last frame that begins with a line that it has; where to go on reading.
    var lastPlace: FramePlace? {
        self.frames.last.map { FramePlace(segment: self.segment, offset: $0.offset, first: self.number($0.firstLine)) }
    }

    private func number(_ line: UInt32) -> SequenceNumber {
        SequenceNumber(self.segment.base.rawValue + UInt64(line))
    }

    /// Adds the next line.
    ///
    /// - Parameters:
    ///   - line: What it says; nil for a line that is no event, which is found by number only.
    ///   - frameOffset: Where its frame begins in the file.
    mutating func append(_ line: IndexedLine?, frameOffset: UInt64) {
        let number = self.lineCount
        self.lineCount += 1
        // A line that is no event has no time; the one before it does.
        let time = line?.time ?? self.frames.last?.times.last ?? Timestamp(microseconds: 0)
        if let last = self.frames.indices.last, self.frames[last].offset == frameOffset {
            self.frames[last].times.add(time)
        } else {
            self.frames.append(Frame(firstLine: number, offset: frameOffset, times: Times(time)))
        }
        switch line?.subject {
        case .posted(let uuid, let channel):
            self.posts.append(self.hash.message(uuid), line: number)
            guard let channel else { break }
            self.mention(channel, at: number, isPost: true)
        case .changed(let uuid):
            self.changes.append(self.hash.message(uuid), line: number)
        case .erased(let lines):
            for line in lines { self.erasures.append(line, line: number) }
        case .channels(let names):
            for name in names { self.mention(name, at: number, isPost: false) }
        case .nothing, nil:
            break
        }
    }

    private mutating func mention(_ name: ChannelName, at line: UInt32, isPost: Bool) {
        let hash = self.hash.channel(name)
        let index: Int
        if let found = self.channels[hash]?.firstIndex(where: { $0.name == name }) {
            index = found
        } else {
            self.channels[hash, default: []].append(Channel(name: name, firstLine: line))
            index = self.channels[hash, default: []].count - 1
        }
        if isPost { self.channels[hash]?[index].posted.append(line) }
    }
}
