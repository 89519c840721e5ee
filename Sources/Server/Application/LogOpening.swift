import Archive
import EventLog
import Hub
import LogValues
import Logging
import NIOPosix
import Projections
import Synchronization
import SystemPackage

/// Makes what lies in the data directory ready to go on: recovery, erasures that were not finished, the state.
struct LogOpening {
    /// Events that are indexed in some tenths of a second.
    private static let indexedAtOnce: UInt64 = 50_000
    /// Lines of which the hashes are looked at before the start goes on: a second or so.
    private static let hashesMendedAtOnce: UInt64 = 1_000_000

    let configuration: Configuration
    /// The lock on the data directory.
    let lock: LogLock
    let logger: Logger

    /// Opens the log and reads it, and blocks meanwhile.
    ///
    /// - Parameters:
    ///   - isStopping: Ends the reading with a `CancellationError`.
    ///   - newLogID: The id of a log that begins here, where it is known already.
    /// - Returns: The log and its state, at its end.
    /// - Throws: What contradicts, what cannot be read, or that it was to stop.
    func open(_ isStopping: StopFlag, newLogID: String?) throws -> OpenedLog {
        let directory = FilePath(self.configuration.dataDirectory)
        // Before anything is changed.
        if !self.configuration.newNodeKey { try NodeKeyFile(in: directory).refuseLostKey() }
        var settings = EventLogConfiguration(self.configuration).opening(with: self.lock, newLogID: newLogID)
        settings.onShortage = { [logger] error in
            logger.warning("the log goes on, and waits with a new file", metadata: ["error": "\(error)"])
        }
        let (opened, report) = try EventLog.open(directory, configuration: settings)
        self.logger.log(report)
        let sequencer = LocalSequencer(over: opened)
        do {
            try self.mendHashes(report, in: directory)
            try self.finishErasure(of: report.logID, in: directory, sequencer)
            let restored = try self.restore(directory, report, end: sequencer.end ?? .start, isStopping)
            sequencer.knows(epochs: restored.state.nodes.mapValues(\.epoch))
            let snapshots = SnapshotKeeper(
                reader: LogReader(directory),
                logID: report.logID,
                settings: SnapshotSettings(self.configuration),
                newest: restored.snapshot,
                clock: SystemHubClock(),
                logger: self.logger
            ) { sequencer.end }
            let log = OpenLog(
                directory: directory,
                logID: report.logID,
                key: try self.key(of: report.logID, in: directory),
                sequencer: sequencer,
                snapshots: snapshots,
                logger: self.logger
            )
            // A short log is indexed at once, so that nobody is told to wait; what is wrong with it, the service will say.
            if (sequencer.end?.rawValue ?? 0) <= Self.indexedAtOnce { try? log.index.catchUp() }
            return OpenedLog(
                state: restored.state,
                seenByListeners: restored.seenByListeners,
                log: log,
                snapshots: snapshots,
                tree: report.frontier,
                signing: restored.signing
            )
        } catch {
            sequencer.close()
            throw error
        }
    }

    /// After a crash: mends what a power failure may have made of the hashes beside the log, for a long log beside everything
    /// else.
    private func mendHashes(_ report: RecoveryReport, in directory: FilePath) throws {
        let audit = LeafAudit(directory)
        guard !report.isNew, !report.wasClosedCleanly || audit.isPending else { return }
        let logger = self.logger
        let mend: @Sendable () -> Void = {
            do {
                let mended = try audit.run()
                guard !mended.segments.isEmpty else { return }
                logger.warning(
                    "hashes beside the log mended",
                    metadata: ["segments": "\(mended.segments.map(\.fileName))", "kept": "\(mended.kept)"]
                )
            } catch {
                // A cache: the next start tries again.
                logger.warning("hashes beside the log not looked at", metadata: ["reason": "\(error)"])
            }
        }
        // What cannot be noted cannot be mended either, and is no reason not to serve.
        try? audit.begin()
        guard (report.end?.rawValue ?? 0) > Self.hashesMendedAtOnce else { return mend() }
        NIOThreadPool.singleton.submit { _ in mend() }
    }

    /// Before anything is read: what was ordered and not finished when the last run ended.
    private func finishErasure(of logID: String, in directory: FilePath, _ sequencer: LocalSequencer) throws {
        guard let report = try ErasureFiles(directory, logID: logID, sequencer).finish() else { return }
        self.logger.log(report, "erasure finished that the last run had begun")
    }

