import EventLog
import Logging
import NIOCore
import NIOPosix
import Projections
import ServiceLifecycle
import Synchronization
import SystemPackage

/// The hub's life: open the log, replay it, serve, and end the epoch.
struct HubService: Service {
    let configuration: Configuration
    let gate: HubGate
    let logGate: LogGate
    let fanOut: FanOut
    let eventLoop: any EventLoop
    /// Filled when the listeners were sent away, before this service is told to stop.
    let farewell: ListenersFarewell
    let logger: Logger

    /// What the log holds, ready to go on.
    private struct Opened: Sendable {
        let state: HubState
        let seenByListeners: Position
        let log: OpenLog
    }

    func run() async throws {
        let isStopping = StopFlag()
        let opened = try await withGracefulShutdownHandler {
            // Reading a log blocks for as long as it is long.
            try await NIOThreadPool.singleton.runIfActive { try self.open(isStopping) }
        } onGracefulShutdown: {
            isStopping.set()
        }
        var settings = Hub.Settings(
            node: NodeName(self.configuration.nodeName),
            version: ProductVersion.text
        )
        settings.connectionTimeout = self.configuration.connectionTimeout
        settings.userTimeout = self.configuration.userTimeout
        settings.key = opened.log.key
        let hub = Hub(
            state: opened.state,
            sequencer: opened.log.sequencer,
            fanOut: self.fanOut,
            settings: settings,
            eventLoop: self.eventLoop,
            clock: SystemHubClock(),
            entropy: .system,
            logger: self.logger
        )
        await hub.start(listenersHadSeen: opened.seenByListeners)
        self.logGate.open(opened.log)
        self.gate.open(hub)
        self.logger.info("ready", metadata: ["events": "\(opened.state.position)"])
        try? await gracefulShutdown()
        await hub.stop(listenersBehind: self.farewell.behind)
        try await NIOThreadPool.singleton.runIfActive { opened.log.sequencer.close() }
        self.logger.info("stopped")
    }

    /// Blocks while it reads.
    private func open(_ isStopping: StopFlag) throws -> Opened {
        let directory = FilePath(self.configuration.dataDirectory)
        try DataDirectory.create(directory)
        var logID = ""
        let sequencer = try LocalSequencer.over { onCommit throws(EventLogError) in
            let (log, report) = try EventLog.open(
                directory,
                configuration: EventLogConfiguration(self.configuration),
                onCommit: onCommit
            )
            self.logger.log(report)
            logID = report.logID
            return log
        }
        do {
            let key = try self.key(of: logID, in: directory)
            let log = OpenLog(directory: directory, logID: logID, key: key, sequencer: sequencer)
            try self.finishErasure(of: log)
            var replay = LogReplay(into: HubState())
            var progress = ReplayProgress(logger: self.logger, end: sequencer.end)
            try replay.run(LogReader(directory)) { count in
                if isStopping.isSet { throw CancellationError() }
                progress.report(count)
            }
            progress.finish(replay.eventCount)
            return Opened(
                state: replay.state,
                seenByListeners: replay.seenByListeners,
                log: log
            )
        } catch {
            sequencer.close()
            throw error
        }
    }

    /// Before anything is read: what was ordered and not finished when the last run ended.
    private func finishErasure(of log: OpenLog) throws {
        guard let report = try ErasureFiles(log, forgetting: { _, _ in }).finish() else { return }
        self.logger.notice(
            "erasure finished that the last run had begun",
            metadata: [
                "events": "\(report.orders)", "contents": "\(report.erasedCount)",
                "segments": "\(report.segments.map(\.fileName))", "removed": "\(report.removed)",
            ]
        )
    }

    /// The key that signs this node's checkpoints, made at its first start; its name says which log, so that a node may
    /// be renamed.
    private func key(of logID: String, in directory: FilePath) throws -> NodeKey {
        let origin = "channelstream/\(logID)"
        var generator = SystemRandomNumberGenerator()
        return try NodeKeyFile(in: directory).loadOrCreate(origin: origin, generator: &generator)
    }
}

/// Set once, from the handler of a signal.
private final class StopFlag: Sendable {
    private let flag = Atomic(false)

    func set() {
        self.flag.store(true, ordering: .relaxed)
    }

    var isSet: Bool { self.flag.load(ordering: .relaxed) }
}

extension EventLogConfiguration {
    fileprivate init(_ configuration: Configuration) {
        self.init()
        self.segmentSizeBytes = configuration.segmentSize
        self.durability =
            switch configuration.durability {
            case .always: .always
            case .interval: .interval(configuration.durabilityInterval)
            case .os: .os
            }
    }
}

extension Logger {
    /// What opening the log found and did.
    fileprivate func log(_ report: RecoveryReport) {
        self.info(
            "log opened",
            metadata: [
                "log": "\(report.logID)", "segments": "\(report.segmentCount)",
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
    }
}
