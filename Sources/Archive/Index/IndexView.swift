package import EventLog
package import LogValues
import Projections
import RawJSON
import Synchronization

/// The index as of one moment, for the questions of one request.
///
/// What is committed later is not in it. Made by ``MessageIndex/read(_:)``, which repeats the request if a
/// ``StaleIndex`` is thrown. One thread at a time.
package final class IndexView {
    private let index: MessageIndex
    /// In order; those that have a line.
    let segments: [SegmentName]
    /// The last line; nil if there is none.
    package let end: SequenceNumber?
    /// Lines that are shown as erased.
    package let erased: Set<SequenceNumber>
    private var redacted: [UInt8] = []
    private var reader: LineReader

    init(_ index: MessageIndex, end: SequenceNumber?) {
        self.index = index
        self.end = end
        self.erased = index.erasures.lines
        self.reader = LineReader(index.directory, fileSystem: index.fileSystem) { number in
            index.contents.withLock { $0.place(of: number) }
        }
        self.segments = index.contents.withLock { contents in
            contents.sealed.map(\.segment) + (contents.live.map { $0.lineCount > 0 ? [$0.segment] : [] } ?? [])
        }
    }

    var hash: IndexHash { self.index.hash }

    /// The first line that is kept; nil if there is none.
    package var first: SequenceNumber? { self.segments.first?.base }

    // MARK: The log

    /// Has the disk begin with what reading these lines takes, if they are many.
    func prepare(_ numbers: [SequenceNumber]) {
        if numbers.count > 1 { self.reader.prepare(numbers) }
    }

    /// Reads a line, without its content if that is being erased.
    ///
    /// Lines are best asked for in ascending order: see ``LineReader``.
    ///
    /// - Throws: ``StaleIndex`` if the line is not where the index says.
    func line<R>(at number: SequenceNumber, _ body: (Bytes) throws -> R) throws -> R {
        do {
            if let made = try Self.read(number, &self.reader, self.erased, &self.redacted, body) { return made }
        } catch EventLogError.damaged {
            // Perhaps the index is wrong about where the line stands. If not, making it anew finds the damage.
        } catch EventLogError.missingLine where number >= self.first ?? number {
            // The segment was dropped meanwhile.
        }
        throw StaleIndex(segment: self.segment(of: number))
    }

    private static func read<R>(
        _ number: SequenceNumber,
        _ reader: inout LineReader,
        _ erased: Set<SequenceNumber>,
        _ redacted: inout [UInt8],
        _ body: (Bytes) throws -> R
    ) throws -> R? {
        guard let line = try reader.line(at: number) else { return nil }
        return try erased.withShownBytes(of: line.bytes, at: number, &redacted, body)
    }

    /// The segment that a line is in; the first one that is kept for an earlier line.
    func segment(of number: SequenceNumber) -> SegmentName {
        self.segments.last { $0.base <= number } ?? self.segments.first ?? SegmentName(base: .first)
    }

    /// Where the frame begins that holds a line.
    package func place(of number: SequenceNumber) -> FramePlace? {
        self.index.contents.withLock { $0.place(of: number) }
    }

    /// Asks the index of a segment; nothing if the segment has been dropped meanwhile.
    ///
    /// - Throws: ``StaleIndex`` if its file is damaged.
    func ask<R>(
        _ segment: SegmentName,
        _ question: (any SegmentLookup) throws(IndexFileError) -> R
    ) throws -> R? {
        typealias Found = (sealed: SegmentIndex?, answer: Result<R, IndexFileError>?)
        let found = self.index.contents.withLock { contents -> Found in
            if let sealed = contents.lastSealed(through: segment.base), sealed.segment == segment {
                return (sealed, nil)
            }
            guard let live = contents.live, live.segment == segment else { return (nil, nil) }
            do throws(IndexFileError) {
                return (nil, .success(try question(live)))
            } catch {
                return (nil, .failure(error))
            }
        }
        do throws(IndexFileError) {
            guard let sealed = found.sealed else { return try found.answer?.get() }
            return try question(try SegmentIndex.Lookup(sealed, self.index.fileSystem))
        } catch {
            throw StaleIndex(segment: segment)
        }
    }

    // MARK: Messages

    /// The lines about a message, in order: post, edits, deletion, and the erasures of any of these.
    func lines(ofMessage uuid: UUID128) throws -> [SequenceNumber] {
        let hash = self.hash.message(uuid)
        var candidates: [SequenceNumber] = []
        for segment in self.segments {
            let lines = try self.ask(segment) { lookup throws(IndexFileError) in
                try (lookup.posts(ofMessage: hash) + lookup.changes(ofMessage: hash)).sorted()
            }
            candidates += self.numbers(lines ?? [], of: segment)
        }
        let named = try candidates.filter { number in
            try self.line(at: number) { IndexedLine($0)?.subject.message == uuid }
        }
        return Array(Set(named + (try self.erasures(ofLines: named)))).sorted()
    }

    /// Lines that say of one of these lines that it was erased.
    func erasures(ofLines lines: [SequenceNumber]) throws -> [SequenceNumber] {
        guard let first = lines.min() else { return [] }
        var found: Set<SequenceNumber> = []
        for segment in self.segments where self.mayHoldLines(after: first, segment) {
            let erasures = try self.ask(segment) { lookup throws(IndexFileError) in
                var erasures: [UInt32] = []
                for line in lines { erasures += try lookup.erasures(ofLine: line.rawValue) }
                return erasures
            }
            found.formUnion(self.numbers(erasures ?? [], of: segment))
        }
        return found.sorted()
    }

    /// Lines that may edit or delete one of these messages, ascending; of other messages with the same hash, too.
    func changes(
        ofMessages uuids: Set<UUID128>,
        after first: SequenceNumber,
        through last: SequenceNumber
    ) throws -> [SequenceNumber] {
        let hashes = Set(uuids.map(self.hash.message)).sorted()
        var found: [SequenceNumber] = []
        for segment in self.segments where segment.base <= last && self.mayHoldLines(after: first, segment) {
            let lines = try self.ask(segment) { lookup throws(IndexFileError) in
                var lines: [UInt32] = []
                for hash in hashes { lines += try lookup.changes(ofMessage: hash) }
                return lines
            }
            found += self.numbers(lines ?? [], of: segment).filter { $0 > first && $0 <= last }
        }
        return found.sorted()
    }

    // MARK: Channels

    /// Lines that may post to a channel, in a range: `limit` of those at its end, or at its start; ascending.
    func posts(
        toChannel name: ChannelName,
        in range: ClosedRange<SequenceNumber>,
        limit: Int,
        fromEnd: Bool
    ) throws -> [SequenceNumber] {
        let hash = self.hash.channel(name)
        var found: [[SequenceNumber]] = []
        var left = limit
        for segment in fromEnd ? self.segments.reversed() : self.segments where left > 0 {
            guard segment.base <= range.upperBound, self.mayHoldLines(after: range.lowerBound, segment) else {
                continue
            }
            let lines = self.lines(of: range, in: segment)
            let posted = try self.ask(segment) { lookup throws(IndexFileError) in
                try lookup.posted(toChannel: hash, in: lines, limit: left, fromEnd: fromEnd)
            }
            let numbers = self.numbers(posted ?? [], of: segment)
            left -= numbers.count
            found.append(numbers)
        }
        return found.flatMap { $0 }.sorted()
    }

    /// Whether the log names a channel in a line up to this one.
    func isKnown(_ name: ChannelName, through last: SequenceNumber) throws -> Bool {
        let hash = self.hash.channel(name)
        for segment in self.segments where segment.base <= last {
            let mentions = try self.ask(segment) { lookup throws(IndexFileError) in
                try lookup.mentions(ofChannel: hash)
            }
            for number in self.numbers(mentions ?? [], of: segment) where number <= last {
                let isNamed = try self.line(at: number) { IndexedLine($0)?.subject.names(name) ?? false }
                if isNamed { return true }
            }
        }
        return false
    }

    // MARK: Time

    /// The last line that had been written at a moment (`MomentSearch`); nil if the first line that is kept is later.
    package func lastLine(through moment: Timestamp) throws -> SequenceNumber? {
        guard let end = self.end, let first = self.first else { return nil }
        var search = MomentSearch(moment)
        for (index, segment) in self.segments.enumerated() {
            let frames = self.index.contents.withLock { $0.frames(of: segment) }
            let next = index + 1 < self.segments.count ? self.segments[index + 1].base : end.next
            for (index, frame) in frames.enumerated() {
                let start = frame.place(in: segment).first
                let behind = index + 1 < frames.count ? frames[index + 1].place(in: segment).first : next
                let last = min(SequenceNumber(behind.rawValue - 1), end)
                guard start <= last else { break }
                try self.take(frame, start...last, into: &search)
            }
        }
        guard let last = search.result, last.rawValue >= first.rawValue else { return nil }
        return last
    }

    /// Lines are read only of a frame that is on both sides of the moment: one, unless the clock was set.
    private func take(
        _ frame: SegmentDraft.Frame,
        _ lines: ClosedRange<SequenceNumber>,
        into search: inout MomentSearch
    ) throws {
        guard !frame.times.areOnOneSide(of: search.moment) else {
            search.take(frame.times.first, at: lines.lowerBound)
            search.take(frame.times.last, at: lines.upperBound)
            return
        }
        var number = lines.lowerBound
        while number <= lines.upperBound {
            let time = try self.line(at: number) { IndexedLine($0)?.time }
            if let time { search.take(time, at: number) }
            number = number.next
        }
    }

    // MARK: Numbers

    private func numbers(_ lines: [UInt32], of segment: SegmentName) -> [SequenceNumber] {
        lines.map { SequenceNumber(segment.base.rawValue + UInt64($0)) }.filter { line in
            self.end.map { line <= $0 } ?? false
        }
    }

    /// Whether a segment is not wholly before a line.
    private func mayHoldLines(after number: SequenceNumber, _ segment: SegmentName) -> Bool {
        guard let index = self.segments.firstIndex(of: segment), index + 1 < self.segments.count else { return true }
        return self.segments[index + 1].base > number
    }

    /// The part of a range that may be in a segment, counted from its first line.
    private func lines(of range: ClosedRange<SequenceNumber>, in segment: SegmentName) -> Range<UInt32> {
        let base = segment.base.rawValue
        let lower = max(range.lowerBound.rawValue, base) - base
        let upper = max(range.upperBound.rawValue, base) - base
        return UInt32(clamping: lower)..<UInt32(clamping: upper + 1)
    }
}

