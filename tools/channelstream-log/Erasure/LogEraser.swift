import Archive
import EventLog
import LogValues
import Projections
import SystemPackage

/// Erases contents in a log, as a server does, with no server.
enum LogEraser {
    /// Who appends the order: no node.
    private static let source = NodeName("channelstream-log")

    /// Orders an erasure in the log, and carries it out as whoever opens the log next does: so a crash needs no other way.
    ///
    /// - Throws: ``ToolFailure`` if a server has the log open; `EventLogError` if files are damaged or the disk fails.
    static func erase(
        _ target: ErasureTarget,
        in directory: FilePath,
        orderedBy: String,
        reason: String
    ) throws -> ErasureAccount {
        var account = try self.withLog(in: directory) { log, files in
            // What an earlier call left unfinished comes first.
            _ = try files.finish()
            let (search, end) = try files.begin(target)
            if !search.lines.isEmpty {
                let order = ErasureOrder(
                    target: target,
                    lines: search.lines,
                    messages: search.messages,
                    orderedBy: orderedBy,
                    reason: reason
                )
                log.append(self.batch(order))
            }
            return ErasureAccount(search, through: end)
        }
        if account.lineCount > 0 {
            account.add(try self.withLog(in: directory) { _, files in try files.finish() })
        }
        return account
    }

    /// Opens the log for writing; when it is closed again, what was appended is on the disk.
    private static func withLog<R>(in directory: FilePath, _ body: (EventLog, ErasureFiles) throws -> R) throws -> R {
        try self.checkOwner(of: directory)
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
        // What a crash left of the hashes is looked at by the hub's next start, which finds a log that was closed cleanly.
        if !recovery.wasClosedCleanly { try? LeafAudit(directory).begin() }
        let files = ErasureFiles(
            directory,
            logID: recovery.logID,
            end: { log.end },
            seal: { line throws(EventLogError) in try log.seal(line) },
            onRemoval: { Diagnostics.say("snapshots/\($0) cannot be read and is removed: \($1)") }
        )
        let result = try body(log, files)
        log.close()
        if let failure = log.failure { throw failure }
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
}
