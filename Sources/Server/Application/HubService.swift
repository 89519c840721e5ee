import Archive
import EventLog
import FanOut
import Following
import Hub
import LogValues
import Logging
import NIOCore
import NIOPosix
import Projections
import ServiceLifecycle
import Synchronization
import SystemPackage
import Web

/// The hub's life: once there is an address, open the log, replay it, serve, and end the epoch.
struct HubService: Service {
    /// How long a follower's stop waits for its primary.
    private static let stopPatience = TimeAmount.seconds(2)

    let configuration: Configuration
    let gate: HubGate
    let logGate: LogGate
    /// Waited for before the log is opened.
    let port: BoundPort
    /// Of the data directory.
    let lock: LogLock
    let fanOut: FanOut
    let eventLoop: any EventLoop
    /// Filled when the listeners were sent away, before this service is told to stop.
    let farewell: ListenersFarewell
    /// Set on a node that follows another.
    let follower: Follower?
    let unsent: UnsentAnswers
    let logger: Logger

    /// What the log holds, ready to go on.
    private struct Opened: Sendable {
        let state: HubState
        let seenByListeners: SequenceNumber
        let log: OpenLog
        let snapshots: SnapshotKeeper
        /// Of all lines in the log.
        let tree: Frontier
        /// Who signs the log.
        let signing: LogSigning
    }

    func run() async throws {
        let isStopping = StopFlag()
        let opened: Opened
        do {
            opened = try await withGracefulShutdownHandler {
                try await self.port.wait()
                if isStopping.isSet { throw CancellationError() }
                let followedLog = try await self.follower?.prepare(stoppingWhen: { isStopping.isSet })
                // Reading a log blocks for as long as it is long.
                return try await NIOThreadPool.singleton.runIfActive {
                    try self.open(isStopping, newLogID: followedLog)
                }
            } onGracefulShutdown: {
                isStopping.set()
                self.port.giveUp()
            }
        } catch is CancellationError where isStopping.isSet {
            if self.port.isBound { self.logger.info("stopped before it was ready") }
            return
        }
        var settings = Hub.Settings(
            node: NodeName(self.configuration.nodeName),
            version: ProductVersion.text
        )
        settings.connectionTimeout = self.configuration.connectionTimeout
        settings.userTimeout = self.configuration.userTimeout
        settings.key = opened.log.key
        settings.isFollower = self.follower != nil
        settings.hasRoomForAnswers = { [unsent] in unsent.hasRoom }
        // A replay that comes by none has seen all lines: behind a snapshot there is always the one that confirms it.
        settings.lastCheckpointSize = opened.signing.lastCheckpointSize ?? 0
        if self.follower == nil { settings.keyChange = self.keyChange(opened) }
        let remote = self.follower.map { _ in RemoteSequencer(over: opened.log.sequencer, node: settings.node) }
        let hub = Hub(
            state: opened.state,
            sequencer: remote ?? opened.log.sequencer,
            fanOut: self.fanOut,
            settings: settings,
            eventLoop: self.eventLoop,
            clock: SystemHubClock(),
            entropy: .system,
            logger: self.logger
        )
        if let follower, let remote {
            try await self.follow(follower, hub, remote, opened)
        } else {
            await hub.start(listenersHadSeen: opened.seenByListeners)
            self.openGates(opened, hub, recordingDrops: self.dropRecorder(hub, opened.log.sequencer))
            try? await gracefulShutdown()
            await hub.stop(listenersBehind: self.farewell.behind)
        }
        await opened.snapshots.stop()
        try await NIOThreadPool.singleton.runIfActive { opened.log.sequencer.close() }
        self.logger.info("stopped")
    }

    private func openGates(
        _ opened: Opened,
        _ hub: any CommandSink,
        recordingDrops record: SnapshotKeeper.DropRecorder? = nil
    ) {
        self.logGate.open(opened.log)
        self.gate.open(hub)
        self.logger.info("ready", metadata: ["events": "\(opened.state.position)"])
        opened.snapshots.start(on: self.eventLoop, recordingDrops: record)
    }

    /// How the log learns of what is about to be dropped; for a thread that may wait.
    private func dropRecorder(_ hub: Hub, _ sequencer: LocalSequencer) -> SnapshotKeeper.DropRecorder {
        { [eventLoop] dropped in
            let reply = eventLoop.makePromise(of: Reply.self)
            hub.submit(.recordDrop(dropped)) { reply.succeed($0) }
            do {
                if case .unavailable(let reason) = try reply.futureResult.wait() {
                    return SnapshotKeeper.DropRefusal(reason)
                }
                // On the disk before anything goes, whatever the durability.
                try sequencer.seal(SequenceNumber(0))
                return nil
            } catch {
                return SnapshotKeeper.DropRefusal("\(error)")
            }
        }
    }