extension IndexedLine.Subject {
    /// The message that is posted, edited or deleted.
    var message: UUID128? {
        switch self {
        case .posted(let uuid, _), .changed(let uuid): uuid
        case .erased, .channels, .nothing: nil
        }
    }

    /// Whether a channel is posted to, comes into being, or is joined.
    func names(_ channel: ChannelName) -> Bool {
        switch self {
        case .posted(_, let name): name == channel
        case .channels(let names): names.contains(channel)
        case .changed, .erased, .nothing: false
        }
    }
}

extension MessageIndex.Contents {
    /// Where the frame begins that holds a line.
    func place(of number: SequenceNumber) -> FramePlace? {
        if let live = self.live, live.segment.base <= number { return live.frames.place(of: number, in: live.segment) }
        guard let sealed = self.lastSealed(through: number) else { return nil }
        return sealed.frames.place(of: number, in: sealed.segment)
    }

    /// The frames of a segment; none if it was dropped meanwhile.
    func frames(of segment: SegmentName) -> [SegmentDraft.Frame] {
        if let live = self.live, live.segment == segment { return live.frames }
        guard let sealed = self.lastSealed(through: segment.base), sealed.segment == segment else { return [] }
        return sealed.frames
    }
}

extension SegmentDraft.Frame {
    func place(in segment: SegmentName) -> FramePlace {
        let first = SequenceNumber(segment.base.rawValue + UInt64(self.firstLine))
        return FramePlace(segment: segment, offset: self.offset, first: first)
    }
}

extension [SegmentDraft.Frame] {
    /// Where the frame begins that holds a line of this segment.
    func place(of number: SequenceNumber, in segment: SegmentName) -> FramePlace? {
        let line = number.rawValue - segment.base.rawValue
        var (low, high) = (0, self.count)
        while low < high {
            let middle = (low + high) / 2
            if UInt64(self[middle].firstLine) <= line { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : self[low - 1].place(in: segment)
    }
}
