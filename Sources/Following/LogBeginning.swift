import Archive
import EventLog
import Hub
import LogValues
import Logging
import NIOCore
import NIOPosix
import Projections
import SystemPackage

/// Begins the copy of a log whose first segments were dropped: what stands for the dropped lines, and all that are kept.
///
/// In this order, each step going on where a crash or a lost contact ended it:
/// 1. the primary's newest snapshot, byte for byte the file that its key signed
/// 2. the lines that are kept, up to what the primary signs as its end then: the tree of the first segment's header and
///    the leaves of these lines have to give that root, so they are all what they were at the primary
/// 3. the leaf hashes of the dropped lines, which have to give the tree in that header
/// 4. the snapshot again: the log behind it must hold a checkpoint with its root and its state digest
///
/// Only then does the mark ``FollowRecord/beginning`` go, and a start uses the directory like any other. Nothing that is
/// here before that is served, replayed or trusted.
struct LogBeginning: Sendable {
    /// How often something is fetched anew that is not what was signed.
    private static let attempts = 3

    let client: PrimaryClient
    let settings: FollowSettings
    /// The lock on the data directory.
    let lock: LogLock
    let status: FollowStatus
    let logger: Logger
    /// For pauses between tries.
    var backoff = Backoff()

    private var directory: FilePath { self.settings.directory }
    private var store: SnapshotStore { SnapshotStore(in: self.directory) }

    /// Runs until the beginning is there.
    ///
    /// - Throws: ``FollowError`` where going on would be wrong; `CancellationError`.
    func run() async throws {
        var backoff = self.backoff
        while true {
            do {
                let snapshot = try await self.fetchSnapshot()
                let (logID, end) = try await self.fetchLines(from: snapshot)
                try await self.fetchHashes()
                try await self.confirm(snapshot, logID: logID, through: end)
                try await self.change { $0.beginning = nil }
                return self.logger.notice(
                    "the log's beginning is here",
                    metadata: ["snapshot": "\(snapshot)", "end": "\(end)"]
                )
            } catch FollowError.missingLines(_, let first) {
                // Nothing of it was used, so it can be begun again, further on.
                self.logger.warning("the primary has dropped lines meanwhile", metadata: ["first": "\(first)"])
                try await self.beginAnew()
            }
            try await Task.sleep(for: backoff.pause())
        }
    }

    private func beginAnew() async throws {
        let directory = self.directory
        try await self.blocking { try UnfinishedCopy.remove(in: directory) }
        try await self.change { $0.beginning = FollowRecord.Beginning() }
    }

    // MARK: The snapshot

    /// The snapshot to begin with, fetched if it is not here.
    private func fetchSnapshot() async throws -> SnapshotName {
        let store = self.store
        if let name = try await self.blocking({ try store.names().last }) { return name }
        var failures = 0
        var backoff = self.backoff
        while true {
            let note = try await self.newestSnapshot()
            let transfer = ShippedSnapshot(note, into: store)
            guard try await self.fetch(note, transfer) else {
                try await Task.sleep(for: backoff.pause())
                continue
            }
            if try await self.blocking({ try transfer.finish() }) {
                self.logger.info(
                    "snapshot fetched",
                    metadata: ["snapshot": "\(note.name)", "size": "\(note.sizeBytes)"]
                )
                return note.name
            }
            // Written anew while it was fetched, as by an erasure; or not what was signed.
            failures += 1
            guard failures < Self.attempts else {
                throw FollowError.contradiction(.snapshotFile(through: note.name.through))
            }
        }
    }

    /// Asks for the signed note of the primary's newest snapshot; what came in of another one is dropped.
    private func newestSnapshot() async throws -> SnapshotNote {
        let overview = try await self.patiently { try await self.client.overview() }
        let key = try overview.verifierKey
        try await self.change { _ = try $0.pin(key) }
        guard let text = try await self.patiently({ try await self.client.newestSnapshot() }) else {
            throw FollowError.noSnapshot(first: overview.first)
        }
        let note: SnapshotNote
        do {
            let origin = "channelstream/\(overview.logID)"
            note = try SnapshotNote(verifying: text, with: try self.record().verifierKeys(), origin: origin)
        } catch let error as CheckpointError {
            throw FollowError.badNote(error)
        }
        guard note.name.through.next >= overview.first else { throw FollowError.noSnapshot(first: overview.first) }
        let kept = String(decoding: text, as: UTF8.self)
        if try self.record().beginning?.snapshot != kept {
            let transfer = ShippedSnapshot(note, into: self.store)
            try await self.blocking { try transfer.forget() }
            try await self.change { $0.beginning = FollowRecord.Beginning(snapshot: kept) }
        }
        return note
    }

