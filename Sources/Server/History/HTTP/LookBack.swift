import Archive
import EventLog
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
/// ``handlers`` go into an ``APIHandler``, and so does the whole, which answers `/info?as_of=`. All of it is for
/// backends, with a signature, and reads the log on threads that may wait for a disk.
package struct LookBack: Sendable {
    private let gate: LogGate
    private let access: AccessControl
    private let now: @Sendable () -> Timestamp
    private let threads = PastStateThreads()
    private let snapshots: SnapshotSource

    /// - Parameters:
    ///   - gate: Where the log appears when it was replayed; until then everything is 503.
    ///   - access: Who may look back.
    ///   - now: The wall clock: a moment that has not come yet has no state.
    ///   - snapshots: States to begin with, so that not everything has to be replayed; by default those on disk.
    package init(
        gate: LogGate,
        access: AccessControl,
        now: @escaping @Sendable () -> Timestamp,
        snapshots: @escaping SnapshotSource = { $0.newestSnapshot(through: $1) }
    ) {
        self.gate = gate
        self.access = access
        self.now = now
        self.snapshots = snapshots
    }

    // MARK: Handlers

    private static let channelsPath = "/channels/"
    private static let messagePath = "/message/"

    /// `/channels/{name}/history`, and `/message/{uuid}/lineage` together with what else there is about a message.
    ///
    /// - Parameter parts: By the last component of `/message/{uuid}/…`.
    /// - Returns: By path, as ``APIHandler`` takes them.
    package func handlers(besideLineage parts: [String: any RequestHandler] = [:]) -> [String: any RequestHandler] {
        let lineage = Handler { request throws(LookBackError) in try await self.lineage(request) }
        let history = Handler { request throws(LookBackError) in try await self.history(request) }
        return [
            Self.channelsPath: LastComponentHandler(["history": history]),
            Self.messagePath: LastComponentHandler(parts.merging(["lineage": lineage]) { $1 }),
        ]
    }

    private struct Handler: RequestHandler {
        let answer: @Sendable (APIRequest) async throws(LookBackError) -> APIResponse

        func respond(to request: APIRequest) async -> APIResponse {
            do throws(LookBackError) {
                return try await self.answer(request)
            } catch {
                return error.response
            }
        }
    }

    private func history(_ request: APIRequest) async throws(LookBackError) -> APIResponse {
        if let refusal = self.access.verdict(on: request).refusal { return refusal }
        guard let name = request.pathPart(after: Self.channelsPath, before: "/history") else { return .notFound }
        let channel = ChannelName(utf8: name)
        let query = try HistoryQuery(request.query)
        return try await self.look { log, view in
            let asOf = try self.position(query.asOf, view)
            guard let page = try ChannelHistory(view: view, channel: channel, range: query.range, asOf: asOf).page()
            else {
                throw LookBackError.unknownChannel
            }
            var writer = JSONWriter(capacity: 16 << 10)
            LookBackWriter.write(page, of: channel, into: &writer)
            return writer.bytes
        }
    }

    private func lineage(_ request: APIRequest) async throws(LookBackError) -> APIResponse {
        if let refusal = self.access.verdict(on: request).refusal { return refusal }
        guard let text = request.pathPart(after: Self.messagePath, before: "/lineage") else { return .notFound }
        guard let uuid = UUID128(lenient: text) else {
            throw .invalid([LookBackError.Fault(name: "uuid", message: ValidationMessage.notAUUID.text)])
        }
        let query = try LineageQuery(request.query)
        return try await self.look { log, view in
            let asOf = try self.position(query.asOf, view)
            guard let lineage = try MessageLineage(of: uuid, after: query.after, asOf: asOf, in: view) else {
                throw LookBackError.unknownMessage
            }
            var writer = JSONWriter(capacity: 4096)
            LookBackWriter.write(lineage, into: &writer)
            return writer.bytes
        }
    }

    /// Answers `/info?as_of=`, once the request has been let in.
    func info(_ options: InfoOptions?, _ query: QueryParameters) async -> APIResponse {
        do throws(LookBackError) {
            let asOf = try AsOf.read(query)
            let options = options ?? InfoOptions()
            return try await self.look(with: self.threads.withThread) { log, view in
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
        } catch {
            return error.response
        }
    }

    // MARK: Looking

    private typealias Blocking = @Sendable () throws -> [UInt8]

    /// Runs `body` where it may block, with the log and its index.
    private func look(
        with run: (@escaping Blocking) async throws -> [UInt8] = { try await NIOThreadPool.singleton.runIfActive($0) },
        _ body: @escaping @Sendable (OpenLog, IndexView) throws -> [UInt8]
    ) async throws(LookBackError) -> APIResponse {
        guard let log = self.gate.log else { throw .unavailable("The log is being replayed; try again.") }
        do {
            return .json(try await run { try log.index.read { view in try body(log, view) } })
        } catch {
            throw LookBackError(error)
        }
    }

    /// The last event that counts.
    ///
    /// - Throws: ``LookBackError`` if the log does not hold that place, or not any more.
    private func position(_ asOf: AsOf?, _ view: IndexView) throws -> SequenceNumber {
        let end = SequenceNumber(view.end?.rawValue ?? 0)
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
        let maker = SnapshotMaker(
            store: SnapshotStore(in: self.directory, fileSystem: self.fileSystem),
            reader: LogReader(self.directory, fileSystem: self.fileSystem),
            logID: self.logID
        ) { 0 }
        return maker.newest(through: position, end: end)?.state
    }
}

extension LookBackError {
    /// What any error of a look back is for the one who asked.
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
        case let error as EventLogError:
            self = .failed("The log cannot be read: \(error)")
        default:
            self = .failed("The log cannot be read: \(error)")
        }
    }
}
