import EventLog
import LogValues
import Projections
import Synchronization
import SystemPackage

/// Erases contents in a log, as a server does, with no server.
enum LogEraser {
    struct Result {
        let search: ErasureSearch
        /// Nil if nothing was changed.
        var report: LogErasure.Report?
    }

    /// Who appends the order: no node.
    private static let source = NodeName("channelstream-log")

    /// Looks through a log, and changes nothing.
    static func look(for target: ErasureTarget, in directory: FilePath, through end: SequenceNumber? = nil) throws
        -> Result
    {
        var search = ErasureSearch(target)
        let first = try SegmentCatalog(directory).firstLine
        try LogReader(directory).forEachLine(from: first, through: end) { line in
            do {
                try search.read(line.bytes)
            } catch {
                throw ToolFailure(.damage, "line \(line.sequenceNumber): \(error)")
            }
        }
        return Result(search: search)
    }

    /// Orders an erasure in the log, and carries it out as whoever opens the log next does: so a crash needs no other way.
    ///
    /// - Throws: ``ToolFailure`` if a server has the log open; `EventLogError` if files are damaged or the disk fails.
    static func erase(
        _ target: ErasureTarget,
        in directory: FilePath,
        orderedBy: String,
        reason: String
    ) throws -> Result {
        var result = try self.withLog(in: directory) { log, erasure in
            // What an earlier call left unfinished comes first.
            _ = try self.finish(erasure, log, directory)
            let result = try self.look(for: target, in: directory, through: log.end)
            guard !result.search.lines.isEmpty else { return result }
            try erasure.begin(after: log.end)
            let order = ErasureOrder(
                target: target,
                lines: result.search.lines,
                messages: result.search.messages,
                orderedBy: orderedBy,
                reason: reason
            )
            log.append(self.batch(order))
            return result
        }
        if !result.search.lines.isEmpty {
            result.report = try self.withLog(in: directory) { log, erasure in try self.finish(erasure, log, directory) }
        }
        return result
    }

    /// Opens the log for writing; when it is closed again, what was appended is on the disk.
    private static func withLog<R>(in directory: FilePath, _ body: (EventLog, LogErasure) throws -> R) throws -> R {
        try self.checkOwner(of: directory)
        let failure = FirstFailure()
        let log: EventLog
        let recovery: RecoveryReport
        do throws(EventLogError) {
            (log, recovery) = try EventLog.open(
                directory,
                configuration: try WritableLog.configuration(for: directory, leafRecording: .ifThere)
            )
        } catch .locked {
            throw ToolFailure(.unreadable, "\(directory): a server has this log open; use its POST /admin/erase")
        }
        defer { log.close() }
        log.attach { failure.note($0) }
        // What a crash left of the hashes is looked at by the hub's next start, which finds a log that was closed cleanly.
        if !recovery.wasClosedCleanly { try? LeafAudit(directory).begin() }
        let result = try body(log, LogErasure(directory, logID: recovery.logID))
        log.close()
        if let error = failure.error { throw error }
        return result
    }

    /// What this process makes belongs to its user, unless that is root: then the hub's user could not go on with it.
    private static func checkOwner(of directory: FilePath) throws {
        guard let owner = try WritableLog.foreignOwner(of: directory) else { return }
        throw ToolFailure(
            .unreadable,
            "the segments in \(directory) belong to the user with number \(owner), who could not open what is written now: "
                + "run this as that user, or as root"
        )
    }

    /// Told on the log's thread.
    private final class FirstFailure: Sendable {
        private let found = Mutex<EventLogError?>(nil)

        func note(_ report: CommitReport) {
            guard case .failed(let error, lineCount: _) = report else { return }
            self.found.withLock { $0 = $0 ?? error }
        }

        var error: EventLogError? { self.found.withLock { $0 } }
    }

    /// The order's events as one proposal.
    private static func batch(_ order: ErasureOrder) -> LineBatch {
        let time = Timestamp(microseconds: PosixClock.microsecondsSince1970())
        let payloads = order.payloads
        var batch = LineBatch()
        for (index, payload) in payloads.enumerated() {
            let event = Event(time: time, source: Self.source, payload: payload)
            batch.append(isLastOfProposal: index == payloads.count - 1) { event.appendHead(to: &$0) }
        }
        return batch
    }

    private static func finish(
        _ erasure: LogErasure,
        _ log: EventLog,
        _ directory: FilePath
    ) throws -> LogErasure.Report? {
        var decoder = EventDecoder()
        return try erasure.finish(
            through: log.end,
            orders: { line in
                guard case .contentErased(let erased) = try decoder.decode(line.bytes).event.payload else { return nil }
                return erased.lines
            },
            seal: { line throws(EventLogError) in try log.seal(line) },
            forgetting: { lines, _ in try Self.forget(lines, in: directory) }
        )
    }

    /// Writes each snapshot again without these contents; one that cannot be read is removed.
    private static func forget(_ lines: [SequenceNumber], in directory: FilePath) throws {
        let store = SnapshotStore(in: directory)
        try store.removeUnfinished()
        let snapshots = try KeptSnapshots(directory)
        for name in snapshots.names {
            do {
                let header = try store.open(name).header
                var state = try snapshots.read(name).state
                state.erase(Set(lines))
                try store.write(header) { file in try state.writeSnapshot { try file.write($0) } }
            } catch EventLogError.fileSystem(let error) {
                throw EventLogError.fileSystem(error)
            } catch {
                Diagnostics.say("snapshots/\(name) cannot be read and is removed: \(error)")
                try store.remove([name])
            }
        }
    }
}