    /// What the log has to say of this node's key, if another one signed it last.
    private func keyChange(_ opened: Opened) -> LogKeyChanged? {
        let directory = opened.log.directory
        var known = (try? NodeKeyFile(in: directory).earlierKeys()) ?? []
        let followed = try? FollowRecord.read(in: directory, named: FollowRecord.promotedFileName)
        known += (try? followed?.verifierKeys()) ?? []
        let key = opened.log.key.verifierKey
        guard let change = opened.signing.change(to: key, knowing: known) else { return nil }
        self.logger.notice(
            "another key signed this log before: the log says so, and auditors have to be told",
            metadata: ["key": "\(change.key)", "earlier": "\(change.earlier)"]
        )
        return change
    }

    /// Serves what is here from the first moment on; commands that become events, from when this node has come up with
    /// its primary.
    private func follow(_ follower: Follower, _ hub: Hub, _ remote: RemoteSequencer, _ opened: Opened) async throws {
        await hub.follow()
        self.openGates(
            opened,
            FollowerSink(hub: hub, status: follower.status, committed: opened.log.sequencer.committed) {
                try await follower.client.end()
            }
        )
        do {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await follower.run(
                        remote,
                        logID: opened.log.logID,
                        tree: opened.tree,
                        erasure: self.erasure(of: opened)
                    ) {
                        await hub.openEpoch(listenersHadSeen: opened.seenByListeners)
                    }
                    return false
                }
                group.addTask {
                    try? await gracefulShutdown()
                    return true
                }
                defer { group.cancelAll() }
                guard try await group.next() == true else { return }
                // The end of the epoch has to go by way of the primary, which may not be there.
                let isAlone = follower.status.report.unreachableSince != nil
                let giveUp = self.eventLoop.scheduleTask(in: isAlone ? .zero : Self.stopPatience) {
                    Task { await hub.abandon(reason: "this node is stopping, and its primary does not answer") }
                }
                await hub.stop(listenersBehind: self.farewell.behind)
                giveUp.cancel()
            }
        } catch {
            await hub.abandon(reason: "\(error)")
            await opened.snapshots.stop()
            try? await NIOThreadPool.singleton.runIfActive { opened.log.sequencer.close() }
            throw error
        }
    }

    /// How a follower erases what its primary has erased.
    private func erasure(of opened: Opened) -> FollowedErasure {
        let log = opened.log
        let files = ErasureFiles(log.directory, logID: log.logID, log.sequencer)
        return FollowedErasure { line throws(FollowError) in
            do throws(EventLogError) {
                try files.expect(orderAt: line)
            } catch {
                throw .own(error)
            }
        } announce: { lines in
            log.erasures.add(lines)
        } finish: { [self] _ in
            let report = try await opened.snapshots.exclusively { try log.finishErasure() }
            if let report { self.logger.log(report, "contents erased, as by the primary") }
        }
    }

    /// Events that are indexed in some tenths of a second.
    private static let indexedAtOnce: UInt64 = 50_000

    /// Blocks while it reads.
    private func open(_ isStopping: StopFlag, newLogID: String?) throws -> Opened {
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
            let restored = try self.restore(directory, report, end: sequencer.end, isStopping)
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
            if sequencer.end <= Self.indexedAtOnce { try? log.index.catchUp() }
            return Opened(
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

    /// Lines of which the hashes are looked at before the start goes on: a second or so.
    private static let hashesMendedAtOnce: UInt64 = 1_000_000

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
        end: UInt64,
        _ isStopping: StopFlag
    ) throws -> StateRestoration.Result {
        let store = SnapshotStore(in: directory)
        try store.removeUnfinished()
        let restoration = StateRestoration(
            store: store,
            reader: LogReader(directory),
            logID: report.logID,
            firstLine: report.firstLine,
            end: end,
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

extension HubService: CustomStringConvertible {
    /// Its name: the service group describes its services in the log, which must not go through all that they hold.
    var description: String { "hub" }
}

/// Set once, from the handler of a signal.
private final class StopFlag: Sendable {
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
    /// What an erasure did.
    fileprivate func log(_ report: LogErasure.Report, _ message: Logger.Message) {
        self.notice(
            message,
            metadata: [
                "events": "\(report.orders)", "contents": "\(report.erasedCount)",
                "segments": "\(report.segments.map(\.fileName))", "removed": "\(report.removed)",
            ]
        )
    }

    /// What opening the log found and did.
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
