import EventLog
import Projections
import SystemPackage

/// The state of a hub as of a place in its log.
struct StateAt {
    private(set) var replay = StateReplay()
    private(set) var tree = Frontier()
    /// The time of the last event that was applied.
    private(set) var time: Timestamp?
    private var scratch: [UInt8] = []

    /// Replays a log up to a place, or to its end.
    ///
    /// A moment's state is that before the first line with a later time.
    ///
    /// - Parameters:
    ///   - directory: The data directory.
    ///   - place: The last line, or a moment.
    ///   - computesRoot: Whether ``tree`` is wanted as well.
    /// - Throws: ``ToolFailure``; also if the log does not reach that far.
    init(_ directory: FilePath, at place: LogPlace?, computesRoot: Bool = false) throws {
        var last: SequenceNumber?
        var end: [UInt8]?
        switch place {
        case .line(let number): last = SequenceNumber(number)
        case .moment(let moment): end = moment.logForm
        case nil: break
        }
        if last?.rawValue == 0 { return }
        let bar = ProgressBar("replaying", for: directory)
        defer { bar.finish() }
        let ending = try withToolFailures {
            try LogScan(directory: directory).forEachLine(through: last) { line, _ in
                if let end, let time = LineFields(line.bytes)?.time, time.compare(end) > 0 { throw Reached() }
                try self.apply(line, computesRoot: computesRoot)
                if line.sequenceNumber.rawValue % 4096 == 0 {
                    bar.update(line.segment, line.blockOffset, line.sequenceNumber.rawValue)
                }
            }
        } orWhenReached: {
            LogScan.Ending.complete(.through)
        }
        if let last, self.replay.state.position.rawValue < last.rawValue {
            throw ToolFailure(.negative, "the log ends at line \(self.replay.state.position)")
        }
        if let failure = ending.failure, place == nil { throw failure }
    }

    /// Thrown to end the reading where the moment is reached.
    fileprivate struct Reached: Error {}

    private mutating func apply(_ line: LogLine, computesRoot: Bool) throws {
        self.time = try self.replay.apply(line).time
        guard computesRoot else { return }
        do {
            self.tree.append(leaf: try Redaction.leafHash(of: line.bytes, scratch: &self.scratch))
        } catch {
            throw ToolFailure(
                .damage,
                "\(line.segment): offset \(line.blockOffset): line \(line.sequenceNumber): \(error)"
            )
        }
    }

    var state: HubState { self.replay.state }

    mutating func digest() -> Digest256 { self.replay.digest() }
}

/// Runs what may end early because its place in the log is reached.
private func withToolFailures<Result>(
    _ body: () throws -> Result,
    orWhenReached reached: () -> Result
) throws -> Result {
    do {
        return try withToolFailures(body)
    } catch is StateAt.Reached {
        return reached()
    }
}
