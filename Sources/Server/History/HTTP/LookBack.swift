import Archive
import EventLog
import Following
import HTTPTypes
package import Hub
package import LogValues
import NIOCore
import NIOPosix
package import Projections
import RawJSON
package import Web

/// The newest state, of those that are kept, at a position or before it; nil if there is none.
package typealias SnapshotSource = @Sendable (OpenLog, SequenceNumber) -> HubState?

/// Looking back over HTTP: a channel's messages over all of time, what became of a message, and the state as of then.
///
/// All of it is for backends, and reads the log on threads that may wait for a disk.
package struct LookBack: Sendable {
    let gate: LogGate
    private let now: @Sendable () -> Timestamp
    private let threads = PastStateThreads()
    private let snapshots: SnapshotSource

    /// - Parameters:
    ///   - gate: Where the log appears when it was replayed; until then everything is 503.
    ///   - now: The wall clock: a moment that has not come yet has no state.
    ///   - snapshots: States to begin with, so that not everything has to be replayed; by default those on disk.
    package init(
        gate: LogGate,
        now: @escaping @Sendable () -> Timestamp,
        snapshots: @escaping SnapshotSource = { $0.newestSnapshot(through: $1) }
    ) {
        self.gate = gate
        self.now = now
        self.snapshots = snapshots
    }

    package var all: [Endpoint] { [self.channelHistory, self.messageLineage] }

    /// Answers `/info?as_of=` from an open log.
    func info(_ options: InfoOptions?, _ request: APIRequest, _ log: OpenLog) async throws(Refusal) -> APIResponse {
        let asOf = try Parameters.read(request.query) { AsOf.read(&$0) }
        let options = options ?? InfoOptions()
        return try await self.look(into: log, with: self.threads.withThread) { view in
            let source = PastState.Source(
                reader: LogReader(log.directory, fileSystem: log.fileSystem),
                first: view.first ?? .first,
                place: { view.place(of: $0) },
                isStopped: { log.index.isStopped },
                snapshot: { self.snapshots(log, $0) },
                erased: view.erased
            )
            let state = try PastState.state(at: try self.position(asOf, view), in: source)
            var writer = JSONWriter(capacity: 4096)
            ChannelsInfoWriter.write(state, channels: options.channels, options: options, into: &writer)
            return writer.bytes
        }
    }

    typealias Blocking = @Sendable () throws -> [UInt8]

    /// Runs `body` where it may block, with the log's index.
    func look(
        into log: OpenLog,
        with run: (@escaping Blocking) async throws -> [UInt8] = { try await NIOThreadPool.singleton.runIfActive($0) },
        _ body: @escaping @Sendable (IndexView) throws -> [UInt8]
    ) async throws(Refusal) -> APIResponse {
        do {
            return .json(try await run { try log.index.read(body) })
        } catch {
            throw Refusal(LookBackError(error))
        }
    }

    /// The last event that counts.
    ///
    /// - Throws: ``LookBackError`` if the log does not hold that place, or not any more.
    func position(_ asOf: AsOf?, _ view: IndexView) throws -> SequenceNumber {
        let end = view.end ?? .start
        let beforeFirst = SequenceNumber((view.first ?? .first).rawValue - 1)
        switch asOf {
        case nil:
            return end
        case .position(let position):
            guard position <= end else { throw LookBackError.behindEnd(view.end) }
            guard position >= beforeFirst else { throw LookBackError.beforeFirst(view.first ?? .first) }
            return position
        case .moment(let moment):
            guard moment <= self.now() else { throw LookBackError.inFuture }
            if let last = try view.lastLine(through: moment) { return last }
            guard beforeFirst == .start else { throw LookBackError.beforeFirst(view.first ?? .first) }
            return .start
        }
    }
}

extension OpenLog {
    /// The state of the newest snapshot at a position or before it that a checkpoint of the log confirms; nil if there is
    /// none.
    fileprivate func newestSnapshot(through position: SequenceNumber) -> HubState? {
        guard let end = self.end else { return nil }
        let store = SnapshotStore(in: self.directory, fileSystem: self.fileSystem)
        let reader = LogReader(self.directory, fileSystem: self.fileSystem)
        let snapshots = ConfirmedSnapshots(store, of: reader, logID: self.logID)
        // What is wrong with the log, the replay will say.
        return try? snapshots.newest(through: position, end: end)?.state
    }
}

extension LookBackError {
    /// The refusal that an error of a look back is for the one who asked.
    fileprivate init(_ error: any Error) {
        switch error {
        case let error as LookBackError:
            self = error
        case PastStateError.busy:
            self = .unavailable("Other states are being rebuilt; try again.")
        case PastStateError.stopped, EventLogError.closed:
            self = .unavailable("The server is stopping.")
        case PastStateError.beforeFirst(let first):
            self = .beforeFirst(first)
        case IndexError.building(let done, let count):
            self = .unavailable("The log is being indexed (\(done) of \(count) segments); try again.")
        case IndexError.unusable(let segment):
            self = .failed("The index of \(segment) cannot be used.")
        case let error where FileSystemError.shortage(in: error) != nil:
            self = .unavailable("The log, or its index, cannot be read or written now (\(error)); try again.")
        default:
            self = .failed("The log cannot be read: \(error)")
        }
    }
}

extension Refusal {
    init(_ error: LookBackError) {
        switch error {
        case .unknownChannel: self.init(.notFound, "The log names no such channel.")
        case .unknownMessage: self.init(.notFound, "The log names no such message.")
        case .behindEnd(let end): self.init("as_of", .other("The log ends at \(end?.rawValue ?? 0)."))
        case .inFuture: self.init("as_of", .other("That moment has not come yet."))
        case .beforeFirst(let first): self.init(.gone, "What was before event \(first) is not kept any more.")
        case .unavailable(let reason): self = .unavailable(reason)
        case .failed(let reason): self.init(.internalServerError, reason)
        }
    }
}
