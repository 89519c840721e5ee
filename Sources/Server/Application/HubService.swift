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
    /// The lock on the data directory.
    let lock: LogLock
    let fanOut: FanOut
    let eventLoop: any EventLoop
    /// Filled when the listeners were sent away, before this service is told to stop.
    let farewell: ListenersFarewell
    /// Set on a node that follows another.
    let follower: Follower?
    let unsent: UnsentAnswers
    let logger: Logger

    func run() async throws {
        let isStopping = StopFlag()
        let opening = LogOpening(configuration: self.configuration, lock: self.lock, logger: self.logger)
        let opened: OpenedLog
        do {
            opened = try await withGracefulShutdownHandler {
                try await self.port.wait()
                if isStopping.isSet { throw CancellationError() }
                let followedLog = try await self.follower?.prepare(stoppingWhen: { isStopping.isSet })
                // Reading a log blocks for as long as it is long.
                return try await NIOThreadPool.singleton.runIfActive {
                    try opening.open(isStopping, newLogID: followedLog)
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
        _ opened: OpenedLog,
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
                try sequencer.seal(.start)
                return nil
            } catch {
                return SnapshotKeeper.DropRefusal("\(error)")
            }
        }
    }

    /// The event that the log needs about this node's key, if another one signed it last.
    private func keyChange(_ opened: OpenedLog) -> LogKeyChanged? {
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
    private func follow(_ follower: Follower, _ hub: Hub, _ remote: RemoteSequencer, _ opened: OpenedLog) async throws {
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
    private func erasure(of opened: OpenedLog) -> FollowedErasure {
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
}

extension HubService: CustomStringConvertible {
    /// Its name: the service group describes its services in the log, which must not go through all that they hold.
    var description: String { "hub" }
}