    /// The state as of the log's end.
    private func restore(
        _ directory: FilePath,
        _ report: RecoveryReport,
        end: SequenceNumber,
        _ isStopping: StopFlag
    ) throws -> StateRestoration.Result {
        let store = SnapshotStore(in: directory)
        try store.removeUnfinished()
        let restoration = StateRestoration(
            store: store,
            reader: LogReader(directory),
            logID: report.logID,
            end: end.rawValue,
            logger: self.logger
        )
        var progress = ReplayProgress(logger: self.logger)
        let restored = try restoration.run {
            if isStopping.isSet { throw CancellationError() }
        } progress: { count, total in
            progress.report(count, of: total)
        }
        progress.finish(restored.eventCount, from: restored.snapshot)
        return restored
    }

    /// The key that signs this node's checkpoints, made at its first start; its name says which log, so that a node may
    /// be renamed.
    private func key(of logID: String, in directory: FilePath) throws -> NodeKey {
        let origin = "channelstream/\(logID)"
        var generator = SystemRandomNumberGenerator()
        let file = NodeKeyFile(in: directory)
        let key = try file.loadOrCreate(
            origin: origin,
            replacingLost: self.configuration.newNodeKey,
            generator: &generator
        )
        if let mode = file.modeOpenToGroup() {
            self.logger.warning(
                "the key's file is open to a group; whoever is in it can sign as this node",
                metadata: ["file": "\(NodeKeyFile.fileName)", "mode": "0\(String(mode, radix: 8))"]
            )
        }
        return key
    }
}

/// A log and all that it holds, ready to go on.
struct OpenedLog: Sendable {
    let state: HubState
    let seenByListeners: SequenceNumber
    let log: OpenLog
    let snapshots: SnapshotKeeper
    /// The tree over all lines of the log.
    let tree: Frontier
    /// Who signs the log.
    let signing: LogSigning
}

/// Set once, from the handler of a signal.
final class StopFlag: Sendable {
    private let flag = Atomic(false)

    func set() {
        self.flag.store(true, ordering: .relaxed)
    }

    var isSet: Bool { self.flag.load(ordering: .relaxed) }
}

extension SnapshotSettings {
    fileprivate init(_ configuration: Configuration) {
        self.init()
        self.interval = UInt64(configuration.snapshotInterval)
        self.retention = RetentionLimits(
            age: configuration.retentionAge,
            sizeBytes: configuration.retentionSize.map { UInt64($0) }
        )
    }
}

extension EventLogConfiguration {
    /// That of a node, which records leaf hashes.
    init(_ configuration: Configuration) {
        self.init()
        self.segmentSizeBytes = configuration.segmentSize
        self.leafRecording = .always
        self.durability =
            switch configuration.durability {
            case .always: .always
            case .interval: .interval(configuration.durabilityInterval)
            case .os: .os
            }
    }
}

extension Logger {
    /// Says what an erasure did.
    func log(_ report: LogErasure.Report, _ message: Logger.Message) {
        self.notice(
            message,
            metadata: [
                "events": "\(report.orders)", "contents": "\(report.erasedCount)",
                "segments": "\(report.segments.map(\.fileName))", "removed": "\(report.removed)",
            ]
        )
    }

    /// Says what opening the log found and did.
    fileprivate func log(_ report: RecoveryReport) {
        self.info(
            "log opened",
            metadata: [
                "log": "\(report.logID)", "segments": "\(report.segmentCount)", "first": "\(report.firstLine)",
                "end": "\(report.end?.rawValue ?? 0)", "clean": "\(report.wasClosedCleanly || report.isNew)",
            ]
        )
        if let cut = report.cut {
            self.warning(
                "torn tail cut",
                metadata: [
                    "segment": "\(cut.segment)", "offset": "\(cut.offset)", "size": "\(cut.sizeBytes)",
                    "kept": "\(cut.keptAs)",
                ]
            )
        }
        for file in report.setAside {
            self.warning("unfinished segment set aside", metadata: ["kept": "\(file)"])
        }
        for witness in report.witnesses {
            self.warning(
                "the log has lost its end, as a power failure may take it at this durability",
                metadata: ["file": "\(witness.file)", "line": "\(witness.line)"]
            )
        }
        for file in report.contradictions {
            self.warning("what contradicts the log was kept", metadata: ["kept": "\(file)"])
        }
    }
}
