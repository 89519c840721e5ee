import AsyncHTTPClient
package import EventLog
import LogValues
package import Logging
package import NIOCore
import NIOPosix
import NIOSSL
import Projections
import SystemPackage

/// A node that follows another: what it needs beside the parts that every node has.
///
/// Its log is an ordinary log, written by this node from the lines that were shipped; its hub is the hub of any node, whose
/// order is decided elsewhere.
package final class Follower: Sendable {
    package let primary: FollowedPrimary
    package let status = FollowStatus()
    package let promotion = PromotionRequest()
    package let client: PrimaryClient
    private let settings: FollowSettings
    /// The lock on the data directory.
    private let lock: LogLock
    private let http: HTTPClient
    private let logger: Logger

    package init(
        _ primary: FollowedPrimary,
        _ settings: FollowSettings,
        lock: LogLock,
        group: any EventLoopGroup,
        logger: Logger
    ) {
        self.primary = primary
        self.settings = settings
        self.lock = lock
        self.logger = logger
        self.http = HTTPClient(
            eventLoopGroupProvider: .shared(group),
            configuration: HTTPClient.Configuration(trusting: primary.certificates)
        )
        self.client = PrimaryClient(url: primary.url, secret: settings.nodeSecret, http: self.http)
    }

    private var directory: FilePath { self.settings.directory }

    /// Makes the data directory a follower's, and finds out the id of the log: from the disk, or else from the primary,
    /// which is waited for.
    ///
    /// - Parameter isStopping: Whether it is to give up waiting.
    /// - Returns: The id for a log that is not there yet; nil if it is.
    /// - Throws: ``FollowError``; `CancellationError` if it gave up.
    package func prepare(stoppingWhen isStopping: @escaping @Sendable () -> Bool) async throws -> String? {
        let directory = self.directory
        try await NIOThreadPool.singleton.runIfActive {
            try Promotion.checkFollows(self.primary.url, in: directory)
            var record = try FollowRecord.read(in: directory) ?? FollowRecord(url: self.primary.url, keys: [])
            record.url = self.primary.url
            for key in self.primary.keys where !record.keys.contains(key) { record.keys.append(key) }
            _ = try record.verifierKeys()
            try record.write(in: directory)
        }
        if try FollowRecord.read(in: directory)?.beginning == nil {
            guard try SegmentCatalog(directory).segments.isEmpty else { return nil }
            let overview = try await self.firstOverview(isStopping)
            guard overview.first > .first else { return overview.logID }
            try await NIOThreadPool.singleton.runIfActive {
                var record = try FollowRecord.read(in: directory) ?? FollowRecord(url: self.primary.url, keys: [])
                record.beginning = FollowRecord.Beginning()
                try record.write(in: directory)
            }
        }
        try await self.fetchBeginning(isStopping)
        return nil
    }

    private func firstOverview(_ isStopping: @escaping @Sendable () -> Bool) async throws -> LogOverview {
        var isFirst = true
        var backoff = Backoff()
        while true {
            if isStopping() { throw CancellationError() }
            do {
                return try await self.client.overview()
            } catch let error as PrimaryClient.Unreachable {
                if isFirst { self.logger.warning("waiting for the primary", metadata: ["reason": "\(error)"]) }
                isFirst = false
            }
            try await Task.sleep(for: backoff.pause())
        }
    }

    private func fetchBeginning(_ isStopping: @escaping @Sendable () -> Bool) async throws {
        let beginning = LogBeginning(
            client: self.client,
            settings: self.settings,
            lock: self.lock,
            status: self.status,
            logger: self.logger
        )
        self.logger.notice("the primary's first lines were dropped; fetching what stands for them")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await beginning.run() }
            group.addTask {
                while !isStopping() { try await Task.sleep(for: .milliseconds(100)) }
                throw CancellationError()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Follows until it is cancelled.
    ///
    /// - Parameters:
    ///   - sequencer: Over this node's log.
    ///   - logID: The id of that log.
    ///   - tree: The tree of all lines in it.
    ///   - erasure: Takes erased contents out of this node's files.
    ///   - onLevel: Called once, when this node has come up with its primary.
    /// - Throws: ``FollowError`` where going on would be wrong.
    package func run(
        _ sequencer: RemoteSequencer,
        logID: String,
        tree: Frontier,
        erasure: FollowedErasure,
        onLevel: @escaping @Sendable () async -> Void
    ) async throws {
        let thread = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let record = try FollowRecord.read(in: self.directory) ?? FollowRecord(url: self.primary.url, keys: [])
            let intake = try LogIntake(
                on: thread.next(),
                directory: self.directory,
                logID: logID,
                tree: tree,
                record: record,
                sequencer: sequencer,
                status: self.status,
                erasure: erasure,
                logger: self.logger
            )
            let link = PrimaryLink(
                client: self.client,
                intake: intake,
                sequencer: sequencer,
                status: self.status,
                logger: self.logger,
                erasure: erasure
            )
            try await link.run(onLevel: onLevel)
            try await thread.shutdownGracefully()
        } catch {
            try? await thread.shutdownGracefully()
            throw error
        }
    }

    package func shutdown() async {
        try? await self.http.shutdown()
    }
}

extension HTTPClient.Configuration {
    /// - Parameter certificates: A file of certificates in PEM form to trust instead of those that the system trusts.
    fileprivate init(trusting certificates: String?) {
        self.init()
        // Whoever asks tries again, and says why it is needed: a certificate that is not trusted is no reason to wait.
        self.connectionPool.retryConnectionEstablishment = false
        // A node never sends another one elsewhere. Whoever does is to get neither this node's signature nor its help in
        // reaching what only it can reach.
        self.redirectConfiguration = .disallow
        self.timeout = Timeout(connect: .seconds(3))
        guard let certificates else { return }
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(certificates)
        self.tlsConfiguration = tls
    }
}
