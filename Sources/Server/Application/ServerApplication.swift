import EventLog
import FanOut
import Following
import Hub
import LogValues
package import Logging
import NIOCore
import NIOPosix
import Projections
import ServiceLifecycle
import SystemPackage
import UnixSignals
import Web

/// The running server: its parts made, connected, and stopped in the right order.
package enum ServerApplication {
    /// Open calls may take this long after a signal; the listeners' farewell has its own, shorter time.
    private static let stopTimeout = Duration.seconds(5)
    /// What is still open when everything else has stopped gets this time to end.
    private static let lastWordsTimeout = Duration.milliseconds(500)
    private static let lastRounds = 4

    /// Serves until SIGTERM or SIGINT.
    ///
    /// In this order, so that what keeps it from starting is said at once and leaves nothing behind: the data directory is
    /// locked, the address bound (requests are answered with 503 from then on), the log opened and replayed.
    ///
    /// - Throws: What kept it from starting: another server in the directory, the address, the log, the replay.
    package static func run(_ configuration: Configuration, logger: Logger) async throws {
        self.warn(configuration, logger)
        var configuration = configuration
        configuration.limits.maxConnections = try self.boundConnections(configuration, logger)
        let directory = FilePath(configuration.dataDirectory)
        try DataDirectory.create(directory)
        DataDirectory.warnOfMode(directory, logger)
        if configuration.following == nil { try Promotion.checkServes(directory) }
        let lock = try LogLock.take(in: directory)
        defer { lock.release() }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.threadCount)
        let follower = configuration.following.map {
            Follower($0, configuration.followSettings, lock: lock, group: group, logger: logger)
        }
        let work = OpenWork()
        do {
            try await self.serve(configuration, follower, lock, work, on: group, logger: logger)
        } catch {
            await follower?.shutdown()
            await self.shutDown(group, after: work)
            throw error
        }
        await follower?.shutdown()
        await self.shutDown(group, after: work)
        guard follower?.promotion.isAsked == true else { return }
        // A promotion takes it itself, as the command does, and so does the run after it.
        lock.release()
        try Promotion.run(configuration.followSettings, whileServing: logger)
        configuration.following = nil
        try await self.run(configuration, logger: logger)
    }

    /// Shuts the event loops down, unless somebody still has work for them: then they end with the process.
    private static func shutDown(_ group: MultiThreadedEventLoopGroup, after work: OpenWork) async {
        await work.waitUntilDone(atMost: self.lastWordsTimeout)
        // What is on its way between two loops, such as a connection that was just accepted, arrives in as many rounds.
        for _ in 0..<self.lastRounds {
            for eventLoop in group.makeIterator() { try? await eventLoop.submit {}.get() }
        }
        guard work.isDone else { return }
        try? await group.shutdownGracefully()
    }

    private static func serve(
        _ configuration: Configuration,
        _ follower: Follower?,
        _ lock: LogLock,
        _ work: OpenWork,
        on group: MultiThreadedEventLoopGroup,
        logger: Logger
    ) async throws {
        let gate = HubGate()
        let logGate = LogGate()
        var listeners = FanOutSettings()
        listeners.messageSize = configuration.limits.maxFrameSize
        listeners.handshake.allowedOrigins = configuration.allowedOrigins
        listeners.handshake.offersEcho = configuration.debug
        let fanOut = FanOut(group: group, settings: listeners)
        let catchUpSource = LogCatchUp {
            logGate.log.map { LogReader($0.directory) }
        } erasures: {
            logGate.log?.erasures
        }
        let unsent = UnsentAnswers(limit: configuration.limits.maxUnsentAnswers)
        fanOut.start(commands: gate, catchUpSource: catchUpSource, unsent: unsent)
        let farewell = ListenersFarewell(fanOut: fanOut)
        let port = BoundPort()
        let hub = HubService(
            configuration: configuration,
            gate: gate,
            logGate: logGate,
            port: port,
            lock: lock,
            fanOut: fanOut,
            eventLoop: group.any(),
            farewell: farewell,
            follower: follower,
            unsent: unsent,
            logger: logger
        )
        let application = try self.application(
            configuration,
            gate: gate,
            logGate: logGate,
            port: port,
            follower: follower,
            fanOut: fanOut,
            unsent: unsent,
            work: work,
            group: group,
            logger: logger
        )
        let index = IndexService(gate: logGate, logger: logger)
        // Stopped in reverse: listeners are sent away, looks into the past are broken off, then calls end, then the log
        // is closed.
        let ordered: [any Service] = [hub, application, index, farewell]
        var services = ServiceGroupConfiguration(
            // Also when one of them fails: what is cancelled half-way says so in the log, behind the reason.
            services: ordered.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) },
            gracefulShutdownSignals: ProcessSignals.stopping,
            logger: logger
        )
        services.maximumGracefulShutdownDuration = self.stopTimeout
        let group = ServiceGroup(configuration: services)
        follower?.promotion.whenAsked { Task { await group.triggerGracefulShutdown() } }
        try await group.run()
    }

    private static func application(
        _ configuration: Configuration,
        gate: HubGate,
        logGate: LogGate,
        port: BoundPort,
        follower: Follower?,
        fanOut: FanOut,
        unsent: UnsentAnswers,
        work: OpenWork,
        group: MultiThreadedEventLoopGroup,
        logger: Logger
    ) throws -> some Service {
        let settings = try APISettings(configuration)
        let now: @Sendable () -> Int64 = { Timestamp.wallClock().microseconds / 1_000_000 }
        let sessions = self.adminSessions(configuration, logger)
        let access = AccessControl(
            settings,
            nodes: NodeAccess(
                secret: configuration.effectiveNodeSecret,
                isDocumented: configuration.hasDefaultNodeSecret,
                settings,
                now: now
            ),
            isSignedIn: { sessions.isSignedIn($0.headers) },
            now: now
        )
        let lookBack = LookBack(gate: logGate, now: { .wallClock() })
        let eraser = Eraser(gate: logGate, sink: gate, logger: logger, isFollower: follower != nil)
        let endpoints = AllEndpoints(
            hub: HubEndpoints(sink: gate, limits: settings.limits, lookBack: lookBack),
            lookBack: lookBack,
            listen: ListenEndpoints(fanOut: fanOut),
            evidence: EvidenceEndpoints(gate: logGate, sink: gate, isPublic: configuration.publicCheckpoints),
            log: LogEndpoints(
                gate: logGate,
                sink: gate,
                node: configuration.nodeName,
                maxBodySize: configuration.limits.maxBodySize,
                following: follower.map { .init(url: $0.primary.url, status: $0.status, promotion: $0.promotion) }
            ),
            admin: AdminEndpoints(sessions: sessions, sink: gate) { logGate.trouble },
            erase: EraseEndpoint(eraser: eraser, maximumDepth: settings.limits.depth)
        )
        let router = Router(EndpointTable(endpoints.all), access: access, settings: settings, work: work)
        let server = HTTPServer(
            settings: try HTTPConnectionSettings(configuration, settings),
            upgrades: { fanOut.shard(on: $0) },
            responder: router,
            unsent: unsent,
            gauge: work.connections
        )
        return ListeningService(
            server: server,
            work: work,
            host: configuration.host,
            port: configuration.port,
            bound: port,
            group: group,
            logger: logger
        )
    }

    /// The sessions of admins; those that were signed out stay so over a restart where cookies outlive one.
    private static func adminSessions(_ configuration: Configuration, _ logger: Logger) -> AdminSessions {
        let now: @Sendable () -> Int64 = { Timestamp.wallClock().microseconds / 1000 }
        let file = SignedOutFile(in: FilePath(configuration.dataDirectory), logger: logger)
        let isKept = !configuration.cookieSecret.isEmpty
        return AdminSessions(
            user: configuration.adminUser,
            password: configuration.adminSecret,
            cookieSecret: configuration.cookieSecret,
            now: now,
            revoked: isKept ? file.read(now: now()) : RevokedSessions(),
            keep: { current in
                if isKept { await file.write(current) }
            }
        )
    }

    /// Raises the limit of open files, and keeps as many of them as everything else needs from the sockets.
    ///
    /// - Returns: The most sockets at once.
    private static func boundConnections(_ configuration: Configuration, _ logger: Logger) throws -> Int {
        let wanted = configuration.limits.maxConnections
        let budget = try DescriptorBudget(
            limit: Descriptors.raiseLimit(),
            eventLoops: configuration.threadCount,
            wanted: wanted
        )
        if budget.connections < wanted {
            logger.warning(
                "fewer connections than max_connections: the system grants too few open files",
                metadata: [
                    "max_connections": "\(wanted)", "connections": "\(budget.connections)",
                    "open_files": "\(budget.limit)",
                ]
            )
        }
        return budget.connections
    }

    /// Says what an operator should know before anybody connects.
    private static func warn(_ configuration: Configuration, _ logger: Logger) {
        for notice in configuration.notices { logger.warning(notice.message, metadata: notice.metadata) }
        let defaultNodeSecret = configuration.hasDefaultNodeSecret && configuration.effectiveNodeSecret != nil
        for key in configuration.defaultSecretKeys + (defaultNodeSecret ? ["node_secret"] : []) {
            logger.warning(
                "default secret in use; set your own before anybody else can reach it",
                metadata: ["key": "\(key)"]
            )
        }
        if configuration.effectiveNodeSecret == nil {
            logger.info("no node may follow this one", metadata: ["reason": "node_secret is not set"])
        }
    }
}

