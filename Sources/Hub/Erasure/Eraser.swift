package import Archive
import EventLog
import LogValues
package import Logging
import NIOPosix
package import Projections
import Synchronization

/// Erases contents, one order at a time: finds the lines, has the hub order it in the log, and cleans the files.
///
/// Files are read and written on NIO's thread pool, never on an event loop; the hub sees one command.
package final class Eraser: Sendable {
    /// Why nothing was erased, or not everything yet.
    package enum Failure: Error, Equatable {
        case busy
        /// Nothing was begun.
        case unavailable(reason: String)
        /// The log was not what it should be. What was ordered is finished by the next erasure, or at the next start.
        case failed(reason: String)
        /// The same, but a full disk, or another shortage, is to blame, which passes.
        case interrupted(reason: String)
    }

    private let gate: LogGate
    private let sink: any CommandSink
    private let logger: Logger
    private let isFollower: Bool
    private let isBusy = Mutex(false)

    /// - Parameters:
    ///   - gate: Where the log appears when it was replayed.
    ///   - sink: The hub.
    ///   - logger: For what an operator should know.
    ///   - isFollower: Whether another node decides what is erased; then nothing is begun here, nor finished, which would
    ///     meet what comes in.
    package init(gate: LogGate, sink: any CommandSink, logger: Logger, isFollower: Bool = false) {
        self.gate = gate
        self.sink = sink
        self.logger = logger
        self.isFollower = isFollower
    }

    /// Erases what belongs to a target, as far as it was in the log when this was called.
    ///
    /// - Parameters:
    ///   - target: The message, user or channel whose contents go.
    ///   - orderedBy: Who wants it; stays in the log.
    ///   - reason: Why; stays in the log.
    ///   - forgetsChannel: Whether the target, a channel, is to be forgotten as well.
    /// - Returns: What is gone, from the disk as well.
    /// - Throws: ``Failure``.
    package func erase(
        _ target: ErasureTarget,
        orderedBy: String,
        reason: String,
        forgettingChannel forgetsChannel: Bool = false
    ) async throws(Failure) -> ErasureAccount {
        guard !self.isFollower else {
            throw .unavailable(reason: "erase at the primary; the nodes that follow it do the same")
        }
        guard let log = self.gate.log else { throw .unavailable(reason: "the log is being replayed; try again") }
        guard self.isBusy.withLock({ isBusy in !exchange(&isBusy, with: true) }) else { throw .busy }
        defer { self.isBusy.withLock { $0 = false } }
        let files = ErasureFiles(log.directory, logID: log.logID, log.sequencer)
        // What an earlier call left unfinished comes first: its order would be looked for behind this one's start.
        _ = try await self.blocking(log.snapshots) { try log.finishErasure() }
        let (search, end) = try await self.blocking { try files.begin(target) }
        var account = ErasureAccount(search, through: end)
        guard !search.lines.isEmpty || forgetsChannel && search.isKnown else { return account }
        let order = ErasureOrder(
            target: target,
            lines: search.lines,
            messages: search.messages,
            orderedBy: orderedBy,
            reason: reason,
            forgetsChannel: forgetsChannel
        )
        log.erasures.add(search.lines)
        let reply = await self.sink.submit(.erase(order))
        // Also if the hub refused: then nothing was ordered, and that is noted here.
        let report = try await self.blocking(log.snapshots) { try log.finishErasure() }
        if case .unavailable(let reason) = reply, report?.orders.isEmpty ?? true {
            throw .unavailable(reason: reason)
        }
        account.add(report)
        self.logger.notice(
            "contents erased",
            metadata: [
                "event": "\(account.order?.rawValue ?? 0)", "lines": "\(search.lines.count)",
                "segments": "\(account.segments.map(\.fileName))", "removed": "\(account.removed)",
            ]
        )
        return account
    }

    /// Runs what waits for a disk, and, where snapshots are named, no snapshot is being made meanwhile.
    private func blocking<R: Sendable>(
        _ snapshots: SnapshotKeeper? = nil,
        _ body: @escaping @Sendable () throws -> R
    ) async throws(Failure) -> R {
        do {
            if let snapshots { return try await snapshots.exclusively(body) }
            return try await NIOThreadPool.singleton.runIfActive(body)
        } catch {
            self.logger.error("erasure failed", metadata: ["reason": "\(error)"])
            if FileSystemError.shortage(in: error) != nil { throw .interrupted(reason: "\(error)") }
            throw .failed(reason: "\(error)")
        }
    }
}
