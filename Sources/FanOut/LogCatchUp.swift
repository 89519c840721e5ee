package import Archive
package import EventLog
import LogValues
import NIOPosix
import Projections
import Synchronization

/// Catches slow sockets up from the log.
///
/// One thread reads, however many wait, and one reading serves up to `groupCount` of them that stand near each other. A
/// reading ends after `stepSize` events, so that nobody waits for the one who is furthest behind. While nobody asks, no
/// file is open.
package final class LogCatchUp: CatchUpSource {
    /// Requests that are served by one reading.
    private static let groupCount = 16
    /// Events that one reading looks at.
    private static let stepSize: UInt64 = 100_000
    /// Places of frames that are remembered, so that a reading does not begin at its segment's start.
    private static let placeCount = 1024

    private struct Waiting: Sendable {
        let request: CatchUpRequest
        let reply: @Sendable (CatchUp?) -> Void
    }

    private struct State {
        var waiting: [Waiting] = []
        var isReading = false
        /// Sorted.
        var places: [FramePlace] = []
    }

    private let log: @Sendable () -> LogReader?
    private let erasures: @Sendable () -> PendingErasures?
    private let state = Mutex(State())

    /// - Parameters:
    ///   - log: The log, once it may be read.
    ///   - erasures: Lines whose contents may still be read there, and are not to be told any more.
    package init(
        _ log: @escaping @Sendable () -> LogReader?,
        erasures: @escaping @Sendable () -> PendingErasures? = { nil }
    ) {
        self.log = log
        self.erasures = erasures
    }

    package func read(_ request: CatchUpRequest, reply: @escaping @Sendable (CatchUp?) -> Void) {
        let begins = self.state.withLock { state in
            state.waiting.append(Waiting(request: request, reply: reply))
            defer { state.isReading = true }
            return !state.isReading
        }
        if begins { self.readNextGroup() }
    }

    /// In the pool of threads that may block, one group after the other.
    private func readNextGroup() {
        NIOThreadPool.singleton.submit { state in
            let group = self.takeGroup()
            if state == .active, let log = self.log() {
                self.serve(group, from: log)
            } else {
                for waiting in group { waiting.reply(nil) }
            }
            let goesOn = self.state.withLock { state in
                state.isReading = !state.waiting.isEmpty
                return state.isReading
            }
            if goesOn { self.readNextGroup() }
        }
    }

    /// Whoever has waited longest, and those who stand within one reading behind him.
    private func takeGroup() -> [Waiting] {
        self.state.withLock { state in
            guard let first = state.waiting.first?.request.after.rawValue else { return [] }
            var group: [Waiting] = []
            state.waiting.removeAll { waiting in
                let after = waiting.request.after.rawValue
                guard group.count < Self.groupCount, after >= first, after - first < Self.stepSize else { return false }
                group.append(waiting)
                return true
            }
            return group
        }
    }

    private func serve(_ group: [Waiting], from reader: LogReader) {
        let erasures = self.erasures()
        while true {
            let orderCount = erasures?.orderCount
            guard let scans = self.scans(for: group, from: reader) else {
                // No longer in the log, or not readable: the sockets cannot go on without a gap.
                for waiting in group { waiting.reply(nil) }
                return
            }
            // What was erased while it was read, and is gone from the disk by now, is told by nobody but the log.
            guard erasures?.orderCount == orderCount else { continue }
            let erased = erasures?.lines ?? []
            for (waiting, scan) in zip(group, scans) {
                waiting.reply(erased.isEmpty ? scan.catchUp : scan.catchUp.withoutContent(of: erased))
            }
            return
        }
    }

    /// Reads the log once for all of them; nil if it cannot be read.
    private func scans(for group: [Waiting], from reader: LogReader) -> [CatchUpScan]? {
        var scans = group.map { CatchUpScan($0.request) }
        do {
            try self.read(&scans, from: reader)
        } catch {
            // A place that was learned before its segment was rewritten; what is really damaged is found again.
            self.state.withLock { $0.places = [] }
            scans = group.map { CatchUpScan($0.request) }
            do {
                try self.read(&scans, from: reader)
            } catch {
                return nil
            }
        }
        return scans
    }

    private func read(_ scans: inout [CatchUpScan], from reader: LogReader) throws {
        guard let first = scans.map(\.next).min() else { return }
        let number = first
        guard var cursor = try reader.cursor(from: number, skippingTo: self.place(before: number)) else { return }
        var decoder = EventDecoder()
        var count: UInt64 = 0
        var frame: (segment: SegmentName, offset: UInt64)?
        while count < Self.stepSize, try cursor.advance() {
            let line = cursor.line
            if frame.map({ $0 != (line.segment, line.frameOffset) }) ?? false {
                self.learn(FramePlace(segment: line.segment, offset: line.frameOffset, first: line.sequenceNumber))
            }
            frame = (line.segment, line.frameOffset)
            let decoded = try decoder.decode(line.bytes)
            var isComplete = true
            for index in scans.indices {
                scans[index].take(decoded.event, at: decoded.position)
                isComplete = isComplete && scans[index].isComplete
            }
            if isComplete { break }
            count += 1
        }
    }

    private func place(before number: SequenceNumber) -> FramePlace? {
        self.state.withLock { state in state.places.last { $0.first <= number } }
    }

    private func learn(_ place: FramePlace) {
        self.state.withLock { state in
            let index = state.places.firstIndex { $0.first >= place.first } ?? state.places.count
            guard index == state.places.count || state.places[index].first != place.first else { return }
            state.places.insert(place, at: index)
            if state.places.count > Self.placeCount { state.places.removeFirst() }
        }
    }
}
