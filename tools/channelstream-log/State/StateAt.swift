import Archive
import EventLog
import LogValues
import Projections
import RawJSON
import SystemPackage

/// The state of a hub as of a place in its log.
struct StateAt {
    private(set) var state = HubState()
    private(set) var tree = Frontier()
    /// The time of the last event that was applied.
    private(set) var time: Timestamp?

    /// Replays a log up to a place, or to its end, from a snapshot on if there is one before that place.
    ///
    /// A moment's state is that after the last line that had been written then (`MomentSearch`).
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - place: The last line, or a moment.
    ///   - computesRoot: Whether ``tree`` is wanted as well.
    /// - Throws: ``ToolFailure``; also if the log does not reach that far, or not back that far.
    init(_ directory: FilePath, at place: LogPlace?, computesRoot: Bool = false) throws {
        let last = try withToolFailures { try Self.line(of: place, in: directory) }
        if last?.rawValue == 0 { return }
        let start = try withToolFailures { try ReplayStart.newest(in: directory, for: last) }
        var replay = start.map { LogReplay(from: $0) } ?? LogReplay()
        var tree = start?.frontier ?? Frontier()
        var scratch: [UInt8] = []
        let bar = ProgressBar("replaying", for: directory)
        defer { bar.finish() }
        // The last line that the snapshot stands for is read too, if it is kept: for its time.
        let first = try start.map { max($0.name.through, try firstLine(directory)) }
        let ending = try withToolFailures {
            try LogScan(directory: directory).forEachSoundLine(from: first, through: last) { line in
                if let start, line.sequenceNumber <= start.name.through {
                    var decoder = EventDecoder()
                    self.time = try decoder.decode(line).event.time
                    return
                }
                self.time = try replay.apply(line).time
                if computesRoot { tree.append(leaf: try Self.leaf(of: line, &scratch)) }
                if line.sequenceNumber.rawValue % 4096 == 0 {
                    bar.update(line.segment, line.blockOffset, line.sequenceNumber.rawValue)
                }
            }
        }
        self.state = replay.state
        self.tree = tree
        if let last, self.state.position < last {
            throw ToolFailure(.negative, "the log ends at line \(self.state.position)")
        }
        if let failure = ending.failure, place == nil { throw failure }
    }

    /// The last line that belongs to the state at a place; nil: the log's last.
    private static func line(of place: LogPlace?, in directory: FilePath) throws -> SequenceNumber? {
        switch place {
        case .line(let number): return SequenceNumber(number)
        case nil: return nil
        case .moment(let moment):
            // All lines are looked at: a clock that was set makes the log pass a moment more than once.
            var search = MomentSearch(moment.timestamp)
            do {
                _ = try LogScan(directory: directory).forEachSoundLine(from: try firstLine(directory)) { line in
                    guard let fields = LineFields(line.bytes), let time = Timestamp(logForm: fields.time) else {
                        return
                    }
                    search.take(time, at: line.sequenceNumber)
                }
            } catch let error as EventLogError {
                guard search.isPassed else { throw error }
                Diagnostics.say("the moment was looked for before this only: \(error)")
            }
            return search.result
        }
    }

    private static func leaf(of line: LogLine, _ scratch: inout [UInt8]) throws -> Hash256 {
        do {
            return try Redaction.leafHash(of: line.bytes, scratch: &scratch)
        } catch {
            throw ToolFailure(
                .damage,
                "\(line.place): \(error)"
            )
        }
    }

    mutating func digest() -> Hash256 { self.state.digest() }
}

/// The first line that is kept.
private func firstLine(_ directory: FilePath) throws -> SequenceNumber {
    try withToolFailures { try SegmentCatalog(directory).firstLine }
}