    /// Fetches the file; false if the primary has it no more.
    private func fetch(_ note: SnapshotNote, _ transfer: ShippedSnapshot) async throws -> Bool {
        while true {
            let size = try await self.blocking { try transfer.sizeBytes() }
            guard size < note.sizeBytes else { return true }
            let part = try await self.patiently { try await self.client.snapshotPart(note.name, from: size) }
            guard let part else { return false }
            // Shorter than it was: it is not that file any more, which its digest will tell.
            guard part.readableBytes > 0 else { return true }
            try await self.blocking { try transfer.append(Array(part.readableBytesView).span) }
        }
    }

    // MARK: The lines

    /// Fetches the lines that are kept, up to the primary's end.
    private func fetchLines(from snapshot: SnapshotName) async throws -> (logID: String, end: SequenceNumber) {
        let directory = self.directory
        let (logID, frontier) = try await self.place(snapshot)
        var configuration = self.settings.log.opening(with: self.lock, newLogID: logID)
        configuration.beginning = frontier
        // The hashes before come first, and those of these lines behind them.
        configuration.leafRecording = .never
        configuration.isBeginning = true
        let (sequencer, tree) = try await self.blocking { [configuration] in
            let (log, report) = try EventLog.open(directory, configuration: configuration)
            return (LocalSequencer(over: log), report.frontier)
        }
        let thread = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let result: Result<Void, any Error>
        do {
            try await self.link(over: sequencer, logID: logID, tree: tree, on: thread.next()).catchUp()
            result = Task.isCancelled ? .failure(CancellationError()) : .success(())
        } catch {
            result = .failure(error)
        }
        let end = sequencer.end ?? .start
        try? await self.blocking { sequencer.close() }
        try? await thread.shutdownGracefully()
        try result.get()
        return (logID, end)
    }

    private func link(
        over sequencer: LocalSequencer,
        logID: String,
        tree: Frontier,
        on eventLoop: any EventLoop
    ) throws -> PrimaryLink {
        let files = ErasureFiles(self.directory, logID: logID, sequencer)
        // What is noted is carried out by the start that follows, before anything is read.
        let erasure = FollowedErasure { line throws(FollowError) in
            do throws(EventLogError) {
                try files.expect(orderAt: line)
            } catch {
                throw .own(error)
            }
        } finish: { _ in
        }
        let remote = RemoteSequencer(over: sequencer, node: NodeName(self.settings.nodeName))
        let intake = try LogIntake(
            on: eventLoop,
            directory: self.directory,
            logID: logID,
            tree: tree,
            record: self.record(),
            sequencer: remote,
            status: self.status,
            erasure: erasure,
            logger: self.logger
        )
        return PrimaryLink(
            client: self.client,
            intake: intake,
            sequencer: remote,
            status: self.status,
            logger: self.logger,
            erasure: erasure
        )
    }

    /// The log, and the tree before its first line here: as the first segment says that is here, or else the primary's
    /// first, whose word is not taken for it: its lines have to give what is signed.
    private func place(_ snapshot: SnapshotName) async throws -> (logID: String, Frontier) {
        let directory = self.directory
        var backoff = self.backoff
        while true {
            let own = try await self.blocking { try Self.firstHeader(in: directory) }
            if let own { return (own.logID, own.frontier) }
            let overview = try await self.patiently { try await self.client.overview() }
            guard overview.first <= snapshot.through.next else {
                throw FollowError.missingLines(next: snapshot.through.next, first: overview.first)
            }
            let name = SegmentName(base: overview.first)
            let answer = try await self.patiently { try await self.client.chunk(of: name, from: 0) }
            guard case .chunk(let chunk) = answer else {
                try await Task.sleep(for: backoff.pause())
                continue
            }
            let header = try await self.blocking { () throws(EventLogError) in
                var segment = try ShippedSegment(name, in: directory)
                if segment.size == 0 { try segment.append(chunk.bytes.readableBytesUInt8Span) }
                _ = try segment.advance()
                return segment.header
            }
            guard let header, header.base == overview.first, header.logID == overview.logID else {
                throw FollowError.notAPrimary(url: self.client.url, "its first segment does not begin with a header")
            }
            return (header.logID, header.frontier)
        }
    }