extension Configuration {
    /// The settings for the parts that follow another node.
    var followSettings: FollowSettings {
        FollowSettings(
            directory: FilePath(self.dataDirectory),
            nodeName: self.nodeName,
            nodeSecret: self.nodeSecret,
            log: EventLogConfiguration(self),
            replacesLostKey: self.newNodeKey
        )
    }

    fileprivate var threadCount: Int {
        self.eventLoopThreads > 0 ? self.eventLoopThreads : UsableProcessors.count
    }
}

extension APISettings {
    fileprivate init(_ configuration: Configuration) throws {
        self.init()
        self.secret = configuration.secret
        self.validatesAge = configuration.validateRequests
        self.allowedAddresses = try AddressRules(configuration.allowPostingFrom)
        self.cors = CORSPolicy(allowing: configuration.allowCORS)
        self.enforcesHTTPS = configuration.enforceHTTPS
        self.limits.depth = configuration.limits.maxJSONDepth
        self.limits.bodySize = configuration.limits.maxBodySize
        self.limits.batchCount = configuration.limits.maxBatch
    }
}

extension HTTPConnectionSettings {
    fileprivate init(_ configuration: Configuration, _ api: APISettings) throws {
        self.init()
        self.headSize = configuration.limits.maxHeaderSize
        self.targetSize = configuration.limits.maxURLSize
        self.bodySize = configuration.limits.maxBodySize
        self.connectionCount = configuration.limits.maxConnections
        self.socket.sendBufferSize = configuration.limits.sendBufferSize
        self.crossOrigin = api.cors.headers(for: nil)
        self.trustedProxies = try AddressRules(configuration.trustedProxies)
        self.forcedScheme = configuration.httpScheme?.rawValue
    }
}