    private static func firstHeader(in directory: FilePath) throws(EventLogError) -> SegmentHeader? {
        guard let first = try SegmentCatalog(directory).segments.first else { return nil }
        return try LogReader(directory).header(of: first)
    }

    // MARK: The hashes

    /// Fetches the leaf hashes of the lines before the first; proofs begin with that line if the primary lacks them.
    private func fetchHashes() async throws {
        let directory = self.directory
        guard let header = try await self.blocking({ try Self.firstHeader(in: directory) }) else { return }
        let frontier = header.frontier
        for _ in 0..<Self.attempts {
            while let count = try await self.blocking({ try Self.missingHashes(before: frontier, in: directory) }) {
                let start = frontier.size - count
                let part = try await self.patiently { try await self.client.hashes(after: start, count: count) }
                guard part.readableBytes >= Hash256.byteCount else {
                    self.logger.notice(
                        "the primary has no hashes of dropped lines; proofs begin here",
                        metadata: ["line": "\(header.base)"]
                    )
                    return try await self.blocking {
                        try HashTree(in: directory, .readAndWrite).removeAll(startingAt: frontier)
                    }
                }
                try await self.blocking { try Self.append(part, to: directory) }
            }
            if try await self.blocking({ try Self.keepHashes(before: frontier, in: directory) }) { return }
            // A power failure may have left them of an earlier try.
        }
        throw FollowError.contradiction(.hashes(through: frontier.size))
    }

    /// How many are to be fetched; nil: none.
    private static func missingHashes(before frontier: Frontier, in directory: FilePath) throws -> UInt64? {
        let tree = try HashTree(in: directory, .readAndWrite)
        return tree.size < frontier.size ? frontier.size - tree.size : nil
    }

    private static func append(_ part: ByteBuffer, to directory: FilePath) throws {
        let tree = try HashTree(in: directory, .readAndWrite)
        var part = part
        while let bytes = part.readSlice(length: Hash256.byteCount) {
            if let leaf = Hash256(bytes: Array(bytes.readableBytesView).span) { try tree.append(leaf: leaf) }
        }
        try tree.flush()
    }

    /// Brings them to the disk, and those of the lines that are here, if they give the tree that the log begins with; forgets
    /// them if not.
    private static func keepHashes(before frontier: Frontier, in directory: FilePath) throws -> Bool {
        let tree = try HashTree(in: directory, .readAndWrite)
        guard tree.firstLine == .first || tree.size == frontier.size,
            try tree.root(ofFirst: frontier.size) == frontier.root
        else {
            try tree.removeAll()
            return false
        }
        try tree.catchUp()
        try tree.sync()
        return true
    }

    // MARK: The snapshot, in the light of the log

    private func confirm(_ snapshot: SnapshotName, logID: String, through end: SequenceNumber) async throws {
        let (store, directory) = (self.store, self.directory)
        try await self.blocking {
            let snapshots = ConfirmedSnapshots(store, of: LogReader(directory), logID: logID)
            do {
                _ = try snapshots.load(snapshot, through: end)
            } catch let error where SnapshotTrouble.blamesSnapshot(error) {
                try store.remove([snapshot])
                throw FollowError.contradiction(.snapshot(through: snapshot.through, "\(error)"))
            }
        }
    }

    // MARK: Helpers

    private func record() throws(FollowError) -> FollowRecord {
        try FollowRecord.read(in: self.directory) ?? FollowRecord(url: self.client.url, keys: [])
    }

    private func change(_ body: @escaping @Sendable (inout FollowRecord) throws -> Void) async throws {
        let directory = self.directory
        let record = try self.record()
        try await self.blocking {
            var changed = record
            try body(&changed)
            if changed != record { try changed.write(in: directory) }
        }
    }

    private func blocking<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        do {
            return try await NIOThreadPool.singleton.runIfActive(body)
        } catch let error as EventLogError {
            throw FollowError.ownLog("\(error)")
        } catch let error as CheckpointError {
            throw FollowError.ownLog("\(error)")
        }
    }

    /// Asks again for as long as the primary cannot be reached.
    private func patiently<R: Sendable>(_ body: () async throws -> R) async throws -> R {
        var backoff = self.backoff
        while true {
            do {
                return try await body()
            } catch let error as PrimaryClient.Unreachable {
                if self.status.lostContact() {
                    self.logger.warning("primary not reachable", metadata: ["reason": "\(error)"])
                }
            }
            try await Task.sleep(for: backoff.pause())
        }
    }
}
